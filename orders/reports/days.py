"""Days of the panel's time zone: their bounds, and how the roll-ups of each stand."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, QuerySet

from orders.enums import ReportBy
from orders.models import DaySum, Order, ReportState, StaleMoment, Transfer
from orders.reports.sums import MOVES

DAY = timedelta(days=1)


def bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From its midnight up to the next one; longer or shorter when clocks change."""
    return datetime.combine(day, time(), zone), datetime.combine(day + DAY, time(), zone)


def state() -> ReportState:
    """How the roll-ups stand; nothing yet, before their first run."""
    return ReportState.objects.filter(pk=1).first() or ReportState(pk=1)


def locked_state() -> ReportState:
    """The same row, made when first needed and held until the caller's transaction ends."""
    ReportState.objects.get_or_create(pk=1)
    return ReportState.objects.select_for_update().get(pk=1)


def zone_of(name: str) -> ZoneInfo:
    """The time zone in which days are summed."""
    return ZoneInfo(name or "UTC")


def stale_days(zone: tzinfo, most: int) -> list[date]:
    """Days with a mark, the newest first; at most so many, each found by the marks' index."""
    days: list[date] = []
    before: datetime | None = None
    while len(days) < most:
        marks = (
            StaleMoment.objects.all()
            if before is None
            else StaleMoment.objects.filter(at__lt=before)
        )
        latest = marks.aggregate(at=Max("at"))["at"]
        if latest is None:
            break
        days.append(latest.astimezone(zone).date())
        before = bounds(days[-1], zone)[0]
    return days


def whole_span(zone: tzinfo) -> tuple[date, date] | None:
    """The first and last day on which anything was placed, moved or summed; None without any."""
    found: list[datetime | None] = list(_ends(Order.objects.all(), "placed_at"))
    for kind in MOVES:  # one index range each
        found += _ends(Transfer.objects.filter(kind=kind), "at")
    known = [moment.astimezone(zone).date() for moment in found if moment is not None]
    summed = _ends(DaySum.objects.filter(by=ReportBy.DAY, clients_of=0, is_month=False), "day")
    known += [day for day in summed if day is not None]
    return (min(known), max(known)) if known else None


def _ends(rows: QuerySet[Any], column: str) -> tuple[Any, Any]:
    found = rows.aggregate(first=Min(column), last=Max(column))
    return found["first"], found["last"]


def every(first: date, last: date) -> list[date]:
    """The days from the first to the last, both among them."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


# ── How fresh ────────────────────────────────────────────────────────────────────────────────

LATE_AFTER = timedelta(minutes=3)
MOST_BEHIND = 20


@dataclass(frozen=True)
class Standing:
    """As of when the sums are, how many days are behind, and what the check said.

    `behind` is counted only while no run has come to its end for some minutes, up to one more
    than `MOST_BEHIND`.
    """

    has_begun: bool
    summed_at: datetime | None
    behind: int
    checked_at: datetime | None
    findings: list[str]


def standing(now: datetime) -> Standing:
    """How the roll-ups stand."""
    row = state()
    late = row.summed_at is None or now - row.summed_at > LATE_AFTER
    behind = len(stale_days(zone_of(row.zone), MOST_BEHIND + 1)) if late else 0
    return Standing(bool(row.zone), row.summed_at, behind, row.checked_at, row.findings)
