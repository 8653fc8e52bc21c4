"""Live figures of a period: what was sold, what it cost, and how sure that is. Only reads.

Revenue and refunds are the ledger's, by the day on which the money moved. The charge is that of
the orders placed in the period, because only orders know it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from orders.enums import OrderStatus, TransferKind
from orders.models import Transfer
from orders.money import ZERO
from orders.people import Person, visible_orders
from orders.reports.charges import CANCELED, NOTHING, known_or_expected


@dataclass(frozen=True)
class Period:
    """From `since` up to but without `until`."""

    since: datetime
    until: datetime

    def earlier(self, by: timedelta) -> "Period":
        """The same stretch of time, so much before."""
        return Period(self.since - by, self.until - by)


@dataclass(frozen=True)
class Totals:
    """The figures of one period, in the panel's currency."""

    revenue: Decimal
    """Orders' charges less refunds."""
    charge: Decimal
    """What upstream charged, and what it was quoted to charge where it has not said so yet."""
    charge_known: Decimal
    orders: int
    partial: int
    canceled: int

    @property
    def profit(self) -> Decimal:
        return self.revenue - self.charge

    @property
    def margin(self) -> Decimal | None:
        """Profit in per cent of the revenue; None without revenue."""
        return self.profit * 100 / self.revenue if self.revenue > 0 else None

    @property
    def coverage(self) -> Decimal | None:
        """How much of the charge the provider has confirmed, in per cent; None without any."""
        return self.charge_known * 100 / self.charge if self.charge else None


@dataclass(frozen=True)
class DayFigures:
    """One day of a series."""

    day: date
    revenue: Decimal = ZERO
    charge: Decimal = ZERO
    orders: int = 0


def totals(who: Person, periods: Sequence[Period]) -> list[Totals]:
    """The figures of each period, of the customers whom this person may see, in two queries."""
    money = _moved(who).filter(_any(periods, "at")).aggregate(**_money_sums(periods))
    sums = _order_sums(periods)
    placed = visible_orders(who).filter(_any(periods, "placed_at")).aggregate(**sums)
    return [_totals(money | placed, number) for number in range(len(periods))]


def _totals(row: dict[str, Any], number: int) -> Totals:
    def of(name: str) -> Any:
        return row[f"{name}_{number}"] or ZERO

    return Totals(
        revenue=of("charged") - of("refunded"),
        charge=of("charge"),
        charge_known=of("charge_known"),
        orders=int(of("orders")),
        partial=int(of("partial")),
        canceled=int(of("canceled")),
    )


def _moved(who: Person) -> QuerySet[Transfer]:
    moved = Transfer.objects.filter(kind__in=[TransferKind.ORDER, TransferKind.REFUND])
    return moved if who.sees_all else moved.filter(order__in=visible_orders(who))


def _within(period: Period, column: str) -> Q:
    return Q(**{f"{column}__gte": period.since, f"{column}__lt": period.until})


def _any(periods: Sequence[Period], column: str) -> Q:
    found = Q(pk__in=[])
    for period in periods:
        found |= _within(period, column)
    return found


def _money_sums(periods: Sequence[Period]) -> dict[str, Sum]:
    sums = {}
    for number, period in enumerate(periods):
        then = _within(period, "at")
        sums[f"charged_{number}"] = Sum("amount", filter=then & Q(kind=TransferKind.ORDER))
        sums[f"refunded_{number}"] = Sum("amount", filter=then & Q(kind=TransferKind.REFUND))
    return sums


def _order_sums(periods: Sequence[Period]) -> dict[str, Sum | Count]:
    charge = known_or_expected("cost", "expected_cost")
    sums: dict[str, Sum | Count] = {}
    for number, period in enumerate(periods):
        then = _within(period, "placed_at")
        sums[f"charge_{number}"] = Sum(charge, filter=then)
        sums[f"charge_known_{number}"] = Sum("cost", filter=then)
        sums[f"orders_{number}"] = Count("pk", filter=then)
        sums[f"partial_{number}"] = Count("pk", filter=then & Q(status=OrderStatus.PARTIAL))
        sums[f"canceled_{number}"] = Count("pk", filter=then & Q(status__in=CANCELED))
    return sums


# ── Day by day ───────────────────────────────────────────────────────────────────────────────


def by_day(who: Person, period: Period, zone: tzinfo) -> list[DayFigures]:
    """Every day of a period, in this time zone, the quiet ones too; two queries."""
    days = _Days(period, zone)
    revenue, placed = _revenue_by_day(who, days), _charge_by_day(who, days)
    return [
        DayFigures(day, revenue.get(number, ZERO), *placed.get(number, (ZERO, 0)))
        for number, day in enumerate(days.dates)
    ]


class _Days:
    """The days of a period and the moments at which they end.

    Rows are sorted into days by comparing with those moments: the same on every database, right
    when clocks change, and many times quicker on SQLite than asking for each row's date.
    """

    def __init__(self, period: Period, zone: tzinfo):
        self.period = period
        first, last = (each.astimezone(zone).date() for each in (period.since, period.until))
        self.dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        self._ends = [datetime.combine(day, time(), zone) for day in self.dates[1:]]

    def numbered(self, rows: QuerySet[Any], column: str) -> QuerySet[Any, dict[str, Any]]:
        """The rows of the period, grouped by the number of their day."""
        ends = [
            When(**{f"{column}__lt": end}, then=Value(number))
            for number, end in enumerate(self._ends)
        ]
        number = Case(*ends, default=Value(len(self._ends)), output_field=IntegerField())
        within = rows.filter(_within(self.period, column))
        return within.annotate(number=number).values("number").order_by("number")


def _revenue_by_day(who: Person, days: _Days) -> dict[int, Decimal]:
    charged = Coalesce(Sum("amount", filter=Q(kind=TransferKind.ORDER)), NOTHING)
    refunded = Coalesce(Sum("amount", filter=Q(kind=TransferKind.REFUND)), NOTHING)
    found = days.numbered(_moved(who), "at").annotate(charged=charged, refunded=refunded)
    return {row["number"]: row["charged"] - row["refunded"] for row in found}


def _charge_by_day(who: Person, days: _Days) -> dict[int, tuple[Decimal, int]]:
    found = days.numbered(visible_orders(who), "placed_at").annotate(
        charge=Sum(known_or_expected("cost", "expected_cost")), count=Count("pk")
    )
    return {row["number"]: (row["charge"], row["count"]) for row in found}
