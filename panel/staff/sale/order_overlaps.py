"""Other open orders on the link of a new one, which the person should know of."""

from dataclasses import dataclass

from orders.models import Customer, Order, Service
from orders.overlaps import open_orders_on
from orders.people import Person
from panel.delivery import delivered


@dataclass(frozen=True)
class Overlap:
    """One open order on the same link; `client` is empty when it is the same one's."""

    number: int
    text: str
    client: str
    same_service: bool


def overlaps(link: str, who: Person, customer: Customer, service: Service | None) -> list[Overlap]:
    """Up to five, the latest first, of those that this person may see."""
    if not link.strip():
        return []
    numbers = open_orders_on(link, who.user, customer)
    orders = Order.objects.filter(pk__in=numbers).select_related("service", "customer")
    return [
        Overlap(
            number=order.pk,
            text=f"{order.service.name}, {_still_to_come(order)} still to come",
            client="" if order.customer == customer else order.customer.name,
            same_service=order.service == service,
        )
        for order in orders.order_by("-pk")
    ]


def _still_to_come(order: Order) -> str:
    done, total = delivered(order), order.delivery_total or order.billable
    return f"{total - done:,} of {total:,}" if done is not None else f"{total:,}"
