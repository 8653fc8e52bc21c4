"""Each check of the verdict can fail: every violation is planted once and named by its check."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from orders.enums import OrderStatus, SubmissionOutcome
from orders.models import Account, Order, Submission
from tests.chaos.books import Books
from tests.chaos.facts import Standing
from tests.chaos.mischief import Outage
from tests.chaos.money import unexplained
from tests.chaos.outages import tolls
from tests.chaos.plan import draw
from tests.chaos.planted import LINK, Play
from tests.chaos.table import Done, lines
from tests.chaos.upstreams import Accepted
from tests.chaos.verdict import judge
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return Play()


def test_an_honest_run_is_found_honest(play: Play) -> None:
    assert judge(Books(play.facts)) == []


# ── Doubles and losses ───────────────────────────────────────────────────────────────────────


def test_a_submission_accepted_twice(play: Play) -> None:
    play.accepted(play.order, "502", seconds=62)
    assert play.found() == ["accepted once", "nothing lost"]
    assert f"order {play.order.pk}: submission 1 was accepted 2 times" in play.texts()


def test_an_order_bought_again_after_a_right_decision(play: Play) -> None:
    """Sent anew when nothing was there, yet two came: what woke late had still been sent."""
    Submission.objects.all().delete()
    play.dismissed(play.order)
    play.submission(play.order, 2, upstream_id="501")
    play.facts.accepted.clear()
    play.accepted(play.order, "500", seconds=95)
    play.accepted(play.order, "501", seconds=121)
    assert play.found() == ["accepted once", "nothing lost"]


def test_an_order_bought_again_after_a_wrong_decision_is_no_violation(play: Play) -> None:
    Submission.objects.all().delete()
    play.dismissed(play.order)
    play.submission(play.order, 2, upstream_id="501")
    play.facts.accepted.clear()
    play.accepted(play.order, "500", seconds=61)
    play.accepted(play.order, "501", seconds=121)
    assert play.found() == []


def test_an_order_that_was_bought_before_anybody_claimed_it(play: Play) -> None:
    play.facts.accepted.clear()
    play.accepted(play.order, "501", seconds=1)
    assert play.found() == ["accepted once"]


def test_an_upstream_order_that_nobody_holds(play: Play) -> None:
    order = play.buy(OrderStatus.REFUSED, "https://instagram.com/p/2", refunded=Decimal("1.3"))
    Order.objects.filter(pk=order.pk).update(upstream_id=None)
    Submission.objects.filter(order=order).update(outcome=SubmissionOutcome.REFUSED)
    assert "nothing lost" in play.found()
    assert f"order {order.pk}: upstream order {order.upstream_id} is held by nobody" in play.texts()


def test_an_upstream_order_of_no_order_at_all(play: Play) -> None:
    play.facts.accepted.append(Accepted(0, "777", "https://instagram.com/p/none", NOW))
    assert play.found() == ["nothing lost"]


def test_an_id_that_was_not_bought_for_this_order(play: Play) -> None:
    play.facts.accepted.clear()
    assert play.found() == ["nothing lost"]


# ── States ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "standing",
    [
        Standing(OrderStatus.CANCELED, 0, Decimal(1)),
        Standing(OrderStatus.COMPLETED, 0, Decimal(2)),
        None,
    ],
)
def test_an_order_that_its_provider_shows_otherwise(play: Play, standing: Standing | None) -> None:
    place = (play.provider.pk, "501")
    if standing is None:
        del play.facts.standings[place]
    else:
        play.facts.standings[place] = standing
    assert play.found() == ["honest states"]


def test_a_partial_order_of_which_something_else_remains(play: Play) -> None:
    Order.objects.update(status=OrderStatus.PARTIAL, remains=0)
    play.standing("501", OrderStatus.PARTIAL, remains=400)
    assert play.found() == ["honest states"]


def test_an_order_that_ended_well_without_having_reached_a_provider(play: Play) -> None:
    Order.objects.update(upstream_id=None)
    Submission.objects.all().delete()
    play.facts.accepted.clear()
    assert play.found() == ["honest states"]


def test_a_failed_order_refunded_without_a_decision(play: Play) -> None:
    play.standing("501", OrderStatus.FAILED)
    Order.objects.update(status=OrderStatus.CANCELED)
    assert "honest states" in play.found()


@pytest.mark.parametrize("status", [OrderStatus.WAITING, OrderStatus.IN_PROGRESS])
def test_an_order_that_never_ends(play: Play, status: OrderStatus) -> None:
    Order.objects.update(status=status)
    assert play.found() == ["nothing waits"]


def test_a_refund_that_nobody_decides(play: Play) -> None:
    Order.objects.update(refund_unknown=True)
    assert play.found() == ["nothing waits"]


def test_a_claim_that_hangs(play: Play) -> None:
    Submission.objects.update(outcome=SubmissionOutcome.OPEN)
    assert "nothing waits" in play.found()


# ── Money ────────────────────────────────────────────────────────────────────────────────────


def test_a_wallet_that_holds_something_else(play: Play) -> None:
    Account.objects.filter(customer=play.client).update(balance=Decimal(5))
    assert play.found() == ["wallets add up"]
    assert unexplained(Books(play.facts)) == Decimal("93.7")


def test_a_refund_without_a_transfer(play: Play) -> None:
    Order.objects.update(status=OrderStatus.CANCELED, refunded=Decimal("1.3"))
    play.standing("501", OrderStatus.CANCELED)
    assert play.found() == ["refunds follow", "wallets add up"]
    assert unexplained(Books(play.facts)) == Decimal("1.3")


def test_an_end_that_was_not_refunded(play: Play) -> None:
    Order.objects.update(status=OrderStatus.CANCELED)
    play.standing("501", OrderStatus.CANCELED)
    assert play.found() == ["refunds follow"]


# ── Outages ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("claimed", "is_wrong"), [(2, False), (20, True)])
def test_an_outage_in_which_sending_went_on(play: Play, claimed: float, is_wrong: bool) -> None:
    """Two answers are lost at second 5; a third order was in flight by then, or claimed later."""
    began = NOW + timedelta(hours=1)
    for number, second in enumerate((1, 1, claimed, claimed, claimed)):
        order = play.buy(link=f"https://instagram.com/p/1{number}", upstream_id=f"60{number}")
        at = began + timedelta(seconds=second)
        Submission.objects.filter(order=order).update(
            claimed_at=at, answered_at=at + timedelta(seconds=4), reason="timeout"
        )
    play.facts.accepted[1:] = [
        replace(one, at=began + timedelta(seconds=40)) for one in play.facts.accepted[1:]
    ]
    play.facts.outages.append(
        Outage(play.provider.pk, "silence", began, began + timedelta(seconds=60))
    )

    assert play.found() == (["outages bounded"] if is_wrong else [])
    (toll,) = tolls(Books(play.facts))
    assert (toll.unconfirmed, toll.in_flight) == (5, 0 if is_wrong else 3)


def test_a_stop_that_a_stranded_worker_kept_from_being_known(play: Play) -> None:
    test_an_outage_in_which_sending_went_on(play, claimed=9, is_wrong=True)
    began = NOW + timedelta(hours=1)
    for first, last, is_wrong in ((0, 4, True), (9, 20, True), (3, 7, False)):
        span = (began + timedelta(seconds=first), began + timedelta(seconds=last))
        play.facts.strandings = [span]
        assert play.found() == (["outages bounded"] if is_wrong else [])


# ── Presses ──────────────────────────────────────────────────────────────────────────────────


def _another_number(play: Play) -> None:
    play.facts.presses[0].numbers.append(play.order.pk + 1)


def _another_order(play: Play) -> None:
    Order.objects.update(quantity=7)


def _no_press(play: Play) -> None:
    play.facts.presses.clear()


def _second_order(play: Play) -> None:
    order = play.buy(link="https://instagram.com/p/9", upstream_id="509")
    play.facts.presses.pop()
    other = factories.customer()
    Order.objects.filter(pk=order.pk).update(client_key=LINK, customer=other)


@pytest.mark.parametrize("spoil", [_another_number, _another_order, _no_press, _second_order])
def test_a_press_that_did_something_else(play: Play, spoil: Callable[[Play], None]) -> None:
    spoil(play)
    assert "one order a key" in play.found()


@pytest.mark.parametrize("spoiled", [{"quantity": "7"}, {"comments": "a"}, {"link": "@ann"}])
def test_an_order_that_was_sent_otherwise(play: Play, spoiled: dict[str, str]) -> None:
    play.facts.accepted[0].params.update(spoiled)
    assert play.found() == ["sent as typed"]
    assert f"with another {next(iter(spoiled))}" in play.texts()


def test_the_table_names_what_failed_and_the_seed(play: Play) -> None:
    play.accepted(play.order, "502", seconds=62)
    books = Books(play.facts)
    acts, struck = Counter({"kill worker": 3, "refuse": 1}), Counter(partial=2)
    done = Done(3, 1, 0, 4, acts, struck, 9.4, Counter(added=2), 3, Counter(set=4))
    said = "\n".join(lines(draw(7, 1, 1), books, done, judge(books)))

    assert "FAILED  accepted once" in said
    assert f"order {play.order.pk}: submission 1 was accepted 2 times" in said
    assert "holds   wallets add up" in said
    assert "doubles            2 (0 by a decision)" in said
    assert "SEED=7" in said
