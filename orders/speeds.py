"""How long a service takes, measured on our own completed orders and never guessed.

A periodic job measures some services at a time, those first that were measured longest ago; it
writes the same whichever worker runs it, so two at once do no harm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median_low

from django.db.models import Exists, F, Min, OuterRef, QuerySet

from orders.enums import EventKind, OrderStatus
from orders.models import Event, Order, Service, ServiceTime
from orders.moments import Stopwatch

LEAST = 5
"""With fewer completed orders than this nothing is said."""

LATEST = 50
"""So many completed orders are measured, the newest."""

LOOKED_AT = 200
"""They are looked for among so many, so that no service with a long history holds up a run."""

A_RUN = 300
"""So many services a run at most."""

BUDGET_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians in seconds, from placement on; None where too few orders tell."""

    to_start: int | None
    to_completion: int | None


UNKNOWN = Speed(None, None)


def speeds(services: Iterable[int]) -> dict[int, Speed]:
    """What was measured of these services, by number. One query."""
    rows = ServiceTime.objects.filter(service__in=list(services))
    return {row.service_id: Speed(row.to_start, row.to_completion) for row in rows}


def measure(now: datetime, *, budget_seconds: float = BUDGET_SECONDS) -> str:
    """Measure the services whose figures are oldest, for a bounded time; how many, in words."""
    watch, found = Stopwatch(now), []
    for service_id in _oldest():
        if watch.seconds >= budget_seconds:
            break
        found.append(_measured(service_id, now))
    # In one order, so that two runs at once wait for each other instead of locking each other out.
    ServiceTime.objects.bulk_create(
        sorted(found, key=lambda row: row.service_id),
        update_conflicts=True,
        unique_fields=["service"],
        update_fields=["measured_at", "completed", "to_completion", "started", "to_start"],
    )
    return f"{len(found):,} services"


def _oldest() -> QuerySet[Service, int]:
    sold = Service.objects.filter(Exists(Order.objects.filter(service=OuterRef("pk"))))
    oldest = sold.order_by(F("measured__measured_at").asc(nulls_first=True), "pk")
    return oldest.values_list("pk", flat=True)[:A_RUN]


def _measured(service_id: int, now: datetime) -> ServiceTime:
    placed = _latest_completed(service_id)
    whole = [int((ended - begun).total_seconds()) for begun, ended in placed.values()]
    started = _started(placed)
    until = [int((at - placed[order][0]).total_seconds()) for order, at in started.items()]
    return ServiceTime(
        service_id=service_id,
        measured_at=now,
        completed=len(whole),
        to_completion=_median(whole),
        started=len(until),
        to_start=_median(until),
    )


def _latest_completed(service_id: int) -> dict[int, tuple[datetime, datetime]]:
    """When the newest completed orders were placed and when they ended, by number."""
    newest = Order.objects.filter(service=service_id).order_by("-pk")
    rows = newest.values_list("pk", "status", "placed_at", "finished_at", "runs")[:LOOKED_AT]
    done = [
        (number, (placed_at, finished_at))
        for number, status, placed_at, finished_at, runs in rows
        # A delivery in runs takes as long as it was told to.
        if status == OrderStatus.COMPLETED and finished_at is not None and not runs
    ]
    return dict(done[:LATEST])


def _started(orders: Iterable[int]) -> dict[int, datetime]:
    """When each was first seen to run; an order that ended between two looks was never."""
    ran = Event.objects.filter(
        order__in=list(orders), kind=EventKind.STATUS, status=OrderStatus.IN_PROGRESS
    )
    return dict(ran.values_list("order").annotate(first=Min("at")))


def _median(seconds: Sequence[int]) -> int | None:
    return max(0, median_low(seconds)) if len(seconds) >= LEAST else None
