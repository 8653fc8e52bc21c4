"""Reading figures of any days: from the roll-ups, of all clients or of a member's own.

While clients who have changed hands are not yet in a member's own sums, their figures are read
live from orders and transfers. Both ways answer the same questions with the same sums.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from orders import panel_settings
from orders.enums import ReportBy
from orders.models import Customer, DaySum, Service
from orders.money import ZERO
from orders.people import Person, visible_customers
from orders.reports import days, handed, months
from orders.reports.charges import NOTHING
from orders.reports.sums import MEASURES, NOTHING_SOLD, Sums, folded, grouped, grouped_by_day

MONEY = ("charged", "refunded", "charge", "orders")
"""What a table of money shows; another names its own measures."""

_RANKS: Mapping[str, tuple[str, ...]] = {
    "revenue": ("charged", "refunded"),
    "orders": ("orders",),
    "otherwise": ("otherwise",),
}
_AMOUNTS = frozenset(name for name, value in Sums()._asdict().items() if value is ZERO)


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both among them."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> "Span":
        """As many days, right before these."""
        return Span(self.first - timedelta(days=self.days), self.first - days.DAY)


@dataclass(frozen=True)
class Row:
    """What one key brought in a span, and its profit in the one before."""

    key: int
    now: Sums
    profit_was: Decimal = ZERO


@dataclass(frozen=True)
class Question:
    """Rows of which span, by what, the highest `rank` first, after which row, how many."""

    by: ReportBy
    span: Span
    most: int
    rank: str = "revenue"
    measures: tuple[str, ...] = MONEY
    after: tuple[Decimal, int] | None = None


def rank_of(row: Row, rank: str) -> Decimal:
    """The figure by which rows are ranked."""
    return Decimal(getattr(row.now, rank))


class Source(Protocol):
    """Where figures are read."""

    zone: ZoneInfo
    is_live: bool
    is_own: bool
    """Of a member's own clients alone."""

    def by_day(self, span: Span) -> dict[date, Sums]:
        """The sums of each day on which there was anything."""

    def rows(self, question: Question) -> list[Row]:
        """The keys that had anything in the span, with the span before; bounded, ranked."""


def source_for(who: Person) -> "Source":
    """What this person may see."""
    state = days.state()
    zone = days.zone_of(state.zone or panel_settings.current().time_zone)
    if who.sees_all:
        return RollUps(zone, has_months=state.is_whole)
    mine = visible_customers(who)
    if who.staff is not None and state.is_whole and handed.is_settled(who.staff.pk):
        return RollUps(zone, Own(who.staff.pk, mine))
    return Live(mine, ZoneInfo(panel_settings.current().time_zone))


def whole(sums: Iterable[Sums]) -> Sums:
    """All of them together."""
    return folded(((), each) for each in sums).get((), NOTHING_SOLD)


def of_span(by_day: Mapping[date, Sums], span: Span) -> Sums:
    """The days of a span together."""
    return whole(sums for day, sums in by_day.items() if span.first <= day <= span.last)


# ── From the roll-ups ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Own:
    """A member and the clients whom they manage."""

    staff_id: int
    customers: QuerySet[Customer]


