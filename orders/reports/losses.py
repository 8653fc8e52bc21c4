"""Orders that brought less than they cost."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from orders.models import Order
from orders.people import Person, visible_orders
from orders.reports import days
from orders.reports.reading import Source, Span
from orders.reports.sums import Sums, below_cost, told


def below(
    who: Person, source: Source, by_day: dict[date, Sums], span: Span, after: int | None, most: int
) -> list[Order]:
    """Such orders of a span, the latest first, after the order of this number; at most so many.

    The sums of each day say where there are any, so only as many days are looked at as it takes.
    Each order carries what it brought (`net`) and what it cost (`counts`).
    """
    mine = visible_orders(who)
    last = mine.filter(pk=after).first() if after is not None else None
    until = last.placed_at.astimezone(source.zone).date() if last else span.last
    wanted = _days(by_day, span.first, min(until, span.last), most, whole_first=last is None)
    if not wanted:
        return []
    rows: QuerySet[Any] = below_cost(mine.filter(wanted_days(wanted, source)))
    if last is not None:
        earlier = Q(placed_at__lt=last.placed_at) | Q(placed_at=last.placed_at, pk__lt=last.pk)
        rows = rows.filter(earlier)
    # Ranked here: told to rank and to stop, PostgreSQL would walk all orders by their moment.
    found = sorted(rows.values_list("placed_at", "pk"), reverse=True)[:most]
    listed: QuerySet[Any] = told(Order.objects.filter(pk__in=[pk for _, pk in found]))
    return list(listed.select_related("service", "customer").order_by("-placed_at", "-pk"))


def wanted_days(wanted: list[date], source: Source) -> Q:
    """Placed on one of these days."""
    found = Q(pk__in=[])
    for day in wanted:
        since, until = days.bounds(day, source.zone)
        found |= Q(placed_at__gte=since, placed_at__lt=until)
    return found


def _days(
    by_day: dict[date, Sums], first: date, last: date, most: int, *, whole_first: bool
) -> list[date]:
    """The latest days that hold so many; of the first one perhaps only a part is left."""
    found: list[date] = []
    count = 0
    for day in sorted((day for day in by_day if first <= day <= last), reverse=True):
        if not by_day[day].below:
            continue
        found.append(day)
        count += by_day[day].below if whole_first or day != last else 0
        if count >= most:
            break
    return found
