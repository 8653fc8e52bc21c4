"""One payment told, approved or asked for twice at once, and against a debit of the same wallet.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from orders import ledger, ledger_check, placement, topups
from orders.enums import TopUpStatus
from orders.errors import FieldErrors, StateChanged
from orders.models import Account, Customer, PaymentMethod, TopUp, Transfer
from orders.topups import checkouts, deciding
from tests.support import factories
from tests.support.checkout import Standin, signed
from tests.support.guards import Guards
from tests.support.racing import before, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
REFERENCE = "orders_transfer_reference_key"
BEFORE_CREDIT = before(deciding, "credit")


@pytest.fixture(autouse=True)
def _the_house_is_there(transactional_db: None) -> None:
    factories.owner()


def asked(casa: Customer, bank: PaymentMethod) -> TopUp:
    assert casa.user
    return topups.ask(casa, bank, Decimal(50), by=casa.user, now=NOW, client_key="form")


def added() -> int:
    return Transfer.objects.filter(kind="top_up").count()


def balance(of: Customer) -> Decimal | None:
    return Account.objects.get(customer=of).balance


# ── Two approve at once ──────────────────────────────────────────────────────────────────────


def two_approve(casa: Customer, bank: PaymentMethod) -> list[Any]:
    one, people = asked(casa, bank), [factories.admin("Ada"), factories.admin("Bo")]
    calls = [lambda by=by: topups.approve(one, by=by.user, now=NOW) for by in people]
    return race(*calls, at=BEFORE_CREDIT)


def test_a_request_that_two_approve_at_once_is_added_once(
    casa: Customer, bank: PaymentMethod
) -> None:
    first, second = two_approve(casa, bank)
    assert isinstance(first, TopUp) and isinstance(second, StateChanged)
    assert added() == 1 and balance(casa) == 51


def test_the_reference_alone_keeps_two_approvals_apart(
    guards: Guards, casa: Customer, bank: PaymentMethod
) -> None:
    guards.lift_row_locks(TopUp)
    first, second = two_approve(casa, bank)
    assert isinstance(first, TopUp) and isinstance(second, IntegrityError)
    assert added() == 1 and balance(casa) == 51


def test_the_lock_alone_keeps_two_approvals_apart(
    guards: Guards, casa: Customer, bank: PaymentMethod
) -> None:
    guards.drop(REFERENCE)
    first, second = two_approve(casa, bank)
    assert isinstance(first, TopUp) and isinstance(second, StateChanged)
    assert added() == 1 and balance(casa) == 51


def test_without_lock_and_reference_two_approvals_add_twice(
    guards: Guards, casa: Customer, bank: PaymentMethod
) -> None:
    guards.lift_row_locks(TopUp)
    guards.drop(REFERENCE)
    two_approve(casa, bank)
    assert added() == 2 and balance(casa) == 101


# ── The same news twice at once ──────────────────────────────────────────────────────────────


def begun(casa: Customer, card: PaymentMethod, gateway: Standin) -> TopUp:
    assert casa.user
    one = topups.begin(
        casa,
        card,
        Decimal(50),
        by=casa.user,
        now=timezone.now(),
        client_key="form",
        title="Balance",
        back="http://panel.example/{number}/",
    )
    gateway.pay()
    return one


def news_twice(casa: Customer, card: PaymentMethod, gateway: Standin) -> list[Any]:
    begun(casa, card, gateway)
    body = gateway.news()
    hear = lambda: topups.hear(card, body, signed(body), timezone.now())  # noqa: E731
    return race(hear, hear, at=before(checkouts, "credit"))


def test_news_that_comes_twice_at_once_is_added_once(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    assert news_twice(casa, card, gateway) == ["added", "settled before"]
    assert added() == 1


def test_the_payments_id_alone_keeps_two_news_apart(
    guards: Guards, casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    guards.lift_row_locks(TopUp)
    first, second = news_twice(casa, card, gateway)
    assert first == "added" and isinstance(second, IntegrityError)
    assert added() == 1


def test_the_lock_alone_keeps_two_news_apart(
    guards: Guards, casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    guards.drop(REFERENCE)
    assert news_twice(casa, card, gateway) == ["added", "settled before"]
    assert added() == 1


def test_without_lock_and_reference_two_news_add_twice(
    guards: Guards, casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    guards.lift_row_locks(TopUp)
    guards.drop(REFERENCE)
    assert news_twice(casa, card, gateway) == ["added", "added"]
    assert added() == 2


# ── News against a customer who has just come back ───────────────────────────────────────────


def test_news_and_a_look_at_once_add_once(
    casa: Customer, card: PaymentMethod, gateway: Standin
) -> None:
    one, body = begun(casa, card, gateway), gateway.news()
    race(
        lambda: topups.look(one, timezone.now()),
        lambda: topups.hear(card, body, signed(body), timezone.now()),
        at=before(checkouts, "credit"),
    )
    assert added() == 1 and TopUp.objects.get().status == TopUpStatus.ADDED


# ── An approval against a debit ──────────────────────────────────────────────────────────────


def approval_against_an_order(casa: Customer, bank: PaymentMethod) -> None:
    service, by = factories.service(), factories.admin().user
    one, fields = asked(casa, bank), {"link": "https://instagram.com/one", "quantity": 500}
    assert casa.user
    race(
        lambda: topups.approve(one, by=by, now=NOW),
        lambda: placement.place(casa, service.pk, fields, by=casa.user, now=NOW),
        at=before(ledger, "_write_balances"),
    )


def test_an_approval_and_an_order_at_once_both_count(casa: Customer, bank: PaymentMethod) -> None:
    approval_against_an_order(casa, bank)
    assert balance(casa) == Decimal(51) - Decimal("0.65")
    assert not ledger_check.check()


def test_without_the_wallets_lock_the_top_up_is_lost_from_the_balance(
    guards: Guards, casa: Customer, bank: PaymentMethod
) -> None:
    guards.lift_row_locks(Account)
    approval_against_an_order(casa, bank)
    assert balance(casa) == Decimal(1) - Decimal("0.65")
    assert ledger_check.check()


# ── Two forms at the limit of open requests ──────────────────────────────────────────────────


def two_ask_for_the_last_place(casa: Customer, bank: PaymentMethod) -> list[Any]:
    assert casa.user
    ask = lambda key: topups.ask(  # noqa: E731
        casa, bank, Decimal(50), by=casa.user, now=NOW, client_key=key
    )
    for number in range(topups.MOST_OPEN - 1):
        ask(f"earlier {number}")
    return race(lambda: ask("one"), lambda: ask("two"), at=before(TopUp, "save"))


def test_the_last_place_for_a_request_is_given_once(casa: Customer, bank: PaymentMethod) -> None:
    first, second = two_ask_for_the_last_place(casa, bank)
    assert isinstance(first, TopUp) and isinstance(second, FieldErrors)


def test_without_the_customers_lock_the_last_place_is_given_twice(
    guards: Guards, casa: Customer, bank: PaymentMethod
) -> None:
    guards.lift_row_locks(Customer)
    results = two_ask_for_the_last_place(casa, bank)
    assert [type(one) for one in results] == [TopUp, TopUp]
