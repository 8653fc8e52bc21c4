"""Other open orders on the link of a new one, which the person should know of."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from orders.models import Customer, Order, Service
from orders.overlaps import open_orders_on
from orders.people import Person
from panel.delivery import delivered
from panel.display import count


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
            text=_still_to_come(order),
            client="" if order.customer == customer else order.customer.name,
            same_service=order.service == service,
        )
        for order in orders.order_by("-pk")
    ]


def _still_to_come(order: Order) -> str:
    done, total = delivered(order), order.delivery_total or order.billable
    words = _("%(service)s, %(total)s still to come")
    if done is not None:
        words = _("%(service)s, %(left)s of %(total)s still to come")
    left = total - (done or 0)
    return words % {
        "service": order.service.name,
        "left": count(left),
        "total": count(total),
    }
