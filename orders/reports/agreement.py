"""Do the roll-ups agree with the ledger, to the last digit? Day by day; changes no sum.

Each day is compared under the lock of those who sum it. Transfers and orders are read first and
the day's marks last: without a mark, all that was read has been summed, so it must be the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from orders import sql
from orders.enums import ReportBy
from orders.models import DaySum, MovedClient, Order, ReportState, StaleMoment, Transfer
from orders.moments import Stopwatch
from orders.money import plain
from orders.reports import days, marks, months
from orders.reports.charges import NOTHING, known_or_expected
from orders.reports.sums import ALL, MOVES, of_money

AT = time(6)
"""A new check begins once a day, when this time has passed in the panel's time zone."""

BUDGET_SECONDS = 20.0
MOST = 20
"""Findings kept of one check."""

_COMPARED = ("charged", "refunded", "orders", "charge")


def check(now: datetime, *, budget_seconds: float = BUDGET_SECONDS) -> str:
    """Compare some days, and go on with the next run; a whole check a day. What it did, in words.

    A day that differs is marked, so that it is summed anew, and told on the page.
    """
    state, watch, count = days.state(), Stopwatch(now), 0
    if not state.zone or not _is_due(state, now):
        return "nothing to check"
    found = list(state.found) if state.checking else marks_missing()
    for day in _days_from(state.checking, days.zone_of(state.zone)):
        if watch.seconds >= budget_seconds:
            _note(checking=day, found=found[:MOST])
            return f"{count:,} days compared, more to come"
        found += differences(day)
        count += 1
    _note(checking=None, found=[], findings=found[:MOST], checked_at=now)
    return f"{count:,} days compared, {len(found):,} findings"


def check_all() -> list[str]:
    """Compare every day now; what differs, in sentences."""
    zone = days.zone_of(days.state().zone)
    found = marks_missing()
    for day in _days_from(None, zone):
        found += differences(day)
    return found


def differences(day: date) -> list[str]:
    """What one day's roll-ups say otherwise than the ledger and the orders, in sentences; and with
    the first day of a month, what the month's say otherwise than its days'.

    Nothing of a day that is still to be summed, nor of a member to whom or from whom customers are
    on their way. A day that differs is marked, a month is summed at once.
    """
    with sql.short_transaction():
        zone = days.zone_of(days.locked_state().zone)
        since, until = days.bounds(day, zone)
        true, kept = _true(since, until), _kept(day)
        unlike_days = _month_differs(day) if day.day == 1 else []
        if StaleMoment.objects.filter(at__gte=since, at__lt=until).exists():
            return unlike_days
        moved = set(MovedClient.objects.values_list("staff_id", flat=True))
        found = [
            f"{day}, {_whose(member)}by {by.label}: {name} {_said(kept[member, by][name])}, "
            f"in truth {_said(true[member][name])}"
            for member in sorted((true.keys() | {member for member, _ in kept}) - moved)
            for by in ALL
            if not member or by != ReportBy.CUSTOMER
            for name in _COMPARED
            if kept[member, by][name] != true[member][name]
        ]
        if found:
            StaleMoment.objects.create(at=since + (until - since) / 2)
    return found + unlike_days


def _month_differs(first: date) -> list[str]:
    kept = dict(months.rows(DaySum.objects.filter(is_month=True, day=first)))
    if kept == months.from_days(first):
        return []
    months.sum_up(first)
    return [f"{first:%Y-%m} was not the sum of its days"]


def _whose(member: int) -> str:
    return f"clients of member {member}, " if member else ""


def marks_missing() -> list[str]:
    """Triggers that are not there, so that changes would go unseen, in sentences."""
    return [f"{name} is missing; run migrate to put it back" for name in marks.missing()]


def _is_due(state: ReportState, now: datetime) -> bool:
    if state.checking is not None or state.checked_at is None:
        return True
    zone = days.zone_of(state.zone)
    latest = datetime.combine(now.astimezone(zone).date(), AT, zone)
    return state.checked_at < (latest if latest <= now else latest - days.DAY)


def _note(**values: Any) -> None:
    ReportState.objects.filter(pk=1).update(**values)


def _days_from(first: date | None, zone: tzinfo) -> Iterator[date]:
    ends = days.whole_span(zone)
    if ends is not None:
        yield from days.every(max(first or ends[0], ends[0]), ends[1])


def _true(since: datetime, until: datetime) -> dict[int, dict[str, Any]]:
    """By member whose clients they are now, and under 0 of all clients."""
    moved: Any = Transfer.objects.filter(kind__in=MOVES, at__gte=since, at__lt=until)
    placed: Any = Order.objects.filter(placed_at__gte=since, placed_at__lt=until)
    charge = Coalesce(Sum(known_or_expected("cost", "expected_cost")), NOTHING)
    found: defaultdict[int, dict[str, Any]] = defaultdict(_nothing)
    for rows, key, measures in (
        (moved, "order__customer__manager", of_money()),
        (placed, "customer__manager", {"orders": Count("pk"), "charge": charge}),
    ):
        for row in rows.values(key).order_by().annotate(**measures):
            for name in measures:
                for member in {0, row[key] or 0}:
                    found[member][name] += row[name]
    return found


def _kept(day: date) -> dict[tuple[int, ReportBy], dict[str, Any]]:
    sums = {f"sum_{name}": Sum(name) for name in _COMPARED}
    kept = DaySum.objects.filter(is_month=False, day=day).order_by().values("clients_of", "by")
    rows: Any = kept.annotate(**sums)
    found: defaultdict[tuple[int, ReportBy], dict[str, Any]] = defaultdict(_nothing)
    for row in rows:
        line = row["clients_of"], ReportBy(row["by"])
        found[line] = {name: row[f"sum_{name}"] for name in _COMPARED}
    return found


def _nothing() -> dict[str, Any]:
    return dict.fromkeys(_COMPARED, 0)


def _said(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else f"{value:,}"
