"""What is owed back to the customer, as a function of the order."""

from decimal import Decimal, localcontext

from orders.enums import OrderStatus
from orders.money import ZERO, round_up


def refund_owed(
    status: OrderStatus | str, price: Decimal, remains: int | None, delivery_total: int | None
) -> Decimal | None:
    """How much of the price is owed back in all; None when a person must decide.

    Canceled and refused: everything. Partial: price × remains / delivery total, rounded up at 10⁻⁸
    (the customer's favour), which never passes a price of at most eight places; over-delivery has
    no remains (0), while remains that are unreadable or above the total say nothing. Every other
    status: 0.
    """
    status = OrderStatus(status)
    if status in (OrderStatus.CANCELED, OrderStatus.REFUSED):
        return price
    if status is not OrderStatus.PARTIAL:
        return ZERO
    if remains is None or delivery_total is None or remains > delivery_total:
        return None
    if remains <= 0:
        return ZERO
    with localcontext(prec=60):
        return round_up(price * remains / delivery_total)
