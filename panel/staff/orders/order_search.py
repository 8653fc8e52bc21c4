"""One box for everything: what was typed decides where to look, and each place has an index."""

from django.db.models import QuerySet

from orders import service_types, sql
from orders.models import Child, Order, Provider
from orders.people import Person, is_link, search_customers

MOST_CLIENTS = 20
SHORTEST_LINK = 3
SHORTEST_PHONE = 5


def branches(orders: QuerySet[Order], text: str, who: Person) -> list[QuerySet[Order]]:
    """Where the typed text could be found; together they hold every hit.

    A number is ours or upstream's, or begins a phone number; anything else begins a link or is
    part of a client's name. One query each: `OR` would use no index.
    """
    text = text.strip()
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit():
        return _by_number(orders, number, who)
    found = []
    if who.sees_cost and " " not in text:
        found += _by_upstream_id(orders, text)
    key = service_types.link_key(text)
    if len(key) >= SHORTEST_LINK and " " not in text:
        found.append(orders.filter(sql.begins_with("link_key", key)))
    if not is_link(text):
        found.append(_of_clients(orders, text, who))
    return found


def _by_number(orders: QuerySet[Order], number: str, who: Person) -> list[QuerySet[Order]]:
    found = [orders.filter(pk=int(number))] if len(number) < 19 else []
    if who.sees_cost:
        found += _by_upstream_id(orders, number)
    if len(number) >= SHORTEST_PHONE:
        found.append(_of_clients(orders, number, who))
    return found


def _by_upstream_id(orders: QuerySet[Order], upstream_id: str) -> list[QuerySet[Order]]:
    """The orders of that id, or those of which a run has it, provider by provider: the index that
    keeps such an id unique begins with it."""
    at_one = {"provider__in": Provider.objects.values("pk"), "upstream_id": upstream_id}
    runs = Child.objects.filter(**at_one)
    return [orders.filter(**at_one), orders.filter(pk__in=runs.values("order"))]


def _of_clients(orders: QuerySet[Order], text: str, who: Person) -> QuerySet[Order]:
    clients = search_customers(who, text, limit=MOST_CLIENTS)
    return orders.filter(customer__in=[client.pk for client in clients])
