"""A house in the middle of its work: something for every job to ask or send, and bystanders."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orders import (
    balances,
    cancellations,
    catalog,
    connections,
    polling,
    refills,
    statuses,
    submission,
)
from orders.enums import (
    CancellationStatus,
    OrderStatus,
    ProviderHold,
    RefillStatus,
    SubmissionOutcome,
)
from orders.models import (
    Cancellation,
    Family,
    Order,
    Provider,
    ProviderState,
    Refill,
    Service,
    Staff,
    Submission,
)
from tests.support import factories
from tests.support.collecting import a_few_on_sqlite

S = OrderStatus
NOW = factories.NOW
EARLIER = NOW - timedelta(minutes=5)

ASKED = {
    "1": S.PENDING,
    "10": S.IN_PROGRESS,
    "100": S.COMPLETED,
    "7": S.PARTIAL,
    "9": S.CANCELED,
    "99": S.FAILED,
}
"""What the provider is asked about, by its ids: those that the recordings speak of."""

FED = {"20": ("201", "202"), "30": ()}
"""Likewise orders in three runs, with the ids of the runs that were told of up to now."""

SUBSCRIBED = {"50": ("501", "502"), "60": ()}
"""Likewise subscriptions to three posts, with the ids of the posts that were told of."""

TAKEN = "555"
"""The id of an order that ended long ago: nobody asks about it, and no other order may have it."""


@dataclass
class House:
    """Rows that answers may concern, and those that they may not."""

    owner: Staff
    provider: Provider
    other: Provider
    service: Service
    asked: dict[str, Order]
    fed: dict[str, Order]
    subscribed: dict[str, Order]
    waiting: list[Order]
    refilled: list[Refill]
    to_refill: list[Refill]
    to_cancel: list[Cancellation]
    bystanders: list[Order]


def build(url: str) -> House:
    """The provider listens at `url`; another one, nowhere, has orders under the very same ids."""
    owner = factories.owner("Olga Owner", markup="35")
    patient = {"connect_timeout": 1, "read_timeout": 1, "total_timeout": 1}
    provider = factories.provider("Hostile", url=url, **patient)
    other = factories.provider("Elsewhere", not_sent=True, not_polled=True)
    services = [
        factories.service(factories.offer(provider, upstream_id=number, refill_days=30))
        for number in ("1", "2")
    ]
    elsewhere = factories.service(factories.offer(other, upstream_id="1"))
    house = House(owner, provider, other, services[0], {}, {}, {}, [], [], [], [], [])

    def order(status: OrderStatus, upstream_id: str | None, **more: Any) -> Order:
        times = dict.fromkeys(("status_at", "changed_at", "placed_at"), EARLIER)
        values: dict[str, Any] = {"upstream_id": upstream_id, "status": status, **times}
        if status in statuses.FINAL:
            values["finished_at"] = EARLIER
        service = more.pop("service", services[0])
        return factories.order(factories.customer(balance="10"), service, **values | more)

    for upstream_id, status in ASKED.items():
        tier = statuses.first_tier(status)
        house.asked[upstream_id] = order(status, upstream_id, tier=tier)
    house.fed = _in_runs(order)
    house.subscribed = _subscriptions(provider)
    _refund_in_full(house.asked["9"])
    house.waiting = [order(S.WAITING, None), order(S.WAITING, None, service=services[1])]
    house.bystanders = [
        order(status, number, service=elsewhere) for number, status in ASKED.items()
    ]
    house.bystanders += _in_runs(order, service=elsewhere).values()
    house.bystanders += _subscriptions(other).values()
    house.bystanders += [order(S.COMPLETED, TAKEN, tier=None), order(S.REFUSED, None)]
    unknown = order(S.UNCONFIRMED, None)
    _submitted(unknown)
    house.bystanders.append(unknown)
    _follow_ups(house, order)
    return house


def _in_runs(order: Callable[..., Order], **more: Any) -> dict[str, Order]:
    """Three runs of 100; one known run was done, another one is under way."""
    tier = statuses.first_tier(S.IN_PROGRESS)
    times = dict.fromkeys(("status_at", "changed_at"), EARLIER)
    found = {}
    for upstream_id, runs in FED.items():
        sizes: dict[str, Any] = {"quantity": 100, "billable": 300, "delivery_total": 300}
        made = order(S.IN_PROGRESS, upstream_id, runs=3, tier=tier, **sizes, **more)
        found[upstream_id] = made
        for number, run in enumerate(runs, start=1):
            status = S.COMPLETED if number == 1 else S.IN_PROGRESS
            factories.child(made, number, upstream_id=run, status=status, **times)
        Family.objects.filter(order=made).update(said_at=EARLIER)
    return found


def _subscriptions(provider: Provider) -> dict[str, Order]:
    """To three posts of 100 to 200; one known post was done, of another one nothing is known."""
    kind = {"type_name": "Subscriptions", "service_type": "subscriptions"}
    service = factories.service(factories.offer(provider, upstream_id="4", **kind))
    tier = statuses.first_tier(S.IN_PROGRESS)
    times = dict.fromkeys(("status_at", "changed_at"), EARLIER)
    found = {}
    for upstream_id, posts in SUBSCRIBED.items():
        stands = {"status": S.IN_PROGRESS, "upstream_status": "Active", "tier": tier, **times}
        buyer = factories.customer(balance="10")
        made = factories.subscription(
            buyer, service, posts=3, upstream_id=upstream_id, placed_at=EARLIER, **stands
        )
        found[upstream_id] = made
        for number, post in enumerate(posts, start=1):
            sizes = {"quantity": 150, "remains": 0} if number == 1 else {}
            status = S.COMPLETED if number == 1 else S.PENDING
            factories.child(made, number, upstream_id=post, status=status, **sizes, **times)
        Family.objects.filter(order=made).update(word="Active", is_listed=True, said_at=EARLIER)
    return found


def _refund_in_full(order: Order) -> None:
    from django.db import transaction

    from orders import ledger

    with transaction.atomic():
        ledger.refund(order, order.price, by=None, memo="canceled", at=EARLIER)


def _submitted(order: Order) -> None:
    Submission.objects.create(
        order=order,
        provider=order.provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN,
        claimed_at=EARLIER,
        sent_at=EARLIER,
        expires_at=EARLIER,
        answer="<html>",
    )


def _follow_ups(house: House, order: Callable[..., Order]) -> None:
    """Refills under the numbers 1 to 3, and requests about orders that sweeps do not ask about."""
    asked: dict[str, Any] = {
        "asked_by": house.owner.user,
        "asked_at": EARLIER,
        "changed_at": EARLIER,
        "provider": house.provider,
    }
    for number in ("1", "2", "3"):
        held = order(S.COMPLETED, f"4{number}", tier=None)
        status = RefillStatus.PENDING
        refill = Refill.objects.create(order=held, status=status, upstream_id=number, **asked)
        house.refilled.append(refill)
    for upstream_id in ("2", "3"):
        completed = order(S.COMPLETED, upstream_id, tier=None)
        house.to_refill.append(Refill.objects.create(order=completed, **asked))
    for upstream_id in ("1", "10"):
        running = house.asked[upstream_id]
        house.to_cancel.append(Cancellation.objects.create(order=running, **asked))
    lost = {**asked, "status": CancellationStatus.UNKNOWN}
    Cancellation.objects.create(order=house.asked["99"], **lost)


def _probe(house: House, now: datetime) -> None:
    ProviderState.objects.filter(provider=house.provider).update(
        hold=ProviderHold.DOWN, held_since=EARLIER, probe_after=EARLIER
    )
    submission.probe_providers(now)


JOBS: dict[str, Callable[[House, datetime], object]] = {
    "sync": lambda house, now: catalog.sync(house.provider, now=now),
    "submit": lambda house, now: submission.submit_due(now),
    "probe": _probe,
    "poll": lambda house, now: polling.poll_once(house.provider.pk, now),
    "refill": lambda house, now: refills.send_requested(now),
    "refill_status": lambda house, now: refills.poll(now, all_now=True),
    "cancel": lambda house, now: cancellations.send_requested(now),
    "balance": lambda house, now: balances.read_balances(now),
    "trial": lambda house, now: connections.test(house.provider),
}
"""Every job that speaks to a provider, and the trial call of the provider's form."""

PLAYED = a_few_on_sqlite(list(JOBS), ["sync", "submit", "poll"])
"""Those that a build gives every odd answer: what a database does with them differs in few ways."""

ACTIONS = {
    "sync": ["services"],
    "submit": ["add"],
    "probe": ["balance", "add"],
    "poll": ["status"],
    "refill": ["refill"],
    "refill_status": ["refill_status"],
    "cancel": ["cancel"],
    "balance": ["balance"],
    "trial": ["balance"],
}
"""What each job asks."""
