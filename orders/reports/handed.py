"""Customers given to another member: their days are summed anew, for both members' own sums.

A trigger leaves a mark with each member concerned, in the transaction that hands over. Until the
mark is gone their reports are read live (`orders.reports.reading`).
"""

from datetime import date, datetime, time, tzinfo
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from orders import sql
from orders.models import MovedClient, Order, StaleMoment, Transfer
from orders.reports.sums import MOVES

AT_ONCE = 500
"""Customers whose days are looked for in one transaction."""


def spread(zone: tzinfo) -> list[int]:
    """Mark the days of every customer who was moved; the ids of the marks that are settled once
    all days that are stale now have been summed."""
    while _spread_some(zone):
        pass
    return list(MovedClient.objects.filter(is_spread=True).values_list("pk", flat=True))


def settle(marks: list[int]) -> None:
    """The days of these are summed."""
    for start in range(0, len(marks), AT_ONCE):
        MovedClient.objects.filter(pk__in=marks[start : start + AT_ONCE]).delete()


def is_settled(staff_id: int) -> bool:
    """Whether a member's own sums know of all their customers."""
    return not MovedClient.objects.filter(staff_id=staff_id).exists()


def _spread_some(zone: tzinfo) -> bool:
    with sql.short_transaction():
        marks = MovedClient.objects.filter(is_spread=False).order_by("pk")[:AT_ONCE]
        found = list(marks.values_list("pk", "customer_id"))
        if not found:
            return False
        customers = {customer for _, customer in found}
        noons = [datetime.combine(day, time(12), zone) for day in _days(customers, zone)]
        StaleMoment.objects.bulk_create([StaleMoment(at=at) for at in noons], batch_size=500)
        MovedClient.objects.filter(pk__in=[pk for pk, _ in found]).update(is_spread=True)
    return True


def _days(customers: set[int], zone: tzinfo) -> set[date]:
    placed: QuerySet[Any] = Order.objects.filter(customer__in=customers)
    moved: QuerySet[Any] = Transfer.objects.filter(kind__in=MOVES, order__customer__in=customers)
    return {
        day
        for rows, column in ((placed, "placed_at"), (moved, "at"))
        for day in rows.annotate(on=TruncDate(column, tzinfo=zone))
        .values_list("on", flat=True)
        .order_by()
        .distinct()
    }
