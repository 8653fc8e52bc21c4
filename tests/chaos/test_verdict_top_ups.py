"""Planted violations in what clients pay in: credits, decisions, sums."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from orders.enums import TopUpStatus
from orders.models import TopUp
from orders.topups import deciding
from tests.chaos.payments import BANK, CARD
from tests.chaos.planted import Play
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return Play()


@pytest.mark.parametrize(
    ("way", "course"),
    [(CARD, "paid"), (CARD, "withdrawn"), (BANK, "arrives"), (BANK, "declined")],
)
def test_a_payment_that_was_taken_once_is_honest(play: Play, way: str, course: str) -> None:
    play.pay_in(way, course)
    assert play.found() == []


def test_a_page_that_nobody_paid_is_honest_once_it_is_over(play: Play) -> None:
    play.pay_in(course="over")
    assert play.found() == ["top-ups end"]
    TopUp.objects.update(status=TopUpStatus.EXPIRED)
    assert play.found() == []


# ── Credits ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", [CARD, BANK])
def test_a_payment_that_was_credited_twice(play: Play, way: str) -> None:
    row = play.pay_in(way)
    other = "payment:{0.method_id}:cs_deposit-0" if way == BANK else "topup:{0.pk}"
    deciding.credit(row, f"{other.format(row)}{'-again' if way == BANK else ''}", by=None, now=NOW)
    assert {"credited once", "payments add up"} <= set(play.found())


def test_a_payment_that_was_not_credited(play: Play) -> None:
    play.pay_in(course="over")
    TopUp.objects.update(status=TopUpStatus.EXPIRED)
    play.facts.payments[0] = replace(play.facts.payments[0], paid=Decimal(10))
    assert play.found() == ["credited once", "payments add up"]
    assert "deposit-0 was credited 0 times, 9.41 was due" in play.texts()


def test_a_payment_of_which_the_gateway_knows_nothing(play: Play) -> None:
    play.pay_in()
    play.facts.payments[0] = replace(play.facts.payments[0], paid=Decimal(0))
    assert play.found() == ["credited once", "payments add up"]


def test_another_amount_than_was_paid(play: Play) -> None:
    play.pay_in()
    play.facts.payments[0] = replace(play.facts.payments[0], paid=Decimal("9.5"))
    assert play.found() == ["credited once", "payments add up"]


def test_a_payment_that_was_credited_to_somebody_else(play: Play) -> None:
    row = play.pay_in(course="over")
    play.facts.payments[0] = replace(play.facts.payments[0], paid=Decimal(10))
    TopUp.objects.update(customer=factories.customer())
    row.refresh_from_db()
    deciding.credit(row, f"payment:{row.method_id}:cs_deposit-0", by=None, now=NOW)
    assert play.found() == ["credited once", "payments add up", "top-ups asked once"]


def test_a_credit_for_which_nobody_paid(play: Play) -> None:
    row = play.pay_in()
    deciding.credit(row, "of-its-own", by=None, now=NOW)
    assert "credited once" in play.found()
    assert "9.41000000 was credited (of-its-own), and nobody had paid it" in play.texts()


# ── Requests and decisions ───────────────────────────────────────────────────────────────────


def _another_number(play: Play, row: TopUp) -> None:
    play.facts.paid_in[0].numbers.append(row.pk + 1)


def _another_page(play: Play, row: TopUp) -> None:
    play.facts.payments.append(replace(play.facts.payments[0], payment_id="cs_2", paid=Decimal(0)))


def _no_page(play: Play, row: TopUp) -> None:
    play.facts.payments.clear()


def _another_amount(play: Play, row: TopUp) -> None:
    TopUp.objects.update(amount=Decimal(11))


def _of_nobody(play: Play, row: TopUp) -> None:
    TopUp.objects.update(client_key="of-nobody")


@pytest.mark.parametrize(
    "spoil", [_another_number, _another_page, _no_page, _another_amount, _of_nobody]
)
def test_a_form_that_did_something_else(play: Play, spoil: Callable[[Play, TopUp], None]) -> None:
    spoil(play, play.pay_in())
    assert "top-ups asked once" in play.found()


def test_a_request_that_two_people_were_told_to_have_decided(play: Play) -> None:
    row = play.pay_in(BANK)
    play.ruling(row, "approve", told="Somebody has decided in the meantime")
    play.ruling(row, "approve", told="")
    assert play.found() == []
    play.ruling(row, "approve")
    assert play.found() == ["top-ups decided once"]


@pytest.mark.parametrize(("act", "user"), [("decline", 0), ("approve", 1)])
def test_a_decision_that_its_person_did_not_press(play: Play, act: str, user: int) -> None:
    play.pay_in(BANK)
    ruling = play.facts.rulings[0]
    ruling.act, ruling.user_id = act, ruling.user_id + user
    assert play.found() == ["top-ups decided once"]


@pytest.mark.parametrize("status", ["requested", "checkout", "held"])
def test_a_top_up_that_never_ends(play: Play, status: str) -> None:
    play.pay_in()
    TopUp.objects.update(status=status)
    assert "top-ups end" in play.found()
