"""After a phone sale: the number, the message for the client, and what comes next."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from orders.models import Order
from orders.people import Person, visible_orders
from panel.delivery import target_of
from panel.display import money_text
from panel.htmx import render
from panel.staff.orders import order_tracking


@dataclass(frozen=True)
class Placed:
    """What the page shows, in plain values. `message` is what the client is sent."""

    number: int
    customer_number: int
    customer: str
    service: str
    link: str
    quantity: int
    price: Decimal
    balance: Decimal | None
    message: str
    has_address: bool


def page(request: HttpRequest, who: Person, number: str) -> HttpResponse:
    """The page of an order that the person placed, or may see."""
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    mine = visible_orders(who).select_related("customer__wallet", "service")
    order = get_object_or_404(mine, pk=pk)
    tracking = order_tracking.card(request, order)
    address = tracking.url if tracking else ""
    placed = Placed(
        number=order.pk,
        customer_number=order.customer_id,
        customer=order.customer.name,
        service=order.service.name,
        link=order.link or target_of(order),
        quantity=order.delivery_total or order.quantity,
        price=order.price,
        balance=order.customer.wallet.balance,
        message=message(order, address),
        has_address=bool(address),
    )
    return render(request, "staff/order_placed.html", {"placed": placed})


def message(order: Order, address: str) -> str:
    """Number, service, quantity, link, price and address; no cost, no provider."""
    most = "up to " if order.is_subscription else ""
    quantity = f"{most}{order.delivery_total:,} × " if order.delivery_total else ""
    target = order.link or target_of(order)
    link = f" for {target}" if target else ""
    text = (
        f"Your order {order.pk}: {quantity}{order.service.name}{link}. "
        f"Price {money_text(order.price)}."
    )
    return f"{text}\nFollow it here: {address}" if address else text
