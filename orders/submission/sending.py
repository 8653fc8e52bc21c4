"""Sending what waits: claim, commit, speak once, write down the answer."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from structlog.contextvars import bound_contextvars

from orders import doorbell, providers, rate, service_types, sql
from orders.enums import OrderStatus
from orders.models import Order, Provider
from orders.moments import Stopwatch
from orders.submission import answers, claims, gate
from orders.upstream.errors import AnswerUnknown, NotSent, Refused

log = structlog.get_logger(__name__)

BUDGET_SECONDS = 20.0
"""How long one run goes on claiming, well under the task's time limit with one slow answer."""

PAGE = 200


@dataclass
class Sent:
    """What one run did: how many submissions ended in which outcome."""

    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.outcomes.total()

    def __str__(self) -> str:
        said = ", ".join(f"{count} {name}" for name, count in sorted(self.outcomes.items()))
        return said or "nothing to send"


def submit_due(
    now: datetime, provider_id: int | None = None, *, budget_seconds: float = BUDGET_SECONDS
) -> Sent:
    """Send waiting orders, provider by provider, the oldest first, until none or no time is left.

    Safe to run any number of times at once: each order is claimed by one of them.
    """
    watch, sent = Stopwatch(now), Sent()
    for provider in _providers(provider_id):
        if not gate.cost_is_fresh(provider, now, gate.panel()):
            doorbell.ring("orders.sync_catalog", provider.pk)
            continue
        for order_id in _waiting(provider, watch.now):
            if watch.seconds > budget_seconds:
                doorbell.ring("orders.submit_due", provider.pk)
                return sent
            if _is_stopped(provider):
                break
            if not rate.allow(provider, urgent=True):
                break
            if outcome := submit_order(order_id, watch.now):
                sent.outcomes[outcome] += 1
    return sent


def submit_order(order_id: int, now: datetime, *, probing: bool = False) -> str:
    """Claim and send one order; the outcome of its submission, or "" if it was not ours to send."""
    watch = Stopwatch(
        now
    )  # from here: a claim that took long must not look younger than its answer
    with bound_contextvars(order=order_id):
        claim = claims.claim(order_id, now, probing=probing)
        return "" if claim is None else send(claim, watch)


def send(claim: claims.Claim, watch: Stopwatch) -> str:
    """Speak once about what is claimed, and write down the answer; the submission's outcome."""
    order, submission = claim.order, claim.submission
    account = order.provider
    answer: answers.Answer
    with providers.client_for(account) as client:
        parameters = service_types.parameters(
            service_types.by_slug(order.service_type), order.details, order.upstream_service_id
        )
        try:
            answer = client.add(
                parameters,
                send_before=claim.send_before,
                idempotency_key=submission.idempotency_key,
            )
        except (NotSent, Refused, AnswerUnknown) as error:
            answer = error
    # If it cannot be kept the claim expires, and the order is unconfirmed.
    outcome = sql.insist(
        lambda: answers.record(submission.pk, answer, watch.now, repeat=submission.repeats),
        f"submission {submission.pk}",
    )
    log.info(
        "submission.answered",
        order=order.pk,
        provider=account.name,
        outcome=outcome,
        seconds=round(watch.seconds, 3),
    )
    return outcome


def _providers(provider_id: int | None) -> list[Provider]:
    waiting = Order.objects.filter(status=OrderStatus.WAITING).values("provider")
    found = Provider.objects.select_related("state").filter(pk__in=waiting).order_by("pk")
    return list(found if provider_id is None else found.filter(pk=provider_id))


def _waiting(provider: Provider, now: datetime) -> Iterator[int]:
    last = 0
    while True:
        ids = list(
            Order.objects.filter(claims.due(now), provider=provider, pk__gt=last)
            .order_by("pk")
            .values_list("pk", flat=True)[:PAGE]
        )
        yield from ids
        if len(ids) < PAGE:
            return
        last = ids[-1]


def _is_stopped(provider: Provider) -> bool:
    fresh = Provider.objects.select_related("state").get(pk=provider.pk)
    return gate.provider_hold(fresh, gate.panel()) is not None
