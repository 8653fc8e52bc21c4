"""Planted violations in subscriptions and their posts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from orders import ledger
from orders.enums import Decision, EventKind, OrderStatus
from orders.models import Child, Event, Offer, Order, Submission
from tests.chaos.books import Books
from tests.chaos.planted import Play
from tests.chaos.posts import subscriptions
from tests.chaos.upstreams import Post
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
S = OrderStatus
POSTS, REFUNDS = "posts add up", "refunds follow"


@pytest.fixture
def play() -> Play:
    """Three posts of up to 200: one got 150, one 120 of its 180, one never came. 330 are left."""
    play = Play()
    order = play.order = play.subscribe(
        S.PARTIAL,
        "700",
        remains=330,
        upstream_status="Canceled",
        charge_upstream=Decimal("0.27000001"),
    )
    del play.facts.standings[play.provider.pk, "700"]
    play.facts.posts[play.provider.pk, "700"] = {
        "701": Post(S.COMPLETED, -9, Decimal("0.150000001"), 150),
        "702": Post(S.PARTIAL, 60, Decimal("0.12"), 180),
    }
    factories.child(order, 1, upstream_id="701", status=S.COMPLETED, quantity=150)
    factories.child(order, 2, upstream_id="702", status=S.PARTIAL, remains=60, quantity=180)
    refund(order, "0.715")
    return play


def refund(order: Order, amount: str) -> None:
    order.refresh_from_db()
    ledger.refund(order, Decimal(amount), by=None, memo="Its posts owe it", at=NOW)


def posts(play: Play) -> dict[str, Post]:
    return play.facts.posts[play.provider.pk, "700"]


def test_one_that_ended_as_its_posts_is_honest(play: Play) -> None:
    assert play.found() == []
    assert subscriptions(Books(play.facts)) == (
        "1 placed, 1 sent, 1 settled: 1 Canceled; 0 by a person;"
        " 2 posts: 1 completed, 1 partial; 1.30 held, 0.715 back"
    )


def test_what_came_back_twice(play: Play) -> None:
    refund(play.order, "0.9")
    assert play.found() == [POSTS, REFUNDS]
    assert "its posts got 270 of 600" in play.texts()


def test_a_post_that_was_not_counted(play: Play) -> None:
    """What the books hold agrees with itself, and not with the provider."""
    Child.objects.filter(number=2).delete()
    Order.objects.update(remains=450)
    refund(play.order, "0.975")
    assert play.found() == [POSTS]
    assert "knows the posts ['701'], its provider ['701', '702']" in play.texts()
    assert "450 remain, its posts leave 330" in play.texts()


def test_what_never_came_was_not_paid_back(play: Play) -> None:
    Order.objects.filter(pk=play.order.pk).update(remains=130, refunded=0)
    assert POSTS in play.found()


def test_a_post_of_another_size_and_another_end(play: Play) -> None:
    Child.objects.filter(number=1).update(quantity=151)
    assert play.found() == [POSTS]
    assert "post 701 was given 150, and 151 is known" in play.texts()
    Child.objects.filter(number=1).update(quantity=None)
    assert play.found() == []
    Child.objects.filter(number=1).update(status=S.PARTIAL)
    assert play.found() == [POSTS]


def test_a_size_read_from_a_charge_at_another_rate(play: Play) -> None:
    """190 at a lower rate than the order's, whatever the catalog was read to say."""
    posts(play)["701"] = Post(S.COMPLETED, 0, Decimal("0.150000001"), 190)
    assert play.found() == [POSTS]
    assert "its posts got 270 of 600" not in play.texts()
    assert "its posts got 310 of 600" in play.texts()
    Offer.objects.update(rate_changed_at=NOW + timedelta(hours=1))
    assert play.found() == [POSTS]


def test_posts_that_ended_otherwise_than_their_order(play: Play) -> None:
    for upstream_id in ("701", "702"):
        posts(play)[upstream_id] = Post(S.CANCELED, 0, Decimal(0), 150)
    Child.objects.update(status=S.CANCELED)
    assert play.found() == [POSTS]
    assert f"order {play.order.pk} is partial, its posts make it canceled" in play.texts()


def test_a_charge_that_is_not_that_of_the_posts(play: Play) -> None:
    Order.objects.filter(pk=play.order.pk).update(charge_upstream=Decimal("0.28"))
    assert play.found() == [POSTS]


def test_a_partial_post_at_another_rate_cost_one_of_two_sums(play: Play) -> None:
    """0.18 for 120 of 180: for what it got, at a higher rate, or for all of it at the order's."""
    posts(play)["702"] = Post(S.PARTIAL, 60, Decimal("0.18"), 180)
    for charge, found in (("0.33000001", []), ("0.27000001", []), ("0.3", [POSTS])):
        Order.objects.filter(pk=play.order.pk).update(charge_upstream=Decimal(charge))
        assert play.found() == found


def test_less_was_held_than_the_most_for_every_post(play: Play) -> None:
    Order.objects.filter(pk=play.order.pk).update(delivery_total=400, billable=400)
    assert POSTS in play.found()


def test_one_that_never_reached_a_provider(play: Play) -> None:
    Child.objects.all().delete()
    Submission.objects.filter(order=play.order).delete()
    play.facts.accepted.pop()
    Order.objects.filter(pk=play.order.pk).update(upstream_id=None, status=S.CANCELED)
    assert POSTS in play.found()
    refund(play.order, "1.3")
    assert play.found() == []


def test_a_provider_that_does_not_know_it(play: Play) -> None:
    play.facts.posts.clear()
    assert play.found() == ["honest states", POSTS]


def test_posts_of_an_order_that_is_none(play: Play) -> None:
    Order.objects.filter(pk=play.order.pk).update(least_per_post=None, runs=None)
    assert "runs that no provider knows" in play.texts()


def test_another_username_than_was_typed(play: Play) -> None:
    details = play.order.details | {"username": "elsewhere"}
    Order.objects.filter(pk=play.order.pk).update(details=details)
    assert {"nothing lost", "one order a key"} <= set(play.found())


def test_a_failed_post_counts_as_not_delivered_and_may_be_refunded_whole(play: Play) -> None:
    posts(play)["702"] = Post(S.FAILED, 60, Decimal("0.12"), 180)
    Child.objects.filter(number=2).update(status=S.FAILED)
    Order.objects.filter(pk=play.order.pk).update(remains=450)
    refund(play.order, "0.975")
    assert play.found() == []
    Order.objects.filter(pk=play.order.pk).update(status=S.CANCELED)
    refund(play.order, "1.3")
    Event.objects.create(
        order=play.order, kind=EventKind.DECIDED, at=NOW, data={"decision": Decision.REFUND}
    )
    assert play.found() == []
    assert "1 by a person" in subscriptions(Books(play.facts))
