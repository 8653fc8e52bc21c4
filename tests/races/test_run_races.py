"""The runs of one order: news about several of them, and about the whole, at one moment.

Each race is run with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from orders import ledger_check, progress
from orders.enums import OrderStatus
from orders.models import Child, Order, Transfer
from orders.progress import Report, families
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import Place, after, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
SOON = NOW + timedelta(minutes=2)
S = OrderStatus
PRICE = Decimal("1.3")
SUMMED = after(families, "add_up_all")


@pytest.fixture
def drip(order_of: Callable[..., Order]) -> Order:
    """Two runs of 500, both told of and under way."""
    order = order_of(runs=2, quantity=500, status=S.IN_PROGRESS)
    for number in (1, 2):
        factories.child(order, number, status=S.IN_PROGRESS, upstream_id=f"r{number}")
    return order


def whole(order: Order, word: str, *children: str) -> Report:
    return Report(order.pk, word, None, "", None, None, "", SOON, runs=2, children=children)


def of_run(order: Order, number: int, word: str, remains: int) -> Report:
    child = order.children.get(number=number)
    return Report(child.pk, word, None, "", None, remains, "", SOON)


def refunded(order: Order) -> Decimal:
    found = Transfer.objects.filter(order=order, kind="refund").values_list("amount", flat=True)
    return sum(found, Decimal(0))


# ── Two runs end at one moment ───────────────────────────────────────────────────────────────


def both_runs_end(order: Order, at: Place = SUMMED) -> None:
    """The whole has ended; what is owed hangs on whichever run ends last."""
    progress.apply([whole(order, "Completed", "r1", "r2")], now=SOON)
    first = of_run(order, 1, "Partial", 100)
    second = of_run(order, 2, "Partial", 200)
    race(
        lambda: progress.apply_to_children([first], now=SOON),
        lambda: progress.apply_to_children([second], now=SOON),
        at=at,
    )
    order.refresh_from_db()


def test_of_two_runs_that_end_at_once_the_second_settles(drip: Order) -> None:
    both_runs_end(drip)
    assert (drip.status, drip.remains) == (S.PARTIAL, 300)
    assert refunded(drip) == PRICE * 300 / 1000
    assert not ledger_check.check()


def test_without_the_orders_lock_neither_run_settles(drip: Order, guards: Guards) -> None:
    guards.lift_row_locks(Order)
    both_runs_end(drip)
    assert drip.status == S.IN_PROGRESS
    assert refunded(drip) == 0


# ── The last run ends as the whole does ──────────────────────────────────────────────────────


def run_and_whole_end(order: Order) -> None:
    progress.apply_to_children([of_run(order, 1, "Completed", 0)], now=SOON)
    last = of_run(order, 2, "Partial", 200)
    race(
        lambda: progress.apply_to_children([last], now=SOON),
        lambda: progress.apply([whole(order, "Completed", "r1", "r2")], now=SOON),
        at=SUMMED,
    )
    order.refresh_from_db()


def test_a_run_that_ends_as_the_whole_does_is_counted(drip: Order) -> None:
    run_and_whole_end(drip)
    assert (drip.status, drip.remains) == (S.PARTIAL, 200)
    assert refunded(drip) == PRICE * 200 / 1000


def test_without_the_orders_lock_the_end_is_missed(drip: Order, guards: Guards) -> None:
    guards.lift_row_locks(Order)
    run_and_whole_end(drip)
    assert drip.status == S.IN_PROGRESS


# ── Two workers hear of the same runs ────────────────────────────────────────────────────────

LOOKED = after(families, "_holders")


def told_twice(order: Order) -> list[progress.Applied]:
    news = whole(order, "In progress", "a", "b")
    return race(
        lambda: progress.apply([news], now=SOON),
        lambda: progress.apply([news], now=SOON),
        at=LOOKED,
    )


def test_runs_that_are_told_of_twice_at_once_are_stored_once(
    order_of: Callable[..., Order],
) -> None:
    order = order_of(runs=2, quantity=500)
    told_twice(order)
    assert list(order.children.order_by("number").values_list("upstream_id", flat=True)) == [
        "a",
        "b",
    ]


def test_the_index_alone_keeps_runs_from_being_stored_twice(
    order_of: Callable[..., Order], guards: Guards
) -> None:
    guards.lift_row_locks(Order)
    order = order_of(runs=2, quantity=500)
    results = told_twice(order)
    assert sum(result.failed for result in results) == 1
    assert order.children.count() == 2


def test_the_lock_alone_keeps_runs_from_being_stored_twice(
    order_of: Callable[..., Order], guards: Guards
) -> None:
    guards.drop("child_once_per_provider")
    guards.drop("child_by_order")
    order = order_of(runs=2, quantity=500)
    assert sum(result.failed for result in told_twice(order)) == 0
    assert list(order.children.order_by("number").values_list("number", "upstream_id")) == [
        (1, "a"),
        (2, "b"),
    ]


def test_without_lock_and_index_runs_are_stored_twice(
    order_of: Callable[..., Order], guards: Guards
) -> None:
    guards.lift_row_locks(Order)
    guards.drop("child_once_per_provider")
    guards.drop("child_by_order")
    order = order_of(runs=2, quantity=500)
    told_twice(order)
    assert Child.objects.filter(order=order).count() == 4


# ── The same news of a run, twice ────────────────────────────────────────────────────────────


def test_the_same_news_of_a_run_twice_refunds_once(drip: Order) -> None:
    progress.apply([whole(drip, "Completed", "r1", "r2")], now=SOON)
    progress.apply_to_children([of_run(drip, 1, "Completed", 0)], now=SOON)
    news = of_run(drip, 2, "Canceled", 500)
    results = race(
        lambda: progress.apply_to_children([news], now=SOON),
        lambda: progress.apply_to_children([news], now=SOON),
        at=SUMMED,
    )
    assert sum(result.refunds for result in results) == 1
    assert refunded(drip) == PRICE / 2
    assert not ledger_check.check()
