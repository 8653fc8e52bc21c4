"""The address under which a client follows an order, as staff see, copy and revoke it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from orders import tracking
from orders.models import Order
from orders.sealing import Unsealable


@dataclass(frozen=True)
class Card:
    """The acting address. `url` is empty when its key can no longer be read, only replaced."""

    url: str
    made_by: str
    made_at: datetime


def card(request: HttpRequest, order: Order) -> Card | None:
    """What the order's page shows of its address; None when there is none."""
    address = tracking.address_of(order)
    if address is None:
        return None
    try:
        path = reverse("tracking", args=[tracking.key_of(address)])
    except Unsealable:
        return Card("", str(address.made_by), address.made_at)
    return Card(request.build_absolute_uri(path), str(address.made_by), address.made_at)
