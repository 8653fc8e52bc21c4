"""Open orders on the same link, of which whoever orders is warned."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from orders import people, service_types, sql, statuses
from orders.models import Customer, Order, User

MOST_OVERLAPS = 5


def take_turns(target: str) -> None:
    """Of two orders on one link at once, the second sees the first. Before any other lock."""
    if key := service_types.link_key(target):
        sql.take_turns(f"link {key}")


_OWN = sql.Query(
    "SELECT id FROM orders_order WHERE customer_id = %s AND link_key = %s"
    f" AND status IN ({', '.join(map(repr, sorted(map(str, statuses.OPEN))))})"
    f" ORDER BY id DESC LIMIT {MOST_OVERLAPS}"
)


def open_orders_on(link: str, by: User | None, customer: Customer) -> list[int]:
    """Up to five open orders on the same link: a customer's own, or those a staff member sees."""
    key = service_types.link_key(link)
    if not key:
        return []
    if by is None:
        return [number for (number,) in _OWN.rows(customer.pk, key)]
    found = _open_orders(by, customer).filter(link_key=key).order_by("-id")
    return list(found.values_list("pk", flat=True)[:MOST_OVERLAPS])


def open_orders_on_each(
    keys: Iterable[str], by: User | None, customer: Customer
) -> dict[str, list[int]]:
    """The same for many links at once, by their `link_key`. As many queries for one as for many."""
    nth = Window(RowNumber(), partition_by="link_key", order_by="-id")
    found = _open_orders(by, customer).filter(link_key__in=[key for key in keys if key])
    rows = found.annotate(nth=nth).filter(nth__lte=MOST_OVERLAPS).order_by("-id")
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for key, number in rows.values_list("link_key", "pk"):
        numbers[key].append(number)
    return dict(numbers)


def _open_orders(by: User | None, customer: Customer) -> QuerySet[Order]:
    """Those that an overlap with is told of."""
    if by is not None and people.staff_of(by) is not None:
        mine = people.visible_orders(by)
    else:
        mine = Order.objects.filter(customer=customer)
    return mine.filter(status__in=statuses.OPEN)
