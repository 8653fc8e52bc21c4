"""Was each line of many orders placed at most once, and does it say so?"""

from collections import defaultdict
from collections.abc import Iterator

from orders.enums import MassLineState
from orders.models import MassLine, Order
from tests.chaos.books import Books

KEYS = "many:"


def lines_are_placed_once(books: Books) -> Iterator[str]:
    """A line that is placed holds the one order that stands under its key, at the price that was
    shown or less; another line has none. No other order stands under such a key."""
    made: defaultdict[str, list[Order]] = defaultdict(list)
    for order in books.orders.values():
        if (order.client_key or "").startswith(KEYS):
            made[order.client_key or ""].append(order)
    for line in MassLine.objects.select_related("mass_order").order_by("pk"):
        orders = made.pop(f"{KEYS}{line.mass_order.token.hex}:{line.number}", [])
        numbers = [order.pk for order in orders]
        if len(numbers) > 1:
            yield f"line {line} was placed {len(numbers)} times: {numbers}"
        if numbers != ([line.order_id] if line.order_id else []):
            yield f"line {line} holds order {line.order_id}, its key made {numbers}"
        for order in orders:
            if (order.service_id, order.link) != (line.service_number, line.link):
                yield f"order {order.pk} is not what line {line} says"
            if line.price is None or order.price > line.price:
                yield f"order {order.pk} costs {order.price}, line {line} was shown {line.price}"
    for key, orders in made.items():
        yield f"no line made order {orders[0].pk} (key {key})"


def lines_end(books: Books) -> Iterator[str]:
    """No line waits, and what was seen placed has its lines: each that was typed, and the wrong
    one."""
    waiting = MassLine.objects.filter(state=MassLineState.WAITING)
    for line in waiting.order_by("pk"):
        yield f"line {line} still waits"
    for sent in books.facts.sent:
        found = MassLine.objects.filter(mass_order=sent.number).count()
        expected = len(sent.parcel.items) + 1 if sent.is_placed else found
        if found != expected:
            yield f"parcel {sent.parcel.number} has {found} lines of {expected}"
