"""What is summed about orders and the money that moved for them, and by what.

One definition for the roll-ups, for the check that compares them with the ledger and for those
who read live: sums of transfers by the moment they moved, sums of orders by their placement.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from operator import add, sub
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate

from orders.enums import OrderStatus, ReportBy, TransferKind
from orders.models import Customer, Order, Refill, Transfer
from orders.money import ZERO
from orders.reports.charges import CANCELED, NOTHING, known_or_expected

MOVES = (TransferKind.ORDER, TransferKind.REFUND)
NOBODY = 0
COMMAND_LINE = -1
"""The key of what an operator placed at the command line."""


class Sums(NamedTuple):
    """The sums of some orders over some days, in the panel's currency."""

    charged: Decimal = ZERO
    refunded: Decimal = ZERO
    charge: Decimal = ZERO
    known: Decimal = ZERO
    orders: int = 0
    quoted: int = 0
    completed: int = 0
    partial: int = 0
    canceled: int = 0
    refilled: int = 0
    otherwise: int = 0
    otherwise_quoted: Decimal = ZERO
    otherwise_charged: Decimal = ZERO
    below: int = 0
    loss: Decimal = ZERO

    def plus(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums._make(map(add, self, other))

    def less(self, other: "Sums") -> "Sums":
        """What is more here than there."""
        return Sums._make(map(sub, self, other))

    @property
    def revenue(self) -> Decimal:
        """What customers paid, net of what was paid back to them."""
        return self.charged - self.refunded

    @property
    def profit(self) -> Decimal:
        return self.revenue - self.charge

    @property
    def margin(self) -> Decimal | None:
        """Profit in per cent of the revenue; None without revenue."""
        return share(self.profit, self.revenue)

    @property
    def coverage(self) -> Decimal | None:
        """Orders that count with the provider's charge and not the quote, in per cent."""
        return share(self.orders - self.quoted, self.orders)


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """A part in per cent of a whole; None of nothing."""
    return Decimal(part) * 100 / whole if whole > 0 else None


MEASURES = Sums._fields
NOTHING_SOLD = Sums()
_COST = known_or_expected("cost", "expected_cost")


def of_money() -> dict[str, Any]:
    """The measures of transfers, as aggregates."""
    return {
        "charged": Coalesce(Sum("amount", filter=Q(kind=TransferKind.ORDER)), NOTHING),
        "refunded": Coalesce(Sum("amount", filter=Q(kind=TransferKind.REFUND)), NOTHING),
    }


def of_orders() -> dict[str, Any]:
    """The measures of orders with what `told` says of them, as aggregates."""
    completed = Q(status=OrderStatus.COMPLETED)
    differs = completed & Q(cost__isnull=False) & ~Q(charge_upstream=F("expected_charge_upstream"))
    lost = Q(net__lt=F("counts"), sure=True)
    return {
        "charge": Coalesce(Sum("counts"), NOTHING),
        "known": Coalesce(Sum("cost"), NOTHING),
        "orders": Count("pk"),
        "quoted": Count("pk", filter=Q(cost=None) & ~Q(status__in=CANCELED)),
        "completed": Count("pk", filter=completed),
        "partial": Count("pk", filter=Q(status=OrderStatus.PARTIAL)),
        "canceled": Count("pk", filter=Q(status__in=CANCELED)),
        "refilled": Count("pk", filter=Q(has_refill=True)),
        "otherwise": Count("pk", filter=differs),
        "otherwise_quoted": Coalesce(Sum("expected_cost", filter=differs), NOTHING),
        "otherwise_charged": Coalesce(Sum("cost", filter=differs), NOTHING),
        "below": Count("pk", filter=lost),
        "loss": Coalesce(Sum(F("counts") - F("net"), filter=lost), NOTHING),
    }


def told(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Orders with what they brought (`net`) and cost (`counts`), and whether both are `sure`.

    A partial order's quote is for all of it: its cost is sure only once the provider has charged.
    """
    return orders.annotate(
        counts=_COST,
        net=F("price") - F("refunded"),
        sure=Q(cost__isnull=False) | ~Q(status=OrderStatus.PARTIAL),
        has_refill=Exists(Refill.objects.filter(order=OuterRef("pk"))),
    )


def below_cost(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Those that brought less than they cost."""
    rows: QuerySet[Any] = told(orders)
    return rows.filter(net__lt=F("counts"), sure=True)


# ── By what ──────────────────────────────────────────────────────────────────────────────────


def _placed_by(order: str) -> Case:
    """The member of the house who placed it; customers and their programs count as nobody."""
    operator = Q(**{f"{order}placed_by": None, f"{order}api_key": None, f"{order}pk__gt": 0})
    return Case(
        When(operator, then=Value(COMMAND_LINE)),
        default=Coalesce(F(f"{order}placed_by__staff"), Value(NOBODY)),
        output_field=BigIntegerField(),
    )


def keys(order: str = "") -> dict[str, Any]:
    """What sums are taken by, as expressions over orders, or over what leads to them."""

    def key(column: str) -> Coalesce:
        return Coalesce(F(f"{order}{column}"), Value(NOBODY), output_field=BigIntegerField())

    return {
        f"by_{ReportBy.SERVICE}": key("service"),
        f"by_{ReportBy.CUSTOMER}": key("customer"),
        f"by_{ReportBy.PROVIDER}": key("provider"),
        f"by_{ReportBy.PLACED_BY}": _placed_by(order),
        f"by_{ReportBy.MANAGED_BY}": key("managed_by"),
        f"by_{ReportBy.MARKUP_OF}": key("markup_of"),
        "clients_of": key("customer__manager"),
    }


ALL = tuple(ReportBy)

Key = tuple[Any, ...]


def grouped(
    mine: QuerySet[Customer] | None,
    since: datetime,
    until: datetime,
    by: Iterable[ReportBy],
    *,
    recent: datetime | None = None,
    of_members: bool = False,
) -> list[tuple[Key, Sums]]:
    """Sums from `since` up to but without `until`, by these keys together; two queries.

    `mine`: of which customers, None for all. With `recent`, a last key says whether they are from
    that moment on; with `of_members`, which member manages the customer now. Each row tells of
    placement or of money: fold them.
    """
    names = [f"by_{each}" for each in by if each != ReportBy.DAY]
    placed, moved = _within(mine, since, until)
    of_placed, of_moved = keys(), keys("order__")
    if of_members:
        names.append("clients_of")
    if recent is not None:
        names.append("recent")
        of_placed |= {"recent": _from("placed_at", recent)}
        of_moved |= {"recent": _from("at", recent)}
    return [
        *_rows(placed, of_placed, names, of_orders()),
        *_rows(moved, of_moved, names, of_money()),
    ]


def _from(column: str, moment: datetime) -> Case:
    since = When(**{f"{column}__gte": moment}, then=Value(True))
    return Case(since, default=Value(False), output_field=BooleanField())


def grouped_by_day(
    mine: QuerySet[Customer] | None, since: datetime, until: datetime, zone: tzinfo
) -> list[tuple[date, Sums]]:
    """The same by the day of a time zone."""
    placed, moved = _within(mine, since, until)
    rows = [
        *_rows(placed, {"on": TruncDate("placed_at", tzinfo=zone)}, ["on"], of_orders()),
        *_rows(moved, {"on": TruncDate("at", tzinfo=zone)}, ["on"], of_money()),
    ]
    return [(key[0], sums) for key, sums in rows]


def _within(
    mine: QuerySet[Customer] | None, since: datetime, until: datetime
) -> tuple[QuerySet[Order], QuerySet[Transfer]]:
    placed = Order.objects.filter(placed_at__gte=since, placed_at__lt=until)
    moved = Transfer.objects.filter(kind__in=MOVES, at__gte=since, at__lt=until)
    if mine is not None:
        placed = placed.filter(customer__in=mine)
        moved = moved.filter(order__customer__in=mine)
    return told(placed), moved


def _rows(
    rows: QuerySet[Any], known: dict[str, Any], names: list[str], measures: dict[str, Any]
) -> list[tuple[Key, Sums]]:
    if not names:
        return [((), Sums(**rows.aggregate(**measures)))]
    chosen = rows.annotate(**{name: known[name] for name in names})
    found = chosen.values(*names).order_by().annotate(**measures)
    return [
        (tuple(row[name] for name in names), Sums(**{name: row[name] for name in measures}))
        for row in found
    ]


def folded(
    rows: Iterable[tuple[Any, Sums]], key: Callable[[Any], Any] = lambda key: key
) -> dict[Any, Sums]:
    """Rows added up under fewer keys."""
    sums: dict[Any, Sums] = {}
    for whole, row in rows:
        name = key(whole)
        sums[name] = sums[name].plus(row) if name in sums else row
    return sums
