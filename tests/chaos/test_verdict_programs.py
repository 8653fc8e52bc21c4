"""Planted violations in what customers' programs are told, and in what is pressed for them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders import wallets
from orders.models import Cancellation, Order
from panel.api_errors import KEY_REUSED, ORDER
from tests.chaos.aftercare import Call
from tests.chaos.planted import Play
from tests.chaos.readings import Look, Reading
from tests.support.factories import NOW
from tests.support.programs import program_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return Play()


STARTED = "100"
"""The client's balance before the order, which took 1.30."""


# ── Placing ──────────────────────────────────────────────────────────────────────────────────


def _by_program(play: Play) -> None:
    press = play.facts.presses[0]
    press.wish = replace(press.wish, by_program=True)


def test_an_order_of_a_program_stands_under_its_key(play: Play) -> None:
    _by_program(play)
    assert play.found() == ["programs place once"]
    Order.objects.update(api_key=program_of(play.client).row)
    assert play.found() == []
    play.facts.presses[0].wish = replace(play.facts.presses[0].wish, by_program=False)
    assert play.found() == ["programs place once"]


@pytest.mark.parametrize(("said", "is_wrong"), [(KEY_REUSED, False), ("{'order': 7}", True)])
def test_another_order_with_the_same_request_id(play: Play, said: str, is_wrong: bool) -> None:
    play.facts.presses[0].another.append(said)
    assert play.found() == (["programs place once"] if is_wrong else [])


def test_an_answer_that_is_not_of_the_api(play: Play) -> None:
    play.facts.odd += ["HTTP 500 to add"] * 2
    assert play.found() == ["programs answered"]
    assert "HTTP 500 to add, 2 times" in play.texts()


@pytest.mark.parametrize(("shown", "is_wrong"), [("1.30", False), ("1.29", True)])
def test_an_order_that_costs_more_than_was_shown(play: Play, shown: str, is_wrong: bool) -> None:
    play.facts.presses[0].offered += [Decimal(1), Decimal(shown)]
    assert play.found() == (["prices as shown"] if is_wrong else [])


# ── How orders stand ─────────────────────────────────────────────────────────────────────────


def _look(play: Play, said: str, other: str = ORDER, *, is_last: bool = False) -> None:
    play.facts.looks.append(Look(play.client.pk, {play.order.pk: said}, {7: other}, is_last))


def test_orders_as_they_stand_are_honest(play: Play) -> None:
    _look(play, "In progress|1.3")
    _look(play, "Completed|1.3", is_last=True)
    assert play.found() == []


@pytest.mark.parametrize(
    ("said", "is_last"),
    [(ORDER, False), ("In progress|1.31", False), ("In progress|1.3", True), ("Completed|1", True)],
)
def test_an_order_of_which_something_else_is_told(play: Play, said: str, is_last: bool) -> None:
    _look(play, said, is_last=is_last)
    _look(play, "Completed|1.3", is_last=True)
    assert play.found() == ["statuses told"]


def test_an_order_of_somebody_else_that_is_told(play: Play) -> None:
    _look(play, "Completed|1.3", other="Completed|9", is_last=True)
    assert play.found() == ["statuses told"]


def test_an_order_that_is_told_and_never_stood(play: Play) -> None:
    _look(play, "Completed|1.3", is_last=True)
    play.facts.looks.append(Look(play.client.pk, {999: "Pending|1"}, {}))
    assert play.found() == ["statuses told"]


def test_an_order_that_nobody_could_look_at_in_the_end(play: Play) -> None:
    _look(play, "In progress|1.3")
    assert play.found() == ["statuses told"]


# ── Balances ─────────────────────────────────────────────────────────────────────────────────


def _told(play: Play, *balances: str, minutes: float = 5, is_last: bool = False) -> None:
    at = NOW + timedelta(minutes=minutes)
    play.facts.readings += [Reading(play.client.pk, at, Decimal(b), is_last) for b in balances]


def test_balances_that_the_ledger_had_are_honest(play: Play) -> None:
    _told(play, "0", "100", "100", "98.7")
    _told(play, "98.7", is_last=True)
    assert play.found() == []


@pytest.mark.parametrize(
    ("balances", "more"),
    [
        (["101"], {}),  # never so much
        (["99"], {}),  # never that
        (["98.7", "100"], {}),  # back to what it was
        (["100"], {"is_last": True}),  # not what is there in the end
        (["100"], {"minutes": -5}),  # before anybody had paid it in
    ],
)
def test_a_balance_that_the_ledger_never_had(
    play: Play, balances: list[str], more: dict[str, Any]
) -> None:
    _told(play, *balances, **more)
    assert play.found() == ["balances told"]


def test_a_wallet_that_was_overdrawn(play: Play) -> None:
    wallets.adjust(play.client, Decimal(-98), by=None, now=NOW, reason="Why", reference="x")
    assert "never overdrawn" not in play.found()
    play.client.credit_limit = Decimal(50)
    play.client.save()
    wallets.adjust(play.client, Decimal(-10), by=None, now=NOW, reason="Why", reference="y")
    assert "never overdrawn" not in play.found()
    play.client.credit_limit = Decimal(0)
    play.client.save()
    assert "never overdrawn" in play.found()


# ── Requests ─────────────────────────────────────────────────────────────────────────────────


def test_a_request_that_nobody_of_this_name_pressed(play: Play) -> None:
    play.cancellation()
    Cancellation.objects.update(asked_by=None)
    assert play.found() == ["requests pressed"]
    play.facts.calls.append(Call("cancel waiting", play.order.pk, 0, "1"))
    assert play.found() == []


def test_a_program_that_was_told_of_a_request_that_does_not_stand(play: Play) -> None:
    play.facts.calls.append(Call("refill", play.order.pk, 0, "Refill is disabled"))
    assert play.found() == []
    play.facts.calls.append(Call("refill", play.order.pk, 0, "71"))
    assert play.found() == ["requests pressed"]
