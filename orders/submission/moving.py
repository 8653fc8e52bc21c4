"""Where an answer moves its order, whose row is locked."""

from datetime import datetime
from decimal import Decimal

from orders import history, ledger
from orders.enums import (
    EventKind,
    HoldReason,
    OrderStatus,
    Tier,
)
from orders.models import Order
from orders.submission.cases import Case


def move(order: Order, status: OrderStatus, at: datetime, *, tier: Tier | None) -> None:
    order.status, order.status_at, order.changed_at, order.tier = status, at, at, tier
    order.hold = order.hold_detail = ""
    order.not_before = None


def back_to_waiting(
    order: Order,
    at: datetime,
    *,
    not_before: datetime | None = None,
    hold: HoldReason = HoldReason.NONE,
    detail: str = "",
) -> None:
    # `waiting_since` stays: an order that is refused for want of funds all night still ends.
    move(order, OrderStatus.WAITING, at, tier=None)
    order.not_before, order.hold, order.hold_detail = not_before, hold, detail[:300]
    order.save()


def to_unconfirmed(case: Case, detail: str, *, again: bool = False) -> None:
    order, unconfirmed = case.order, OrderStatus.UNCONFIRMED
    if order.status != unconfirmed:
        move(order, unconfirmed, case.at, tier=None)
        order.save()
    elif not again:
        return
    history.note(order.pk, EventKind.UNCONFIRMED, case.at, status=unconfirmed, detail=detail)


def refund_all(order: Order, at: datetime, *, memo: str) -> Decimal:
    """Give back what is left of the price of a locked order, with its line of history."""
    moved = ledger.refund(order, order.price, by=None, memo=memo, at=at)
    if moved:
        history.note(
            order.pk, EventKind.REFUNDED, at, status=order.status, detail=memo, amount=str(moved)
        )
    return moved
