"""Planted violations in what is asked of providers afterwards: refills and stops."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from orders.enums import CancellationStatus, OrderStatus, RefillStatus
from orders.models import Cancellation, Order, Refill
from tests.chaos.planted import Play
from tests.chaos.upstreams import is_refused
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return Play()


def test_a_refill_and_a_stop_that_came_too_late_are_honest(play: Play) -> None:
    play.refill()
    play.cancellation()
    assert play.found() == []


# ── Asked once ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("action", ["refill", "cancel"])
def test_what_may_have_been_taken_is_asked_for_again(play: Play, action: str) -> None:
    play.refill()
    play.cancellation()
    play.asked(action, minutes=62)
    assert play.found() == ["refills and stops once"]


def test_what_was_refused_may_be_asked_for_again(play: Play) -> None:
    play.asked("refill", minutes=60.5, was_refused=True)
    play.refill()
    assert play.found() == []


def test_asking_again_once_somebody_wants_it_again_is_no_violation(play: Play) -> None:
    play.refill(upstream_id="70", asked_at=NOW + timedelta(minutes=30))
    play.facts.refills[play.provider.pk, "70"] = ("501", "Completed")
    play.asked("refill", minutes=31)
    play.facts.asked.pop(0)
    play.refill()
    assert play.found() == []


@pytest.mark.parametrize("action", ["refill", "cancel"])
def test_what_nobody_wanted(play: Play, action: str) -> None:
    play.asked(action, minutes=5)
    assert play.found() == ["refills and stops once"]


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (None, False),
        ({"error": "Rate limit exceeded"}, True),
        ({"refill": "9"}, False),
        ([{"order": 501, "refill": 9}, {"order": 8, "refill": {"error": "No"}}], False),
        ([{"order": 501, "refill": {"error": "No"}}, {"order": 8, "refill": 9}], True),
        ([{"order": 8, "refill": {"error": "No"}}], False),
    ],
)
def test_what_an_answer_says_about_one_order(answer: object, refused: bool) -> None:
    assert is_refused(answer, "refill", "501") == refused


# ── Ends ─────────────────────────────────────────────────────────────────────────────────────


def _another_end(play: Play) -> None:
    play.facts.refills[play.provider.pk, "71"] = ("501", "Rejected")


def _taken_by_nobody(play: Play) -> None:
    Refill.objects.all().delete()
    play.facts.asked.clear()


def _taken_and_called_refused(play: Play) -> None:
    Refill.objects.update(status=RefillStatus.REJECTED, upstream_id="")


def _not_in_the_books(play: Play) -> None:
    play.facts.refills.clear()


def _of_another_order(play: Play) -> None:
    play.buy(link="https://instagram.com/p/2", upstream_id="502")
    play.facts.refills[play.provider.pk, "71"] = ("502", "Completed")


def _of_no_order(play: Play) -> None:
    play.facts.refills[play.provider.pk, "72"] = ("999", "Completed")


@pytest.mark.parametrize(
    "spoil",
    [
        _another_end,
        _taken_by_nobody,
        _taken_and_called_refused,
        _not_in_the_books,
        _of_another_order,
        _of_no_order,
    ],
)
def test_a_refill_that_its_provider_shows_otherwise(
    play: Play, spoil: Callable[[Play], None]
) -> None:
    play.refill()
    spoil(play)
    assert play.found() == ["refills agree"]


def test_a_refill_written_off_by_a_wrong_decision_is_no_violation(play: Play) -> None:
    play.refill()
    Refill.objects.update(status=RefillStatus.FAILED, upstream_id="", answer="Not there")
    assert play.found() == []


def test_a_stop_that_is_done_of_an_order_that_went_on(play: Play) -> None:
    play.cancellation(CancellationStatus.DONE)
    assert play.found() == ["stops agree"]


def test_a_stop_that_was_declined_without_a_word(play: Play) -> None:
    play.cancellation(answer="")
    assert play.found() == ["stops agree"]


@pytest.mark.parametrize("status", ["requested", "sending", "unknown", "pending", "in_progress"])
def test_a_refill_that_never_ends(play: Play, status: str) -> None:
    play.refill()
    Refill.objects.update(status=status)
    assert "follow-ups end" in play.found()


@pytest.mark.parametrize("status", ["requested", "sending", "unknown", "accepted"])
def test_a_stop_that_never_ends(play: Play, status: str) -> None:
    play.cancellation()
    Cancellation.objects.update(status=status)
    assert play.found() == ["follow-ups end"]


def test_a_stopped_order_and_its_request_are_honest(play: Play) -> None:
    play.cancellation(CancellationStatus.DONE, answer="")
    Order.objects.update(status=OrderStatus.CANCELED)
    play.standing("501", OrderStatus.CANCELED)
    assert play.found() == ["refunds follow"]  # the request is fine, the money is not planted