class RollUps:
    """Figures summed by day and month: every client's, or those of a member's own."""

    is_live = False

    def __init__(self, zone: ZoneInfo, own: Own | None = None, *, has_months: bool = True):
        """Of all clients, or of somebody's `own`; by whole months once those are there."""
        self.zone, self.is_own = zone, own is not None
        self._own, self._has_months = own, has_months

    def by_day(self, span: Span) -> dict[date, Sums]:
        found = self._of(ReportBy.DAY).filter(
            is_month=False, day__gte=span.first, day__lte=span.last
        )
        return {day: Sums(*values) for day, *values in found.values_list("day", *MEASURES)}

    def _of(self, by: ReportBy) -> QuerySet[DaySum]:
        """Rows by something; customers' are kept once, and picked for each member."""
        kept = DaySum.objects.filter(by=by).order_by()
        if self._own is None:
            return kept.filter(clients_of=0)
        if by == ReportBy.CUSTOMER:
            return kept.filter(clients_of=0, key__in=self._own.customers.values("pk"))
        return kept.filter(clients_of=self._own.staff_id)

    def _within(self, by: ReportBy, *spans: Span) -> QuerySet[DaySum]:
        """Rows that cover the spans, whole months at once."""
        ends = [(span.first, span.last) for span in spans]
        return self._of(by).filter(months.covering(ends, using_months=self._has_months))

    def rows(self, question: Question) -> list[Row]:
        asked, present = question, Q(day__gte=question.span.first)
        names = dict.fromkeys((*asked.measures, *_RANKS[asked.rank]))
        now = {f"now_{name}": _summed(name, present) for name in names}
        profit = F("charged") - F("refunded") - F("charge")
        was = Coalesce(Sum(profit, filter=~present), NOTHING)
        found: Any = self._within(asked.by, asked.span.before(), asked.span)
        found = found.values("key").annotate(**now, profit_was=was)
        parts = [F(f"now_{name}") for name in _RANKS[asked.rank]]
        found = found.annotate(rank=parts[0] - parts[1] if len(parts) > 1 else parts[0])
        found = found.filter(_anything(names)).order_by("-rank", "key")
        if asked.after is not None:
            figure, key = asked.after
            level = figure if asked.rank == "revenue" else int(figure)
            found = found.filter(Q(rank__lt=level) | Q(rank=level, key__gt=key))
        return [_row(each) for each in found[: asked.most]]


def _summed(name: str, when: Q) -> Coalesce:
    nothing = NOTHING if name in _AMOUNTS else Value(0)
    return Coalesce(Sum(name, filter=when), nothing)


def _anything(names: Iterable[str]) -> Q:
    return reduce(or_, (~Q(**{f"now_{name}": 0}) for name in names))


def _row(found: Mapping[str, Any]) -> Row:
    known = {name: found[f"now_{name}"] for name in MEASURES if f"now_{name}" in found}
    return Row(found["key"], Sums(**known), found["profit_was"])


# ── Live ─────────────────────────────────────────────────────────────────────────────────────


class Live:
    """The figures of some customers, as their orders stand now."""

    is_live = is_own = True

    def __init__(self, customers: QuerySet[Customer], zone: ZoneInfo):
        self._customers, self.zone = customers, zone
        self._known: dict[tuple[ReportBy, Span], list[Row]] = {}

    def by_day(self, span: Span) -> dict[date, Sums]:
        return folded(grouped_by_day(self._customers, *self._bounds(span), self.zone))

    def rows(self, question: Question) -> list[Row]:
        asked = question.by, question.span
        if asked not in self._known:
            self._known[asked] = self._read(*asked)
        return ranked(self._known[asked], question)

    def _read(self, by: ReportBy, span: Span) -> list[Row]:
        since, until = self._bounds(span)
        begin = self._bounds(span.before())[0]
        sums = folded(grouped(self._customers, begin, until, [by], recent=since))
        return [
            Row(key, found, sums.get((key, False), NOTHING_SOLD).profit)
            for (key, is_recent), found in sums.items()
            if is_recent
        ]

    def _bounds(self, span: Span) -> tuple[datetime, datetime]:
        return days.bounds(span.first, self.zone)[0], days.bounds(span.last, self.zone)[1]


def ranked(rows: Iterable[Row], question: Question) -> list[Row]:
    """Rows in the order that a question asks for, those after its last one, as many as it wants."""
    told = (row for row in rows if any(getattr(row.now, name) for name in question.measures))
    by = sorted(told, key=lambda row: (-rank_of(row, question.rank), row.key))
    if question.after is not None:
        figure, key = question.after
        by = [row for row in by if (-rank_of(row, question.rank), row.key) > (-figure, key)]
    return by[: question.most]


# ── Categories ───────────────────────────────────────────────────────────────────────────────

MOST_SERVICES = 100_000


def by_category(source: Source, question: Question) -> list[Row]:
    """The same by category: services' sums added up by where each stands today."""
    every = Question(ReportBy.SERVICE, question.span, MOST_SERVICES, measures=question.measures)
    home = dict(Service.objects.values_list("pk", "category"))
    sums: dict[int, Row] = {}
    for row in source.rows(every):
        key = home.get(row.key, 0)
        known = sums.get(key, Row(key, NOTHING_SOLD))
        sums[key] = Row(key, known.now.plus(row.now), known.profit_was + row.profit_was)
    return ranked(sums.values(), question)
