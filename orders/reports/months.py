"""Whole months: the sums of their days, kept beside them so that a year is quickly told.

Whoever writes a day adds what changed to its month in the same transaction, under the same lock;
so a month is always the sum of its days as they are kept, whatever is stale about them.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet, Sum

from orders import sql
from orders.models import DaySum
from orders.money import to_units
from orders.reports.sums import MEASURES, NOTHING_SOLD, Sums

Line = tuple[int, int, int]
"""By what, whose customers, and its key."""

KEYS = ("by", "clients_of", "is_month", "day", "key")
CASTS = (
    *("smallint", "bigint", "boolean", "date", "bigint"),
    *("bigint" if isinstance(value, Decimal) else "integer" for value in Sums()),
)


def write(
    first: date, lines: Mapping[Line, Sums], *, is_month: bool = False, adding: bool = False
) -> None:
    """Write lines of a day, or of the month that begins on it, over what is there or on top."""
    rows = [
        (by, clients_of, is_month, first, key, *map(_stored, sums))
        for (by, clients_of, key), sums in lines.items()
    ]
    sql.upsert_rows("orders_daysum", KEYS, MEASURES, rows, casts=CASTS, adding=adding)


def add(day: date, changes: Mapping[Line, Sums]) -> None:
    """Let a day's month follow what has changed in the day."""
    first = day.replace(day=1)
    write(first, changes, is_month=True, adding=True)
    if any(value < 0 for change in changes.values() for value in change):
        _drop_empty(first)


def sum_up(first: date) -> None:
    """Sum the whole month that begins on this day from its days, in the caller's transaction."""
    kept = dict(rows(DaySum.objects.filter(is_month=True, day=first)))
    true = from_days(first)
    gone = dict.fromkeys(kept.keys() - true.keys(), NOTHING_SOLD)
    changed = {line: sums for line, sums in true.items() if kept.get(line) != sums}
    write(first, changed | gone, is_month=True)
    _drop_empty(first)


def _drop_empty(first: date) -> None:
    empty = dict.fromkeys(MEASURES, 0)
    DaySum.objects.filter(is_month=True, day=first, **empty).delete()


def from_days(first: date) -> dict[Line, Sums]:
    """What the month that begins on this day must say."""
    days = DaySum.objects.filter(is_month=False, day__gte=first, day__lt=after(first))
    sums: Any = {f"sum_{name}": Sum(name) for name in MEASURES}
    found: Any = days.order_by().values("by", "clients_of", "key").annotate(**sums)
    names = ("by", "clients_of", "key", *sums)
    return {
        (by, clients_of, key): Sums(*values)
        for by, clients_of, key, *values in found.values_list(*names)
    }


def rows(kept: QuerySet[DaySum]) -> Iterator[tuple[Line, Sums]]:
    """Rows as lines."""
    for by, clients_of, key, *values in kept.values_list("by", "clients_of", "key", *MEASURES):
        yield (by, clients_of, key), Sums(*values)


def after(first: date) -> date:
    """The first day of the month after the one that begins on this day."""
    return (first + timedelta(days=31)).replace(day=1)


def within(first: date, last: date) -> tuple[date, date]:
    """The first day of the first month that lies between these days, and the first day after the
    last such month; the same day twice if there is none."""
    begin = first if first.day == 1 else after(first.replace(day=1))
    end = (last + timedelta(days=1)).replace(day=1)
    return begin, max(begin, end)


def covering(spans: Iterable[tuple[date, date]], *, using_months: bool = True) -> Q:
    """The rows that cover these spans, each day once: whole months, and days at the edges."""
    parts = _parts if using_months else _days
    return reduce(or_, (part for first, last in spans for part in parts(first, last)))


def _parts(first: date, last: date) -> Iterator[Q]:
    begin, end = within(first, last)
    if begin == end:
        yield from _days(first, last)
        return
    yield Q(is_month=True, day__gte=begin, day__lt=end)
    yield from _days(first, begin - timedelta(days=1))
    yield from _days(end, last)


def _days(first: date, last: date) -> Iterator[Q]:
    if first <= last:
        yield Q(is_month=False, day__gte=first, day__lte=last)


def _stored(value: Any) -> int:
    return to_units(value) if isinstance(value, Decimal) else int(value)
