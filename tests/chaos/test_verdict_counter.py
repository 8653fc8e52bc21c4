"""Planted violations at the counter: presses, cash with orders, tills and their counts."""

from dataclasses import replace
from decimal import Decimal

import pytest

from orders import tills, wallets
from orders.models import TillClosing
from tests.chaos.planted import Play
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return Play()


# ── Presses ──────────────────────────────────────────────────────────────────────────────────


def test_cash_taken_as_pressed_is_honest(play: Play) -> None:
    play.take(play.errand("take"))
    assert play.found() == []


def test_a_confirmed_press_that_moved_nothing(play: Play) -> None:
    play.errand("gift")
    assert play.found() == ["counter once"]


def test_a_press_without_an_answer_may_have_moved_it_or_not(play: Play) -> None:
    play.errand("take", told="")
    play.take(play.errand("take", told=""))
    assert play.found() == []


def test_a_declined_press_that_moved_money(play: Play) -> None:
    play.take(play.errand("take", told="The balance does not cover it."))
    assert "counter once" in play.found()


def test_a_press_that_moved_money_twice(play: Play) -> None:
    receipt = play.errand("take")
    play.take(receipt)
    wallets.take_cash(
        factories.customer(),
        Decimal(5),
        by=play.staff.user,
        now=NOW,
        reference=receipt.errand.token,
    )
    assert play.found() == ["counter once", "tills add up"]


def test_money_that_nobody_pressed_for(play: Play) -> None:
    wallets.gift(play.client, Decimal(5), by=None, now=NOW, reason="Why", reference="of-its-own")
    assert play.found() == ["counter once"]


@pytest.mark.parametrize("kind", ["pay", "add", "less", "gift", "drop"])
def test_a_press_that_did_something_else(play: Play, kind: str) -> None:
    play.take(play.errand(kind))
    assert "counter once" in play.found()


def test_another_amount_than_was_pressed(play: Play) -> None:
    play.take(play.errand("take", amount="6"))
    assert play.found() == ["counter once", "tills add up"]


def test_money_through_another_till(play: Play) -> None:
    receipt = play.errand("take")
    receipt.staff_id = factories.staff().pk
    play.take(receipt)
    assert play.found() == ["counter once", "tills add up"]


@pytest.mark.parametrize(("kind", "amount"), [("add", "-5"), ("less", "5")])
def test_a_correction_the_other_way(play: Play, kind: str, amount: str) -> None:
    token = play.errand(kind).errand.token
    wallets.adjust(play.client, Decimal(amount), by=None, now=NOW, reason="Why", reference=token)
    assert play.found() == ["counter once"]


# ── Cash with an order ───────────────────────────────────────────────────────────────────────


def _wanted_with(play: Play, cash: str) -> None:
    press = play.facts.presses[0]
    press.wish = replace(press.wish, cash=cash)


def _take_with_order(play: Play, amount: str) -> None:
    order = play.order.pk
    wallets.take_cash(play.client, Decimal(amount), by=play.staff.user, now=NOW, order_id=order)


def test_cash_taken_with_its_order_is_honest(play: Play) -> None:
    _wanted_with(play, "5")
    _take_with_order(play, "5")
    assert play.found() == []


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [("5", []), ("", ["5"]), ("5", ["5", "5"]), ("5", ["4"]), ("5", ["2", "3"])],
)
def test_cash_that_is_not_what_was_pressed_with_the_order(
    play: Play, wanted: str, taken: list[str]
) -> None:
    _wanted_with(play, wanted)
    for amount in taken:
        _take_with_order(play, amount)
    assert "cash once" in play.found()


def test_cash_of_an_order_in_another_till(play: Play) -> None:
    _wanted_with(play, "5")
    _take_with_order(play, "5")
    play.facts.presses[0].staff_id = factories.staff().pk
    assert play.found() == ["cash once", "tills add up"]


# ── Tills ────────────────────────────────────────────────────────────────────────────────────


def _count(play: Play, counted: str) -> TillClosing:
    receipt = play.errand("count", amount=counted)
    return tills.count_till(
        play.staff, receipt.amount, by=play.staff.user, now=NOW, note=receipt.errand.token
    )


def test_a_count_with_a_difference_is_honest_once_it_is_confirmed(play: Play) -> None:
    play.take(play.errand("take"))
    closing = _count(play, "4.75")
    assert play.found() == ["tills add up"]
    tills.confirm_closing(closing, by=None, now=NOW)
    assert play.found() == []


def test_a_difference_that_was_not_booked(play: Play) -> None:
    closing = _count(play, "4.75")
    TillClosing.objects.filter(pk=closing.pk).update(confirmed_at=NOW)
    assert play.found() == ["tills add up"]
    assert f"count {closing.pk} was 4.75000000 apart, 0 was booked" in play.texts()


def test_a_count_that_nobody_pressed(play: Play) -> None:
    closing = _count(play, "0")
    tills.confirm_closing(closing, by=None, now=NOW)
    assert play.found() == []
    TillClosing.objects.update(counted_by=None, note="")
    assert play.found() == ["counts pressed"]
