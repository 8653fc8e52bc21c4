"""A program that calls twice at one moment buys once, on a database with many writers."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from orders import ledger_check
from orders.models import Account, Cancellation, Customer, Order, Refill, Service, Transfer
from tests.support import factories
from tests.support.programs import Program, program_of
from tests.support.threads import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 10
TWIN = {"error": "neworder.error.link_duplicate"}


@pytest.fixture
def followers() -> Service:
    return factories.service(factories.offer(least=50, dripfeed=True))


@pytest.fixture
def program() -> Program:
    return program_of(factories.customer("Casa Verde", balance="50"))


def calls(program: Program, how_many: int, *, action: str, **params: Any) -> list[Any]:
    """The same call so many times at one moment, each from a connection of its own."""
    same: Callable[[], Any] = partial(_call, program, action, params)
    return at_once(*[same] * how_many)


def _call(program: Program, action: str, params: dict[str, Any]) -> Any:
    alone = Program(program.customer, program.row, program.key)
    return alone.call(action, **params)


def paid(program: Program) -> Decimal:
    wallet = Account.objects.get(customer=program.customer)
    return Decimal(50) - (wallet.balance or Decimal(0))


def test_the_very_same_at_one_moment_is_one_order(program: Program, followers: Service) -> None:
    for number in range(ROUNDS):
        said = {"service": followers.pk, "link": f"x.com/{number}", "quantity": "100"}
        answers = calls(program, 4, action="add", **said)

        (order,) = Order.objects.filter(link=said["link"])
        assert answers.count({"order": order.pk}) == 1
        assert answers.count(TWIN) == 3
    assert paid(program) == ROUNDS * Decimal("0.13")
    assert not ledger_check.check()


def test_a_request_id_at_one_moment_is_one_order_told_to_all(
    program: Program, followers: Service
) -> None:
    for number in range(ROUNDS):
        said = {"service": followers.pk, "link": "x.com/a", "quantity": "100"}
        answers = calls(program, 4, action="add", **said, request_id=f"r-{number}")

        order = Order.objects.get(client_key=f"r-{number}")
        assert answers == [{"order": order.pk}] * 4
    assert Transfer.objects.filter(kind="order").count() == ROUNDS
    assert paid(program) == ROUNDS * Decimal("0.13")


def test_a_customer_who_may_order_the_same_twice_gets_all(
    program: Program, followers: Service
) -> None:
    Customer.objects.update(repeats_ok=True)
    said = {"service": followers.pk, "link": "x.com/a", "quantity": "100"}
    answers = calls(program, 4, action="add", **said)
    assert len({answer["order"] for answer in answers}) == 4


def test_no_two_orders_spend_the_same_money(program: Program, followers: Service) -> None:
    Customer.objects.update(repeats_ok=True)
    said = {"service": followers.pk, "link": "x.com/a", "quantity": "10000", "runs": "2"}
    answers = calls(program, 4, action="add", **said, interval="5")  # 26.00 each, 50.00 there
    assert [list(answer) for answer in answers].count(["order"]) == 1
    assert answers.count({"error": "Not enough funds on balance"}) == 3


def test_a_refill_and_a_cancel_at_one_moment_are_asked_once(
    program: Program, followers: Service
) -> None:
    done, running, waiting = (
        factories.order(program.customer, followers, status=status)
        for status in ("completed", "in_progress", "waiting")
    )
    before = paid(program)
    refills = calls(program, 4, action="refill", order=done.pk)
    cancels = calls(program, 4, action="cancel", orders=f"{running.pk},{waiting.pk}")

    assert refills.count({"refill": str(Refill.objects.get().pk)}) == 1
    assert Cancellation.objects.filter(order=running).count() == 1
    taken = [item["order"] for answer in cancels for item in answer if item["cancel"] == 1]
    assert sorted(taken) == sorted([running.pk, waiting.pk])
    assert paid(program) == before - waiting.price, "given back once"
    assert not ledger_check.check()
