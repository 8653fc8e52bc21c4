"""What refills and cancel requests share: each is sent at most once, a batch at a time.

Claim and commit, speak once, write down the answer. A lost answer is `unknown`, which only a
person (or, for a cancel request, the order's own end) settles.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from orders import connections, history, panel_settings, provider_health, rate, sql
from orders.enums import EventKind, ProviderHold, RefusalFamily
from orders.models import Cancellation, Provider, Refill
from orders.moments import Stopwatch
from orders.persons import Person, visible_orders
from orders.upstream.client import Client
from orders.upstream.errors import AnswerUnknown, NotSent, Refused, UpstreamError
from orders.upstream.replies import ItemError

log = structlog.get_logger(__name__)

REQUESTED, SENDING, UNKNOWN = "requested", "sending", "unknown"
"""The statuses that refills and cancel requests have in common."""

SILENT_HOLDS = frozenset({ProviderHold.KEY, ProviderHold.DOWN, ProviderHold.BUSY})
"""While sending is held for these, nothing else is sent either; want of funds hinders nothing."""

MOST_BATCHES = 20
"""Batches that one run sends to one provider."""

LOST = "The answer was lost. It may or may not have reached the provider."

RESTORED = "The database was restored from a backup; it may have been sent since."

Answers = Mapping[str, Any]
Send = Callable[[Client, Sequence[str], float], Answers]


@dataclass(frozen=True)
class Kind:
    """What differs between the two."""

    model: type[Refill] | type[Cancellation]
    event: EventKind
    accepted: str
    declined: str
    send: Send
    id_of: Callable[[Any], str]


@dataclass(frozen=True)
class Item:
    """One request in a batch."""

    pk: int
    order_id: int
    upstream_order_id: str


@dataclass(frozen=True)
class Batch:
    """Requests that this process alone may send, until `send_before` (monotonic seconds)."""

    token: UUID
    items: tuple[Item, ...]
    send_before: float

    @property
    def ids(self) -> list[str]:
        return [item.upstream_order_id for item in self.items]


def visible(kind: Kind, who: Person) -> QuerySet[Any]:
    """The requests about orders that this person may see."""
    rows: QuerySet[Any] = kind.model._default_manager.all()
    return rows if who.sees_all else rows.filter(order__in=visible_orders(who))


class Stop(Exception):
    """Nothing more goes to this provider in this run."""


# ── Sending ──────────────────────────────────────────────────────────────────────────────────


def send_requested(kind: Kind, now: datetime) -> int:
    """Send what was requested, provider by provider; returns how many requests were written to
    one. Safe to run any number of times at once."""
    expire_claims(kind, now)
    watch = Stopwatch(now)
    return sum(_send_to(kind, provider, watch) for provider in _providers(kind, now))


def _providers(kind: Kind, now: datetime) -> list[Provider]:
    panel = panel_settings.current()
    if panel.not_sent or panel.is_elsewhere:
        return []
    rows: Any = kind.model._default_manager
    asked = rows.filter(status=REQUESTED).values("provider")
    found = Provider.objects.select_related("state").filter(pk__in=asked, not_sent=False)
    return [
        provider
        for provider in found.order_by("pk")
        if provider.state.hold not in SILENT_HOLDS
        and not provider_health.resting(provider, now)
        and connections.opens(provider)
    ]


def _send_to(kind: Kind, provider: Provider, watch: Stopwatch) -> int:
    sent = 0
    with connections.client_for(provider) as client:
        for _ in range(MOST_BATCHES):
            if not rate.allow(provider):
                break
            batch = claim(kind, provider)
            if batch is None:
                break
            try:
                _send_batch(kind, provider, client, batch, watch)
            except Stop:
                break
            sent += len(batch.items)
    return sent


def _send_batch(
    kind: Kind, provider: Provider, client: Client, batch: Batch, watch: Stopwatch
) -> None:
    answers = _ask(kind, provider, client, batch, watch)
    if len(batch.items) > 1 and _is_one_refusal(answers, batch):
        # The provider may know the single form only; nothing was accepted, so each may go alone.
        _send_singly(kind, provider, client, batch, watch)
        return
    record(kind, batch, answers, watch.now)


def _send_singly(
    kind: Kind, provider: Provider, client: Client, batch: Batch, watch: Stopwatch
) -> None:
    left = list(batch.items)
    while left and time.monotonic() < batch.send_before and rate.allow(provider):
        alone = Batch(batch.token, (left[0],), batch.send_before)
        record(kind, alone, _ask(kind, provider, client, alone, watch, rest=left[1:]), watch.now)
        left.pop(0)
    _give_back(kind, batch.token, left)


def _ask(
    kind: Kind,
    provider: Provider,
    client: Client,
    batch: Batch,
    watch: Stopwatch,
    rest: Sequence[Item] = (),
) -> Answers:
    """One request. What is known not to have been taken goes back; raises `Stop` then."""
    try:
        answers = kind.send(client, batch.ids, batch.send_before)
    except AnswerUnknown as error:
        provider_health.failed(provider.pk, error, watch.now)
        record(kind, batch, {}, watch.now)
        _give_back(kind, batch.token, rest)
        raise Stop from error
    except (NotSent, Refused) as error:
        if isinstance(error, Refused) and error.family == RefusalFamily.REQUEST:
            return dict.fromkeys(batch.ids, ItemError(error.text))
        _note(provider, error, watch.now)
        _give_back(kind, batch.token, [*batch.items, *rest])
        raise Stop from error
    provider_health.answered(provider.pk, watch.now)
    return answers


def _is_one_refusal(answers: Answers, batch: Batch) -> bool:
    """Whether every single one was refused, all in the same words."""
    said = {answers.get(upstream_id) for upstream_id in batch.ids}
    return len(said) == 1 and isinstance(said.pop(), ItemError)


def _note(provider: Provider, error: UpstreamError, now: datetime) -> None:
    if isinstance(error, Refused) and error.family == RefusalFamily.RATE_LIMIT:
        provider_health.rate_limited(provider.pk, error, now)
    elif error.reason != "late":
        provider_health.failed(provider.pk, error, now)


# ── Claims ───────────────────────────────────────────────────────────────────────────────────


def claim(kind: Kind, provider: Provider) -> Batch | None:
    """Make the oldest requests ours to send; None: there are none left."""
    token, deadline = uuid4(), provider.total_timeout
    send_before = time.monotonic() + deadline
    ids = _oldest(kind, provider)
    # By the real clock, like every lease. Twice the deadline: a claim never runs out while its
    # request is under way.
    expires = timezone.now() + timedelta(seconds=2 * deadline)
    _still_asked(kind, ids).update(status=SENDING, claim=token, claim_expires_at=expires)
    ours = kind.model._default_manager.filter(claim=token, status=SENDING).order_by("pk")
    items = ours.values_list("pk", "order_id", "order__upstream_id")
    found = tuple(Item(pk, order_id, upstream or "") for pk, order_id, upstream in items)
    return Batch(token, found, send_before) if found else None


def _oldest(kind: Kind, provider: Provider) -> list[int]:
    asked = kind.model._default_manager.filter(provider=provider, status=REQUESTED)
    return list(asked.order_by("pk").values_list("pk", flat=True)[: provider.batch_size])


def _still_asked(kind: Kind, ids: Sequence[int]) -> QuerySet[Any]:
    rows: QuerySet[Any] = kind.model._default_manager.all()
    return rows.filter(pk__in=ids, status=REQUESTED)


def expire_claims(kind: Kind, now: datetime) -> int:
    """Requests whose sender is gone: nobody knows what became of them. Returns how many."""
    rows = kind.model._default_manager
    gone = rows.filter(status=SENDING, claim_expires_at__lt=timezone.now())
    found = list(gone.values_list("pk", "order_id")[:1000])
    expired = 0
    for pk, order_id in found:
        with sql.short_transaction():
            if gone.filter(pk=pk).update(status=UNKNOWN, answer=LOST, changed_at=now):
                tell(kind, pk, order_id, UNKNOWN, now, detail=LOST)
                expired += 1
    return expired


def doubt_requested(kind: Kind, now: datetime) -> int:
    """Requests that a restored database believes to be unsent: nobody knows. Returns how many."""
    requested = kind.model._default_manager.filter(status=REQUESTED)
    doubted = 0
    for pk, order_id in list(requested.values_list("pk", "order_id")):
        with sql.short_transaction():
            if requested.filter(pk=pk).update(status=UNKNOWN, answer=RESTORED, changed_at=now):
                tell(kind, pk, order_id, UNKNOWN, now, detail=RESTORED)
                doubted += 1
    return doubted


def _give_back(kind: Kind, token: UUID, items: Sequence[Item]) -> None:
    ours = kind.model._default_manager.filter(
        pk__in=[item.pk for item in items], claim=token, status=SENDING
    )
    ours.update(status=REQUESTED, claim=None, claim_expires_at=None)


# ── Answers ──────────────────────────────────────────────────────────────────────────────────


def record(kind: Kind, batch: Batch, answers: Answers, at: datetime) -> None:
    """Write down what came of each request; one that was not answered is `unknown`.

    An answer that comes after its claim ran out still counts, unless a person has settled it.
    """
    sql.insist(lambda: _record_all(kind, batch, answers, at), f"{len(batch.items)} {kind.event}")


@sql.repeated_on_deadlock
def _record_all(kind: Kind, batch: Batch, answers: Answers, at: datetime) -> None:
    with sql.short_transaction():
        # A line of history refers to its order, which a report may hold locked: by id, as there.
        for item in sorted(batch.items, key=lambda item: item.order_id):
            _record(kind, batch.token, item, answers.get(item.upstream_order_id), at)


def _record(kind: Kind, token: UUID, item: Item, answer: Any, at: datetime) -> None:
    values = _values(kind, answer, at)
    ours = kind.model._default_manager.filter(
        pk=item.pk, claim=token, status__in=[SENDING, UNKNOWN]
    ).exclude(status=values["status"])
    try:
        with transaction.atomic():
            recorded = ours.update(**values, changed_at=at)
    except IntegrityError:
        # Asked about by that number, the other one's news would be taken for ours.
        values |= _without_number(kind, item, values["upstream_id"])
        recorded = ours.update(**values, changed_at=at)
    if not recorded:
        log.warning("followup.late_answer", kind=kind.event, pk=item.pk)
        return
    tell(kind, item.pk, item.order_id, values["status"], at, detail=values["answer"])


def _without_number(kind: Kind, item: Item, upstream_id: str) -> dict[str, str]:
    ours = kind.model._default_manager.get(pk=item.pk)
    other = holder(kind, ours, upstream_id)
    said = f"Answered with number {upstream_id}, which that of order {other} has."
    return {"upstream_id": "", "answer": said}


def holder(kind: Kind, ours: Refill | Cancellation, upstream_id: str) -> int | None:
    """The order whose request at the same provider has this number, however it stands."""
    rows: Any = kind.model._default_manager
    held = rows.filter(provider=ours.provider_id, upstream_id=upstream_id).exclude(pk=ours.pk)
    return held.values_list("order_id", flat=True).first()


def _values(kind: Kind, answer: Any, at: datetime) -> dict[str, Any]:
    if answer is None:
        return {"status": UNKNOWN, "answer": LOST, "sent_at": at}
    if isinstance(answer, ItemError):
        said = answer.text[:300]
        return {"status": kind.declined, "answer": said, "sent_at": at, "ended_at": at}
    upstream_id = kind.id_of(answer)[:64]
    return {"status": kind.accepted, "answer": "", "sent_at": at, "upstream_id": upstream_id}


def tell(
    kind: Kind,
    pk: int,
    order_id: int,
    status: str,
    at: datetime,
    *,
    person_id: int | None = None,
    detail: str = "",
) -> None:
    """A line in the order's history. `data` names the request and what it has become."""
    data = {str(kind.event): pk, "now": str(status)}
    history.note(order_id, kind.event, at, person_id=person_id, detail=detail, **data)
