"""A small house with rows in every state, and every page that shows them.

What is hard to lay out is there on purpose: a client with an endless name, a link of 2,000
characters, a right-to-left name, money with all its digits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from orders import history, tills
from orders.enums import (
    CancellationStatus,
    ChangeKind,
    EventKind,
    HoldReason,
    OrderStatus,
    PauseReason,
    RefillStatus,
    SubmissionOutcome,
    SyncOutcome,
)
from orders.models import (
    Cancellation,
    Customer,
    Order,
    Provider,
    ProviderState,
    Refill,
    Service,
    Staff,
    Submission,
    SyncChange,
    SyncRun,
    TillClosing,
)
from tests.support import factories

ENDLESS = "Wolfeschlegelsteinhausenbergerdorff " * 5
RIGHT_TO_LEFT = "متابعون إنستغرام بجودة عالية وضمان ثلاثين يوما"
LONG_LINK = "https://instagram.com/" + "p" * 1970
UNKNOWN = OrderStatus.UNCONFIRMED


@dataclass
class House:
    """The rows that addresses are about, and who visits."""

    owner: Staff
    customer: Customer
    provider: Provider
    service: Service
    orders: dict[str, Order] = field(default_factory=dict)
    refill: Refill | None = None
    cancellation: Cancellation | None = None
    run: SyncRun | None = None
    closing: TillClosing | None = None

    def numbers(self, name: str) -> list[int]:
        """The rows whose pages this address has, told by its name."""
        about: tuple[tuple[str, list[Any]], ...] = (
            ("closing", [self.closing]),
            ("settle_refill", [self.refill]),
            ("settle_cancellation", [self.cancellation]),
            ("sync_runs", [self.provider]),
            ("sync_run", [self.run]),
            ("removals", [self.run]),
            ("case", [self.orders[UNKNOWN], self.orders[OrderStatus.FAILED]]),
            ("together", [self.orders[UNKNOWN], self.orders[OrderStatus.FAILED]]),
            ("order", list(self.orders.values())),
            ("service", [self.service]),
            ("repoint", [self.service]),
            ("price", [self.service]),
            ("cost", [self.service]),
            ("client", [self.customer]),
            ("customer", [self.customer]),
            ("provider", [self.provider]),
            ("key", [self.provider]),
            ("staff", [self.owner]),
            ("person", [self.owner]),
            ("member", [self.owner]),
        )
        rows = next((rows for word, rows in about if word in name.split(":")[-1]), [self.customer])
        return [row.pk for row in rows if row is not None]


def plant() -> House:
    """Write the rows; times are counted back from now."""
    now = timezone.now()
    owner = factories.owner("Olga Owner", markup="35")
    manager = factories.staff(ENDLESS.strip()[:120], markup="28")
    customer = factories.customer(
        ENDLESS.strip()[:150], balance="12345678901.12345678", signs_in=True, phone="4722410730"
    )
    provider = factories.provider("Bulkhaus")
    _read_lately(provider, now)
    service = factories.service(
        factories.offer(provider, name=f"Instagram Followers {ENDLESS}"[:400]),
        description="Followers from everywhere.\n" + ENDLESS,
    )
    house = House(owner, customer, provider, service)
    _plant_orders(house, manager, now)
    _plant_services(provider, now)
    _plant_follow_ups(house, now)
    _plant_till(house, now)
    _plant_run(house, now)
    return house


def _read_lately(provider: Provider, now: datetime) -> None:
    ProviderState.objects.filter(provider=provider).update(catalog_read_at=now)


def _plant_orders(house: House, manager: Staff, now: datetime) -> None:
    second = factories.service(
        factories.offer(house.provider, name=RIGHT_TO_LEFT, category="إنستغرام")
    )
    for number, status in enumerate(OrderStatus):
        values: dict[str, Any] = {
            "placed_at": now - timedelta(hours=number),
            "remains": 380,
            "start_count": 12_480,
            "details": {"link": LONG_LINK, "quantity": 1000},
        }
        if number % 3 == 0:
            values["link"] = LONG_LINK
        if status in (OrderStatus.COMPLETED, OrderStatus.PARTIAL):
            values |= {"cost": Decimal("0.70000001"), "charge_upstream": Decimal("0.70000001")}
            values["finished_at"] = now
        order = factories.order(
            house.customer,
            house.service if number % 2 else second,
            status=status,
            by=manager.user,
            **values,
        )
        history.note(order.pk, EventKind.PLACED, values["placed_at"])
        history.note(order.pk, EventKind.FLAGGED, now, detail=ENDLESS[:250])
        house.orders[status] = order
        if status in (UNKNOWN, OrderStatus.COMPLETED, OrderStatus.FAILED):
            _submit(order, now)
    house.orders["held"] = factories.order(
        house.customer,
        house.service,
        status=OrderStatus.WAITING,
        hold=HoldReason.PRICE,
        hold_detail="Cost rose 1.20 → 3.60; below floor by 1.10",
        placed_at=now,
    )


def _submit(order: Order, now: datetime) -> None:
    is_lost = order.status == UNKNOWN
    Submission.objects.create(
        order=order,
        provider=order.provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN if is_lost else SubmissionOutcome.CREATED,
        claimed_at=now - timedelta(minutes=40),
        sent_at=now - timedelta(minutes=40),
        expires_at=now,
        answer="<html>" + "502 Bad Gateway " * 60,
        answer_bytes=960,
        http_status=502,
        elapsed_ms=8412,
        worker="worker 2",
    )


def _plant_services(provider: Provider, now: datetime) -> None:
    for pause in (reason for reason in PauseReason if reason.value):
        factories.service(
            factories.offer(provider),
            pause=pause,
            paused_at=now,
            pause_detail="cost 1.2000 → 3.6000",
        )
    factories.service(factories.offer(provider), is_visible=False)


def _plant_follow_ups(house: House, now: datetime) -> None:
    asked: dict[str, Any] = {
        "order": house.orders[OrderStatus.COMPLETED],
        "provider": house.provider,
        "asked_by": house.owner.user,
        "asked_at": now - timedelta(hours=30),
        "changed_at": now - timedelta(hours=28),
        "sent_at": now - timedelta(hours=29),
    }
    Refill.objects.create(status=RefillStatus.REJECTED, answer=ENDLESS[:200], **asked)
    partial = asked | {"order": house.orders[OrderStatus.PARTIAL]}
    house.refill = Refill.objects.create(status=RefillStatus.UNKNOWN, **partial)
    running = asked | {"order": house.orders[OrderStatus.IN_PROGRESS]}
    Cancellation.objects.create(status=CancellationStatus.DECLINED, answer="no", **running)
    pending = asked | {"order": house.orders[OrderStatus.PENDING]}
    house.cancellation = Cancellation.objects.create(status=CancellationStatus.UNKNOWN, **pending)


def _plant_run(house: House, now: datetime) -> None:
    house.run = SyncRun.objects.create(
        provider=house.provider,
        started_at=now - timedelta(hours=2),
        finished_at=now - timedelta(hours=2),
        outcome=SyncOutcome.HELD,
        rows_total=8412,
        rows_done=8412,
        held_removals=1,
    )
    offer = house.service.offer
    for kind, before, after in (
        (ChangeKind.RATE, {"rate": "1.20000001"}, {"rate": "3.60000001"}),
        (ChangeKind.CHANGED, {"name": ENDLESS}, {"name": RIGHT_TO_LEFT}),
    ):
        SyncChange.objects.create(run=house.run, kind=kind, offer=offer, before=before, after=after)
    SyncChange.objects.create(run=house.run, kind=ChangeKind.RETIRED, offer=offer, held=True)


def _plant_till(house: House, now: datetime) -> None:
    other = factories.staff("Tom Adeyemi")
    house.closing = tills.count_till(
        staff=other, counted=Decimal("0"), by=other.user, now=now - timedelta(hours=1)
    )


def addresses(house: House, face: str) -> Iterator[str]:
    """Every address of a face ("staff", "my"); some only take forms (405) or do not fit (404)."""
    for name, pattern in named_patterns():
        if not name.startswith(f"{face}:"):
            continue
        words = pattern.pattern.converters
        for number in house.numbers(name) if "number" in words else [0]:
            values: dict[str, Any] = dict.fromkeys(words, "test")
            values |= {"number": number} if "number" in words else {}
            yield reverse(name, kwargs=values)
    if face == "staff":
        chosen = f"?client={house.customer.pk}&service={house.service.pk}"
        yield reverse("staff:new_order") + chosen


def named_patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of the site that has a name, under the name that `reverse` knows."""
    yield from _named(get_resolver().url_patterns, "")


def _named(patterns: list[Any], namespace: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from _named(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{namespace}{pattern.name}", pattern
