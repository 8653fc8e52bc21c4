"""Planted violations in where orders are bought, and with which keys."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from orders.enums import EventKind, OrderStatus, SubmissionOutcome
from orders.models import Event, Order, Submission
from tests.chaos import upstreams
from tests.chaos.books import Books
from tests.chaos.planted import LINK, Play
from tests.chaos.table import _moved, _repeated
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
PLACE, CERTAIN, KEYS = "bought in one place", "fallbacks certain", "keys used once"


@pytest.fixture
def play() -> Play:
    return Play()


# ── Fallback ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def moved(play: Play) -> Play:
    """The order was not sent to its own provider (number 1), and bought from its fallback."""
    order, own = play.order, factories.offer()
    play.facts.provider_of[1] = own.provider_id
    Submission.objects.update(number=2)
    play.submission(
        order,
        0,
        provider=own.provider,
        outcome=SubmissionOutcome.NOT_SENT,
        reason="connect",
        claimed_at=NOW + timedelta(seconds=5),
    )
    Order.objects.update(first_offer=own, stages=[{"amount": "1"}])
    event(order, EventKind.FELL_BACK, 30)
    return play


def event(order: Order, kind: EventKind, seconds: float, **data: str) -> Event:
    at = NOW + timedelta(seconds=seconds)
    return Event.objects.create(order=order, kind=kind, at=at, data=data)


def test_an_order_that_its_fallback_took_is_honest(moved: Play) -> None:
    assert moved.found() == []
    assert _moved(Books(moved.facts)) == "1 orders, 0 of them gone at theirs; ended: 1 completed"


def test_an_order_that_two_providers_took(moved: Play) -> None:
    """Each by a submission of its own: neither was accepted twice."""
    taken = moved.facts.accepted[0]
    first = replace(taken, upstream=1, upstream_id="9", at=NOW + timedelta(seconds=6))
    moved.facts.accepted.append(first)
    assert moved.found() == ["accepted once", PLACE, "nothing lost"]
    assert "was taken by the providers" in moved.texts()


def test_an_order_that_only_its_first_provider_took(moved: Play) -> None:
    moved.facts.accepted[0] = replace(moved.facts.accepted[0], upstream=1)
    assert PLACE in moved.found()


def test_an_order_that_was_bought_as_another_service(play: Play) -> None:
    play.facts.accepted[0].params["service"] = "4711"
    assert play.found() == [PLACE]


def test_a_move_after_a_sending_that_may_have_bought_it(moved: Play) -> None:
    Submission.objects.filter(number=0).update(outcome=SubmissionOutcome.DISMISSED)
    assert moved.found() == [CERTAIN]


def test_a_move_after_an_answer_was_lost(moved: Play) -> None:
    """Even where a person has settled that since."""
    Event.objects.all().delete()
    event(moved.order, EventKind.UNCONFIRMED, 10)
    event(moved.order, EventKind.FELL_BACK, 30)
    assert f"order {moved.order.pk} was moved after it had been unconfirmed" in moved.texts()


def test_an_answer_that_is_lost_after_the_move_is_no_violation(moved: Play) -> None:
    event(moved.order, EventKind.UNCONFIRMED, 62)
    assert CERTAIN not in moved.found()


def test_two_moves_and_a_move_without_a_word(moved: Play) -> None:
    event(moved.order, EventKind.FELL_BACK, 31)
    assert moved.found() == [CERTAIN]
    Event.objects.all().delete()
    assert moved.found() == [CERTAIN]


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def keyed(play: Play) -> Play:
    """The answer was lost, and the submission sent again with its key."""
    play.facts.key_fields[play.provider.pk] = upstreams.KEY_FIELD
    Submission.objects.update(idempotency_key="k1", repeats=1, reason="timeout")
    play.facts.accepted[0].params[upstreams.KEY_FIELD] = "k1"
    return play


def test_a_repeat_that_was_answered_with_the_first_order_is_honest(keyed: Play) -> None:
    assert keyed.found() == []
    assert _repeated(Books(keyed.facts)) == "1 lost answers, 1 times; 1 created"


def test_a_key_that_was_taken_twice(keyed: Play) -> None:
    keyed.accepted(keyed.order, "502", seconds=90)
    keyed.facts.accepted[-1].params[upstreams.KEY_FIELD] = "k1"
    assert keyed.found() == ["accepted once", KEYS, "nothing lost"]


def _another_key(play: Play) -> None:
    play.facts.accepted[0].params[upstreams.KEY_FIELD] = "k2"


def _no_key_sent(play: Play) -> None:
    del play.facts.accepted[0].params[upstreams.KEY_FIELD]


def _no_key_kept(play: Play) -> None:
    Submission.objects.update(idempotency_key="")


def _shared(play: Play) -> None:
    order = play.buy(link="https://instagram.com/p/2", upstream_id="502")
    play.facts.accepted[-1].params[upstreams.KEY_FIELD] = "k1"
    Submission.objects.filter(order=order).update(idempotency_key="k1")


@pytest.mark.parametrize("spoil", [_another_key, _no_key_sent, _no_key_kept, _shared])
def test_a_key_that_is_wrong(keyed: Play, spoil: Callable[[Play], None]) -> None:
    spoil(keyed)
    assert keyed.found() == [KEYS]


def test_a_repeat_at_a_provider_that_knows_no_keys(play: Play) -> None:
    Submission.objects.update(repeats=1)
    assert play.found() == [KEYS]


def test_a_lease_that_was_given_anew_is_not_held_against_the_first_loss(keyed: Play) -> None:
    """Its claim expired twice; the submission keeps the last lease only."""
    lease = {"reason": "worker_gone", "expires_at": NOW + timedelta(minutes=9)}
    Submission.objects.update(**lease)
    Event.objects.create(
        order=keyed.order, kind=EventKind.UNCONFIRMED, at=NOW + timedelta(seconds=70)
    )
    assert keyed.found() == []


def test_an_order_at_no_provider_is_in_no_place(play: Play) -> None:
    order = play.buy(OrderStatus.CANCELED, LINK + "/2", upstream_id=None)
    Order.objects.filter(pk=order.pk).update(refunded=0)
    assert PLACE not in play.found()
