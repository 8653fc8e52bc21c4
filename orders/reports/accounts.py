"""How fast providers' accounts are spent, and how long they last."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from orders.models import Order
from orders.reports.charges import known_or_expected

PACE_OVER = timedelta(hours=24)
"""What a provider's account spends in an hour is told from the orders of this long."""


def spending(now: datetime) -> dict[int, Decimal]:
    """What each provider's account spends in an hour, in its currency, by provider id."""
    placed = Order.objects.filter(placed_at__gte=now - PACE_OVER, placed_at__lt=now)
    spent = Sum(known_or_expected("charge_upstream", "expected_charge_upstream"))
    hours = Decimal(PACE_OVER // timedelta(hours=1))
    found = placed.values("provider").order_by().annotate(spent=spent)
    return {row["provider"]: row["spent"] / hours for row in found}


def hours_left(balance: Decimal | None, hourly: Decimal) -> int | None:
    """How long a balance lasts at this pace; None where nothing is known or spent."""
    if balance is None or hourly <= 0:
        return None
    return max(int(balance / hourly), 0)
