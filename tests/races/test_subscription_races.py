"""A subscription's end, and news of its posts at the same moment: it is settled once, for all that
was delivered. There is no guard beside the order's lock and the reference of a refund.

Each race is run with its guard, and with the guard taken away to show that it is needed.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from orders import catalog, ledger_check, progress
from orders.catalog import syncing
from orders.catalog.writing import Writing
from orders.enums import OrderStatus
from orders.models import Order, ProviderState, Transfer
from orders.progress import Report, families
from orders.upstream.replies import Digests
from tests.orders.catalog.conftest import Upstream
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, before, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
SOON = NOW + timedelta(minutes=2)
LATER = SOON + timedelta(minutes=1)
S = OrderStatus
PRICE = Decimal("1.3")
SUMMED = after(families, "add_up_all")


@pytest.fixture
def order() -> Order:
    """Five posts of up to 200, of which two are told of: 150 and 200, both under way."""
    made = factories.subscription(
        factories.customer(balance="1000"), status=S.IN_PROGRESS, upstream_status="Active"
    )
    for number, size in ((1, 150), (2, 200)):
        post = {"status": S.IN_PROGRESS, "upstream_id": f"r{number}", "quantity": size}
        factories.child(made, number, **post)
    return made


def whole(order: Order, word: str, *posts: str) -> Report:
    listed = {"children": posts, "is_listed": True, "is_of_subscription": True}
    return Report(order.pk, word, None, "", None, None, "", SOON, **listed)


def of_post(order: Order, number: int, word: str, remains: int) -> Report:
    post = order.children.get(number=number)
    return Report(post.pk, word, None, "", None, remains, "", SOON)


def refunds(order: Order) -> list[Decimal]:
    found = Transfer.objects.filter(order=order, kind="refund").order_by("pk")
    return list(found.values_list("amount", flat=True))


def left(units: int) -> Decimal:
    return PRICE * units / 1000


# ── Settled twice at once ────────────────────────────────────────────────────────────────────


def told_of_its_end_twice(order: Order) -> list[progress.Applied]:
    for number in (1, 2):
        progress.apply_to_children([of_post(order, number, "Completed", 0)], now=SOON)
    news = whole(order, "Expired", "r1", "r2")
    return race(
        lambda: progress.apply([news], now=SOON),
        lambda: progress.apply([news], now=SOON),
        at=SUMMED,
    )


def test_its_end_told_twice_at_once_settles_it_once(order: Order) -> None:
    told_of_its_end_twice(order)
    assert refunds(order) == [left(650)]
    assert not ledger_check.check()


def test_the_reference_alone_settles_it_once(order: Order, guards: Guards) -> None:
    guards.lift_row_locks(Order)
    results = told_of_its_end_twice(order)
    assert sum(result.failed for result in results) == 1
    assert refunds(order) == [left(650)]


def test_without_lock_and_reference_it_is_settled_twice(order: Order, guards: Guards) -> None:
    guards.lift_row_locks(Order)
    guards.drop("orders_transfer_reference_key")
    told_of_its_end_twice(order)
    assert refunds(order) == [left(650), left(650)]


# ── Settled by what its posts cost, as its catalog is read ───────────────────────────────────


@pytest.fixture
def awaiting(order: Order) -> Order:
    """Both posts have ended, at charges that tell their size; no catalog was read since."""
    ProviderState.objects.update(catalog_read_at=NOW)
    for post in order.children.order_by("number"):
        done = Report(post.pk, "Completed", post.quantity / Decimal(1000), "USD", None, 0, "", SOON)
        progress.apply_to_children([done], now=SOON)
    progress.apply([whole(order, "Expired", "r1", "r2")], now=SOON)
    order.refresh_from_db()
    assert order.status == S.IN_PROGRESS
    return order


def test_what_awaited_the_catalog_is_settled_once(awaiting: Order) -> None:
    ProviderState.objects.update(catalog_read_at=SOON + timedelta(seconds=1))
    news = replace(whole(awaiting, "Expired", "r1", "r2"), asked_at=LATER)
    race(
        lambda: progress.apply([news], now=LATER),
        lambda: progress.apply([news], now=LATER),
        at=SUMMED,
    )
    assert refunds(awaiting) == [left(650)]
    assert not ledger_check.check()


def reported_while_it_is_read(order: Order, listed: Upstream) -> None:
    """The catalog shows a lower rate; before that is written its order is reported once more."""
    offer = order.offer
    listed.lists(offer.upstream_id, rate=offer.rate / 2, type=offer.type_name)
    news = replace(whole(order, "Expired", "r1", "r2"), asked_at=LATER)
    race(
        lambda: catalog.sync(order.provider, now=SOON + timedelta(seconds=1)),
        lambda: progress.apply([news], now=LATER),
        at=[before(Writing, "write"), None],
    )
    order.refresh_from_db()


def test_a_reading_under_way_settles_nothing(awaiting: Order, listed: Upstream) -> None:
    reported_while_it_is_read(awaiting, listed)
    assert (awaiting.status, refunds(awaiting)) == (S.IN_PROGRESS, [])
    then = LATER + timedelta(minutes=1)
    progress.apply([replace(whole(awaiting, "Expired", "r1", "r2"), asked_at=then)], now=then)
    awaiting.refresh_from_db()
    assert (awaiting.status, awaiting.refund_unknown) == (S.PARTIAL, True)
    assert refunds(awaiting) == []


def test_a_moment_written_before_its_rates_settles_at_the_old_one(
    awaiting: Order, listed: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def early(writing: Writing, *args: Any) -> None:
        syncing._renew(writing, Digests())
        write(writing, *args)

    write = syncing._write
    monkeypatch.setattr(syncing, "_write", early)
    reported_while_it_is_read(awaiting, listed)
    assert refunds(awaiting) == [left(650)]


# ── Settled while a post's last word comes ───────────────────────────────────────────────────


def end_and_last_post(order: Order, word: str, remains: int) -> None:
    progress.apply_to_children([of_post(order, 1, "Completed", 0)], now=SOON)
    last = of_post(order, 2, word, remains)
    race(
        lambda: progress.apply_to_children([last], now=SOON),
        lambda: progress.apply([whole(order, "Canceled", "r1", "r2")], now=SOON),
        at=SUMMED,
    )
    order.refresh_from_db()


def test_a_post_that_ends_as_the_subscription_does_is_counted(order: Order) -> None:
    end_and_last_post(order, "Partial", 80)
    assert (order.status, order.remains) == (S.PARTIAL, 1000 - 150 - 120)
    assert refunds(order) == [left(730)]
    assert not ledger_check.check()


def test_without_the_orders_lock_its_end_is_missed(order: Order, guards: Guards) -> None:
    guards.lift_row_locks(Order)
    end_and_last_post(order, "Partial", 80)
    assert order.status == S.IN_PROGRESS
    assert refunds(order) == []


# ── Settled while a post comes that nobody knew of ───────────────────────────────────────────


@pytest.fixture
def ended(order: Order) -> Order:
    """Both posts have ended; its provider has not."""
    for number in (1, 2):
        progress.apply_to_children([of_post(order, number, "Completed", 0)], now=SOON)
    return order


def late_post_and_end(order: Order) -> None:
    """One worker hears of a third post, another at this moment of the end, with the two before."""
    race(
        lambda: progress.apply([whole(order, "Active", "r1", "r2", "late")], now=SOON),
        lambda: progress.apply([whole(order, "Canceled", "r1", "r2")], now=SOON),
        at=SUMMED,
    )
    order.refresh_from_db()


def late_post_ends(order: Order) -> None:
    post, then = order.children.get(upstream_id="late"), SOON + timedelta(minutes=1)
    done = Report(post.pk, "Completed", Decimal("0.1"), "USD", None, 0, "", then)
    progress.apply_to_children([done], now=then)
    order.refresh_from_db()


def test_a_post_that_is_told_of_as_it_ends_is_waited_for(ended: Order) -> None:
    late_post_and_end(ended)
    assert (ended.status, refunds(ended)) == (S.IN_PROGRESS, [])
    late_post_ends(ended)
    assert (ended.status, ended.remains) == (S.PARTIAL, 550)
    assert refunds(ended) == [left(550)]
    assert not ledger_check.check()


def test_the_familys_row_alone_makes_one_wait(ended: Order, guards: Guards) -> None:
    guards.lift_row_locks(Order)
    late_post_and_end(ended)
    assert (ended.status, refunds(ended)) == (S.IN_PROGRESS, [])


def test_a_post_that_is_told_of_after_the_end_moves_no_money_back(ended: Order) -> None:
    progress.apply([whole(ended, "Canceled", "r1", "r2")], now=SOON)
    progress.apply([whole(ended, "Canceled", "r1", "r2", "late")], now=SOON)
    late_post_ends(ended)
    assert refunds(ended) == [left(650)]
    assert ended.remains == 550
    assert "took less back than was refunded" in ended.flag
    assert not ledger_check.check()


# ── Many posts end at one moment ─────────────────────────────────────────────────────────────


def both_end(order: Order) -> None:
    progress.apply([whole(order, "Expired", "r1", "r2")], now=SOON)
    race(
        lambda: progress.apply_to_children([of_post(order, 1, "Canceled", 150)], now=SOON),
        lambda: progress.apply_to_children([of_post(order, 2, "Partial", 50)], now=SOON),
        at=SUMMED,
    )
    order.refresh_from_db()


def test_of_two_posts_that_end_at_once_the_second_settles(order: Order) -> None:
    both_end(order)
    assert (order.status, order.remains) == (S.PARTIAL, 850)
    assert refunds(order) == [left(850)]


def test_without_the_orders_lock_neither_post_settles(order: Order, guards: Guards) -> None:
    guards.lift_row_locks(Order)
    both_end(order)
    assert order.status == S.IN_PROGRESS
    assert refunds(order) == []
