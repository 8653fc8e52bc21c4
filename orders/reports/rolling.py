"""Summing days anew: what is marked stale, the newest day first, one short transaction a day.

A day's marks are taken away before its orders and transfers are read, under the lock of the one
state row. So what is committed meanwhile leaves a mark that stays for the next run, two runs sum
one after the other, and a crash leaves the marks of the day it was at.
"""

from collections.abc import Iterable, Set
from datetime import date, datetime, time
from operator import itemgetter
from zoneinfo import ZoneInfo

from orders import panel_settings, sql
from orders.enums import ReportBy
from orders.models import DaySum, ReportState, StaleMoment
from orders.moments import Stopwatch
from orders.reports import days, handed, months
from orders.reports.months import Line
from orders.reports.sums import ALL, NOBODY, NOTHING_SOLD, Key, Sums, folded, grouped

BUDGET_SECONDS = 40.0
"""A run ends after so long; days that are left keep their marks."""

MOST_DAYS = 1000


def add_up(now: datetime, *, budget_seconds: float = BUDGET_SECONDS) -> str:
    """Sum the days that have changed; what was done, in words."""
    summed, written = _add_up(now, budget_seconds)
    return f"{summed:,} days summed, {written:,} sums changed"


def add_up_all(now: datetime) -> int:
    """Sum all that is marked by now, however long it takes; returns how many rows that changed."""
    watch, written = Stopwatch(now), 0
    while True:
        summed, changed = _add_up(watch.now, float("inf"))
        written += changed
        if summed < MOST_DAYS:
            return written


def _add_up(now: datetime, budget_seconds: float) -> tuple[int, int]:
    watch, summed, written = Stopwatch(now), 0, 0
    zone = _settle_zone()
    moved = handed.spread(zone)
    stale = days.stale_days(zone, MOST_DAYS)
    for day in stale:
        if watch.seconds >= budget_seconds:
            break
        written += sum_day(day)
        summed += 1
    if summed == len(stale) < MOST_DAYS:
        # All that was committed before this run is in the sums.
        handed.settle(moved)
        _complete(now)
    return summed, written


def _complete(now: datetime) -> None:
    if not days.state().is_whole:
        _sum_months()
    ReportState.objects.filter(pk=1).update(summed_at=now, is_whole=True)


def _sum_months(first: date | None = None, last: date | None = None) -> None:
    """Sum every month that has days, or those of a span, from its days."""
    kept = DaySum.objects.filter(by=ReportBy.DAY, clients_of=0, is_month=False)
    if first is not None:
        kept = kept.filter(day__gte=first.replace(day=1))
    if last is not None:
        kept = kept.filter(day__lt=months.after(last.replace(day=1)))
    for month in sorted({day.replace(day=1) for day in kept.values_list("day", flat=True)}):
        with sql.short_transaction():
            days.locked_state()
            months.sum_up(month)


def rebuild(first: date | None = None, last: date | None = None) -> int:
    """Mark every day of a span as stale (of all there is, where no end is named); how many."""
    zone = _settle_zone()
    _sum_months(first, last)
    with sql.short_transaction():
        return _mark_all(zone, first, last)


@sql.repeated_on_deadlock
def sum_day(day: date) -> int:
    """Bring the sums of one day up to date; returns how many rows that changed.

    Rows that say the same already are not written.
    """
    with sql.short_transaction():
        state = days.locked_state()
        since, until = days.bounds(day, days.zone_of(state.zone))
        StaleMoment.objects.filter(at__gte=since, at__lt=until).delete()
        fresh = _fresh(since, until)
        return _write(day, fresh)


# ── One day ──────────────────────────────────────────────────────────────────────────────────


def _fresh(since: datetime, until: datetime) -> dict[Line, Sums]:
    """Lines of all customers, and of each member's own."""
    rows = folded(grouped(None, since, until, ALL, of_members=True))
    found = _lines(rows, 0)
    members: dict[int, dict[Key, Sums]] = {}
    for key, sums in rows.items():
        members.setdefault(key[-1], {})[key] = sums
    for member in members.keys() - {NOBODY}:
        found |= _lines(members[member], member)
    return found


def _lines(rows: dict[Key, Sums], clients_of: int) -> dict[Line, Sums]:
    found: dict[Line, Sums] = {}
    if not rows:
        return found
    for place, by in enumerate(each for each in ALL if each != ReportBy.DAY):
        if clients_of and by == ReportBy.CUSTOMER:
            continue  # each customer's sums stand with those of all
        parts = folded(rows.items(), itemgetter(place))
        found |= {(int(by), clients_of, key): sums for key, sums in parts.items()}
    whole = folded(rows.items(), lambda key: None)[None]
    return found | {(int(ReportBy.DAY), clients_of, 0): whole}


def _write(day: date, fresh: dict[Line, Sums]) -> int:
    """Write what differs, and let the month follow; returns how many rows of the day changed."""
    kept = dict(months.rows(DaySum.objects.filter(is_month=False, day=day)))
    changed = {line: sums for line, sums in fresh.items() if kept.get(line) != sums}
    gone = kept.keys() - fresh.keys()
    months.write(day, changed)
    _delete(day, gone)
    changes = {line: sums.less(kept.get(line, NOTHING_SOLD)) for line, sums in changed.items()}
    months.add(day, changes | {line: NOTHING_SOLD.less(kept[line]) for line in gone})
    return len(changed) + len(gone)


def _delete(day: date, gone: Set[Line]) -> None:
    if not gone:
        return
    kept = DaySum.objects.filter(is_month=False, day=day)
    lines = kept.values_list("pk", "by", "clients_of", "key")
    ids = [pk for pk, *line in lines if tuple(line) in gone]
    for start in range(0, len(ids), 500):
        DaySum.objects.filter(pk__in=ids[start : start + 500]).delete()


# ── The time zone, and how fresh it all is ───────────────────────────────────────────────────


def _settle_zone() -> ZoneInfo:
    """The panel's time zone; in another one than before every day is stale, in one transaction."""
    name = panel_settings.current().time_zone
    if days.state().zone == name:
        return ZoneInfo(name)
    with sql.short_transaction():
        state = days.locked_state()
        if state.zone != name:
            ReportState.objects.filter(pk=1).update(
                zone=name, checking=None, found=[], findings=[], checked_at=None
            )
            _mark_all(ZoneInfo(name), None, None)
    return ZoneInfo(name)


def _mark_all(zone: ZoneInfo, first: date | None, last: date | None) -> int:
    """A mark at noon of each day, of those too that only sums know."""
    ends = days.whole_span(zone)
    if ends is None:
        return 0
    marked = days.every(first or ends[0], last or ends[1])
    _mark(marked, zone)
    return len(marked)


def _mark(marked: Iterable[date], zone: ZoneInfo) -> None:
    noons = [StaleMoment(at=datetime.combine(day, time(12), zone)) for day in marked]
    StaleMoment.objects.bulk_create(noons, batch_size=500)
