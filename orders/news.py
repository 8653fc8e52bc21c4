"""Which lines of an order's history its customer is told of by e-mail.

Notices are written in the transaction that makes the news true; `orders.notices` sends them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from orders import sql
from orders.enums import EventKind, NoticeKind, OrderStatus
from orders.models import Customer, Notice, NoticeChoices, Order

GATHERED_FOR = timedelta(seconds=60)
"""News waits so long for more, so that what happens together leaves in one e-mail."""


class Line(NamedTuple):
    """A line of an order's history, as an `Event` keeps it."""

    order_id: int
    at: datetime
    kind: EventKind
    status: str
    person_id: int | None
    detail: str
    data: dict[str, Any]


def of_lines(numbers: Iterable[int], lines: Iterable[Line]) -> None:
    """Notices for lines that have just been written under these numbers, to those who want them;
    at most two queries, and none when nothing is worth an e-mail."""
    written = zip(numbers, lines, strict=True)
    telling = [(number, line, kind) for number, line in written if (kind := _kind(line))]
    if not telling:
        return
    buyers = _buyers({line.order_id for _, line, _ in telling})
    notices = [
        _row(buyer.customer_id, kind, f"event:{number}", line.at, line.order_id)
        for number, line, kind in telling
        if (buyer := buyers.get(line.order_id)) and _is_wanted(kind, buyer, line)
    ]
    sql.insert_rows(Notice, _COLUMNS, notices)


_COLUMNS = (
    *("customer_id", "kind", "reference", "at", "order_id"),
    *("not_before", "tries", "outcome"),
)


def _row(
    customer_id: int, kind: NoticeKind, reference: str, at: datetime, order_id: int | None
) -> tuple[Any, ...]:
    return customer_id, kind, reference, at, order_id, at + GATHERED_FOR, 0, ""


def notice(
    customer_id: int, kind: NoticeKind, reference: str, at: datetime, order_id: int | None = None
) -> Notice:
    """An unsaved notice, to be sent a little later."""
    row = _row(customer_id, kind, reference, at, order_id)
    return Notice(**dict(zip(_COLUMNS, row, strict=True)))


def wants(kind: NoticeKind, customer: Customer) -> bool:
    """Whether this customer, as chosen or by default, is told of such news."""
    choices = getattr(customer, "notice_choices", None) or NoticeChoices()
    return bool(getattr(choices, kind))


def _kind(line: Line) -> NoticeKind | None:
    if line.kind == EventKind.REFUNDED:
        return NoticeKind.RETURNED
    if line.kind == EventKind.STATUS and line.status == OrderStatus.COMPLETED:
        return NoticeKind.COMPLETED
    return None


class _Buyer(NamedTuple):
    """A customer with a sign-in that works, and what was chosen; null by default."""

    customer_id: int
    user_id: int
    completed: bool | None
    returned: bool | None


_CHOICES = (NoticeKind.COMPLETED, NoticeKind.RETURNED)
_DEFAULTS = {kind: bool(getattr(NoticeChoices(), kind)) for kind in _CHOICES}


def _buyers(order_ids: set[int]) -> dict[int, _Buyer]:
    """Those customers of these orders who can be reached, by order."""
    orders = sql.among(Order.objects.filter(customer__user__is_active=True), order_ids)
    choices = (f"customer__notice_choices__{kind}" for kind in _CHOICES)
    found = orders.values_list("pk", "customer_id", "customer__user_id", *choices)
    return {order_id: _Buyer(*buyer) for order_id, *buyer in found}


def _is_wanted(kind: NoticeKind, buyer: _Buyer, line: Line) -> bool:
    """What somebody has just done themselves, they know."""
    chosen = getattr(buyer, kind)
    return (_DEFAULTS[kind] if chosen is None else chosen) and line.person_id != buyer.user_id
