"""After a phone sale: the number, the message for the client, and what comes next."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from orders import languages
from orders.models import Order
from orders.people import Person, visible_orders
from panel.delivery import target_of
from panel.display import count, money_text
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
    mine = visible_orders(who).select_related("customer__wallet", "customer__user", "service")
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
    """Number, service, quantity, link, price and address; no cost, no provider. In the client's
    language, or the panel's for who has chosen none."""
    with languages.speaking_to(order.customer.user):
        return _message(order, address)


def _message(order: Order, address: str) -> str:
    target = order.link or target_of(order)
    told = {
        "number": order.pk,
        "quantity": count(order.delivery_total),
        "service": order.service.name,
        "target": target,
        "price": money_text(order.price),
        "address": address,
    }
    text = _words(order, bool(target)) % told
    follow = _("Follow it here: %(address)s") % told
    return f"{text}\n{follow}" if address else text


def _words(order: Order, has_target: bool) -> str:
    """The sentence for an order with or without a quantity and a link."""
    if not has_target:
        if not order.delivery_total:
            return _("Your order %(number)s: %(service)s. Price %(price)s.")
        return _("Your order %(number)s: %(quantity)s × %(service)s. Price %(price)s.")
    if not order.delivery_total:
        return _("Your order %(number)s: %(service)s for %(target)s. Price %(price)s.")
    if order.is_subscription:
        return _(
            "Your order %(number)s: up to %(quantity)s × %(service)s for %(target)s. "
            "Price %(price)s."
        )
    return _("Your order %(number)s: %(quantity)s × %(service)s for %(target)s. Price %(price)s.")
