"""Whom a change of services touches: who bought them lately, and who has a price agreed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from orders.models import MarkupRule, Order, Service

DAYS = 30


@dataclass(frozen=True, slots=True)
class Touched:
    """Of one service in the last `DAYS` days."""

    orders: int = 0
    customers: int = 0


def touched(services: Collection[int], now: datetime) -> dict[int, Touched]:
    """What was ordered of these services lately, by number; nothing was: they are left out.

    Two queries. Orders are numbered as they are placed, so the first number of the period bounds
    what is read of each service.
    """
    since = now - timedelta(days=DAYS)
    first = Order.objects.filter(placed_at__gte=since).order_by("placed_at").values_list("pk")[:1]
    start = next((pk for (pk,) in first), None)
    if start is None:
        return {}
    lately = Order.objects.filter(service__in=services, pk__gte=start, placed_at__gte=since)
    counts = (Count("pk"), Count("customer", distinct=True))
    rows = lately.order_by().values_list("service").annotate(orders=counts[0], buyers=counts[1])
    return {service: Touched(orders, buyers) for service, orders, buyers in rows}


def agreed_prices(services: Collection[int]) -> int:
    """How many customers have a price agreed about one of these services or their shelves."""
    shelves = Service.objects.filter(pk__in=services).values("category")
    about = Q(service__in=services) | Q(category__in=shelves)
    acting = MarkupRule.objects.filter(about, ended_at=None, customer__isnull=False)
    return acting.order_by().aggregate(found=Count("customer", distinct=True))["found"] or 0
