"""What roll-ups must say, worked out row by row without the code on trial."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from orders.enums import ReportBy
from orders.models import DaySum, Order, Refill, Staff, Transfer

FIGURES = (
    *("charged", "refunded", "charge", "known", "orders", "quoted", "completed", "partial"),
    *("canceled", "refilled", "otherwise", "otherwise_quoted", "otherwise_charged"),
    *("below", "loss"),
)

Line = tuple[date, int, int, int]
"""A day, by what, its key, and the member whose clients these are (0: all clients)."""


def truth(zone: ZoneInfo) -> dict[Line, dict[str, Any]]:
    """Every line of days that is not nothing, with all its figures."""
    lines: dict[Line, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(FIGURES, Decimal(0)))
    staff = dict(Staff.objects.values_list("user_id", "pk"))
    refilled = set(Refill.objects.values_list("order_id", flat=True))
    for order in Order.objects.select_related("customer"):
        for line_of in _keys(order, staff):
            line = lines[order.placed_at.astimezone(zone).date(), *line_of]
            for name, value in _figures(order, order.pk in refilled).items():
                line[name] += value
    moves = Transfer.objects.filter(kind__in=["order", "refund"])
    for moved in moves.select_related("order__customer"):
        assert moved.order is not None
        for line_of in _keys(moved.order, staff):
            line = lines[moved.at.astimezone(zone).date(), *line_of]
            line["charged" if moved.kind == "order" else "refunded"] += moved.amount
    return dict(lines)


def kept(*, is_month: bool = False) -> dict[Line, dict[str, Any]]:
    """The same as the roll-ups say it; or months, by their first day."""
    return {
        (row.day, row.by, row.key, row.clients_of): {name: getattr(row, name) for name in FIGURES}
        for row in DaySum.objects.filter(is_month=is_month)
    }


def by_month(lines: dict[Line, dict[str, Any]]) -> dict[Line, dict[str, Any]]:
    """Lines of days, added up by month."""
    found: dict[Line, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(FIGURES, Decimal(0)))
    for (day, *line), figures in lines.items():
        for name in FIGURES:
            found[day.replace(day=1), *line][name] += figures[name]  # type: ignore[index]
    return dict(found)


def _keys(order: Order, staff: dict[int, int]) -> list[tuple[int, int, int]]:
    placer = staff.get(order.placed_by_id or 0, 0)
    if order.placed_by_id is None and order.api_key_id is None:
        placer = -1
    keys = [
        (ReportBy.DAY, 0),
        (ReportBy.SERVICE, order.service_id),
        (ReportBy.CUSTOMER, order.customer_id),
        (ReportBy.PROVIDER, order.provider_id),
        (ReportBy.PLACED_BY, placer),
        (ReportBy.MANAGED_BY, order.managed_by_id or 0),
        (ReportBy.MARKUP_OF, order.markup_of_id or 0),
    ]
    member = order.customer.manager_id
    own = [(*each, member) for each in keys if member and each[0] != ReportBy.CUSTOMER]
    return [*((*each, 0) for each in keys), *own]


def _figures(order: Order, refilled: bool) -> dict[str, Any]:
    canceled = order.status in ("canceled", "refused")
    costs = order.cost if order.cost is not None else 0 if canceled else order.expected_cost
    known = order.cost is not None
    differs = (
        order.status == "completed"
        and known
        and order.charge_upstream != order.expected_charge_upstream
    )
    lost = costs - (order.price - order.refunded)
    below = lost > 0 and (known or order.status != "partial")
    return {
        "charge": costs,
        "known": order.cost or 0,
        "orders": 1,
        "quoted": not known and not canceled,
        "completed": order.status == "completed",
        "partial": order.status == "partial",
        "canceled": canceled,
        "refilled": refilled,
        "otherwise": differs,
        "otherwise_quoted": order.expected_cost if differs else 0,
        "otherwise_charged": order.cost if differs and order.cost is not None else 0,
        "below": below,
        "loss": lost if below else 0,
    }
