"""Orders placed since or before a moment, found by their numbers.

Lists go by number, and numbers rise with time, so a day is a stretch of numbers: without these
bounds a list of last year's orders would first walk past all of this year's.
"""

from datetime import datetime

from django.db.models import Q, QuerySet

from orders.models import Order

NEIGHBOURS = 500
"""Two orders at one time may be numbered the other way round. So many that lie nearest to the
moment are looked at: no order is numbered later than so many that were placed after it."""


def placed_since(orders: QuerySet[Order], moment: datetime) -> QuerySet[Order]:
    """Those placed at this moment or later. One query more, for the bound."""
    late = Q(placed_at__gte=moment)
    first = min(_numbers(late, "placed_at"), default=None)
    return orders.none() if first is None else orders.filter(late, pk__gte=first)


def placed_before(orders: QuerySet[Order], moment: datetime) -> QuerySet[Order]:
    """Those placed before this moment. One query more, for the bound."""
    early = Q(placed_at__lt=moment)
    last = max(_numbers(early, "-placed_at"), default=None)
    return orders.none() if last is None else orders.filter(early, pk__lte=last)


def _numbers(fits: Q, nearest: str) -> list[int]:
    rows = Order.objects.filter(fits).order_by(nearest)
    return list(rows.values_list("pk", flat=True)[:NEIGHBOURS])
