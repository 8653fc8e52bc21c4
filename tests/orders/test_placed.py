"""Orders of a day, told by their numbers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import placed
from orders.models import Order
from tests.support import factories
from tests.support.factories import NOW

HOUR = timedelta(hours=1)


def _orders(*hours: int) -> list[int]:
    """Orders placed so many hours from now, in the order of their numbers."""
    buyer, bought, by = factories.customer(), factories.service(), factories.user()
    return [factories.order(buyer, bought, by=by, placed_at=NOW + hour * HOUR).pk for hour in hours]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "since", "before"),
    [
        ((-2, -1, 0, 1), [2, 3], [0, 1]),
        ((0, -1, 1, -2), [0, 2], [1, 3]),  # numbered the other way round
        ((-2, -1), [], [0, 1]),
        ((1, 2), [0, 1], []),
        ((), [], []),
    ],
)
def test_a_moment_parts_the_orders(
    hours: tuple[int, ...], since: list[int], before: list[int]
) -> None:
    numbers = _orders(*hours)
    orders = Order.objects.order_by("pk")
    later = placed.placed_since(orders, NOW).values_list("pk", flat=True)
    earlier = placed.placed_before(orders, NOW).values_list("pk", flat=True)
    assert list(later) == [numbers[n] for n in since]
    assert list(earlier) == [numbers[n] for n in before]


@pytest.mark.django_db
def test_what_is_numbered_beyond_the_moment_is_not_looked_at() -> None:
    first, second, third = _orders(-1, 0, 1)
    with CaptureQueriesContext(connection) as seen:
        assert list(placed.placed_before(Order.objects.all(), NOW)) == [Order(pk=first)]
        assert set(placed.placed_since(Order.objects.all(), NOW)) == {
            Order(pk=second),
            Order(pk=third),
        }
    assert f'"orders_order"."id" <= {first}' in seen[1]["sql"]
    assert f'"orders_order"."id" >= {second}' in seen[3]["sql"]
