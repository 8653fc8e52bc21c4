"""Two movements of one wallet at once, and what is pressed twice.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from orders import (
    api_keys,
    ledger,
    ledger_check,
    limits,
    overlaps,
    panel_settings,
    people,
    placement,
    wallets,
)
from orders.errors import FieldErrors, InsufficientFunds, LimitReached, NotAllowed, OpenOverlap
from orders.models import Account, Customer, Order, Panel, Service, Transfer, User
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, before, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
PRICE = Decimal("1.3")
REFERENCE = "orders_transfer_reference_key"


@pytest.fixture
def service() -> Service:
    return factories.service()


@pytest.fixture
def seller() -> User:
    """Has a till already: two who open one at once would wait for each other."""
    member = factories.staff(sees_all_customers=True, daily_limit=Decimal(10))
    ledger.till_id(member.pk)
    return member.user


def buying(
    buyer: Customer, service: Service, seller: User, link: str = "one", **more: Any
) -> Callable[[], placement.Placed]:
    fields = {"link": f"https://instagram.com/{link}", "quantity": 1000}
    return lambda: placement.place(buyer, service.pk, fields, by=seller, now=NOW, **more)


def balance(of: Customer) -> Decimal:
    return Account.objects.get(customer=of).balance or Decimal(0)


def only(results: list[Any], kind: type) -> list[Any]:
    return [one for one in results if isinstance(one, kind)]


# ── Two debits of one wallet at its limit ────────────────────────────────────────────────────

BALANCE_READ = after(ledger, "lock_wallet_of")
NEW_BALANCE_KNOWN = before(ledger, "_write_balances")


def two_orders_for_the_money_of_one(service: Service, seller: User) -> tuple[Customer, list[Any]]:
    buyer = factories.customer(balance="1.3")
    calls = [buying(buyer, service, seller, link) for link in ("one", "two")]
    return buyer, race(*calls, at=BALANCE_READ)


def test_a_wallet_that_covers_one_order_pays_for_one(service: Service, seller: User) -> None:
    buyer, results = two_orders_for_the_money_of_one(service, seller)
    assert [type(one) for one in results] == [placement.Placed, InsufficientFunds]
    assert balance(buyer) == 0


def test_without_the_wallets_lock_it_pays_for_two(
    guards: Guards, service: Service, seller: User
) -> None:
    guards.lift_row_locks()
    buyer, results = two_orders_for_the_money_of_one(service, seller)
    assert len(only(results, placement.Placed)) == 2
    assert ledger.account_sum(ledger.wallet_id(buyer.pk)) == -PRICE


# ── Cash taken against a debit ───────────────────────────────────────────────────────────────


def cash_against_an_order(service: Service, seller: User) -> Customer:
    buyer = factories.customer(balance="5")
    race(
        lambda: wallets.take_cash(buyer, Decimal(20), by=seller, now=NOW),
        buying(buyer, service, seller),
        at=NEW_BALANCE_KNOWN,
    )
    return buyer


def test_cash_and_an_order_at_once_both_count(service: Service, seller: User) -> None:
    buyer = cash_against_an_order(service, seller)
    assert balance(buyer) == 25 - PRICE
    assert not ledger_check.check()


def test_without_the_wallets_lock_the_cash_is_lost_from_the_balance(
    guards: Guards, service: Service, seller: User
) -> None:
    """The transfers are all there; the check of the ledger finds what the balance lacks."""
    guards.lift_row_locks()
    buyer = cash_against_an_order(service, seller)
    assert balance(buyer) == 5 - PRICE
    assert ledger_check.check()


# ── Two clicks ───────────────────────────────────────────────────────────────────────────────


def two_clicks(service: Service, seller: User) -> list[Any]:
    """Both have looked for an earlier order of this form and found none."""
    buyer = factories.customer(balance="10")
    click = buying(buyer, service, seller, client_key="one form")
    return race(click, click, at=after(placement, "_earlier"))


def test_two_clicks_make_one_order(service: Service, seller: User) -> None:
    first, second = two_clicks(service, seller)
    assert first.order.pk == second.order.pk
    assert (first.is_new, second.is_new) == (True, False)
    assert Transfer.objects.filter(kind="order").count() == 1


def test_without_the_index_two_clicks_make_two_orders(
    guards: Guards, service: Service, seller: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The warning about an open order on the same link is no guard: here it was answered."""
    monkeypatch.setattr(overlaps, "open_orders_on", lambda *_: [])
    guards.drop("client_key_once_per_customer")
    assert [one.is_new for one in two_clicks(service, seller)] == [True, True]


# ── Two forms for one link ───────────────────────────────────────────────────────────────────


def two_forms_for_one_link(service: Service, seller: User) -> list[Any]:
    """Both have looked for open orders on it."""
    calls = [buying(factories.customer(balance="10"), service, seller) for _ in range(2)]
    return race(*calls, at=after(overlaps, "open_orders_on"))


def test_of_two_orders_on_one_link_at_once_the_second_is_warned(
    service: Service, seller: User
) -> None:
    first, second = two_forms_for_one_link(service, seller)
    assert isinstance(second, OpenOverlap)
    assert second.order_ids == [first.order.pk]


def test_without_taking_turns_nobody_is_warned(
    monkeypatch: pytest.MonkeyPatch, service: Service, seller: User
) -> None:
    monkeypatch.setattr(overlaps, "take_turns", lambda link: None)
    assert len(only(two_forms_for_one_link(service, seller), placement.Placed)) == 2
    assert Transfer.objects.filter(kind="order").count() == 2


# ── The very same order twice, by a program ──────────────────────────────────────────────────


def the_very_same_twice(service: Service, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Without a `request_id`; the wallet covers both."""
    monkeypatch.setattr(overlaps, "open_orders_on", lambda *_: [])
    buyer = factories.customer(balance="100")
    key, _ = api_keys.make(buyer, "Shop", by=None, now=NOW)
    fields = {"link": "https://instagram.com/one", "quantity": 1000}
    more: dict[str, Any] = {"by": None, "now": NOW, "api_key": key, "overlap_ok": True}

    def call() -> placement.Placed:
        window = timedelta(seconds=60)
        return placement.place(buyer, service.pk, fields, not_again_within=window, **more)

    return race(call, call, at=after(placement, "_refuse_repeat"))


def test_of_the_very_same_order_twice_one_is_placed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = the_very_same_twice(service, monkeypatch)
    assert isinstance(second, placement.Repeated)
    assert Transfer.objects.filter(kind="order").count() == 1


def test_the_turns_alone_keep_the_very_same_from_being_placed_twice(
    guards: Guards, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    guards.lift_row_locks(Account)
    the_very_same_twice(service, monkeypatch)
    assert Transfer.objects.filter(kind="order").count() == 1


def test_the_wallets_lock_alone_keeps_the_very_same_from_being_placed_twice(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlaps, "take_turns", lambda _: None)
    the_very_same_twice(service, monkeypatch)
    assert Transfer.objects.filter(kind="order").count() == 1


def test_without_turns_and_lock_the_very_same_is_placed_twice(
    guards: Guards, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlaps, "take_turns", lambda _: None)
    guards.lift_row_locks(Account)
    the_very_same_twice(service, monkeypatch)
    assert Transfer.objects.filter(kind="order").count() == 2


# ── A form for cash pressed twice ────────────────────────────────────────────────────────────


def cash_pressed_twice(seller: User) -> tuple[Customer, list[Any]]:
    buyer = factories.customer()

    def press() -> Transfer:
        return wallets.take_cash(buyer, Decimal(20), by=seller, now=NOW, reference="one form")

    return buyer, race(press, press, at=after(wallets, "_earlier"))


def test_cash_that_is_booked_twice_at_once_counts_once(seller: User) -> None:
    """Both guards: the wallet's lock, under which the second one looks, and the reference."""
    buyer, (first, second) = cash_pressed_twice(seller)
    assert first.pk == second.pk
    assert balance(buyer) == 20


def test_the_reference_alone_lets_the_cash_in_once(guards: Guards, seller: User) -> None:
    guards.lift_row_locks()
    buyer, results = cash_pressed_twice(seller)
    assert len(only(results, IntegrityError)) == 1
    assert balance(buyer) == 20


def test_the_lock_alone_lets_the_cash_in_once(guards: Guards, seller: User) -> None:
    guards.drop(REFERENCE)
    buyer, (first, second) = cash_pressed_twice(seller)
    assert first.pk == second.pk
    assert balance(buyer) == 20


def test_without_lock_and_reference_the_cash_counts_twice(guards: Guards, seller: User) -> None:
    guards.lift_row_locks()
    guards.drop(REFERENCE)
    buyer, _ = cash_pressed_twice(seller)
    assert balance(buyer) == 40


# ── A member's daily limit ───────────────────────────────────────────────────────────────────


def two_gifts_within_a_limit_for_one(seller: User) -> list[Any]:
    def give(to: Customer) -> Callable[[], Transfer]:
        return lambda: wallets.gift(to, Decimal(8), by=seller, now=NOW, reason="Sorry")

    return race(*(give(factories.customer()) for _ in range(2)), at=after(limits, "used_today"))


def test_two_gifts_at_once_stay_within_the_limit(seller: User) -> None:
    assert [type(one) for one in two_gifts_within_a_limit_for_one(seller)] == [
        Transfer,
        LimitReached,
    ]


def test_without_the_members_lock_two_gifts_pass_the_limit(guards: Guards, seller: User) -> None:
    guards.lift_row_locks()
    assert len(only(two_gifts_within_a_limit_for_one(seller), Transfer)) == 2


# ── A client whose terms change while they order ─────────────────────────────────────────────


def order_while(service: Service, seller: User, buyer: Customer, **values: Any) -> list[Any]:
    """The form was read with the old terms; then an admin changes them; then it is placed."""
    by = factories.admin().user
    return race(
        buying(buyer, service, seller),
        lambda: people.change_customer(buyer, by=by, now=NOW, **values),
        at=[after(placement, "draft"), None],
    )


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[Customer], None]:
    """Whoever locks the wallet of this client sees the terms that were read before."""
    lock = ledger.lock_wallet_of

    def patch(buyer: Customer) -> None:
        monkeypatch.setattr(ledger, "lock_wallet_of", lambda number: (lock(number)[0], buyer))

    return patch


def test_credit_taken_back_while_an_order_is_placed_is_not_spent(
    service: Service, seller: User
) -> None:
    buyer = factories.customer(credit_limit=Decimal(50))
    placed, _ = order_while(service, seller, buyer, credit_limit=Decimal(0))
    assert isinstance(placed, InsufficientFunds)
    assert balance(buyer) == 0


def test_without_a_second_reading_credit_that_was_taken_back_is_spent(
    service: Service, seller: User, read_once: Callable[[Customer], None]
) -> None:
    buyer = factories.customer(credit_limit=Decimal(50))
    read_once(buyer)
    order_while(service, seller, buyer, credit_limit=Decimal(0))
    assert balance(buyer) == -PRICE


def test_a_client_blocked_while_an_order_is_placed_gets_none(
    service: Service, seller: User
) -> None:
    buyer = factories.customer(balance="10")
    placed, _ = order_while(service, seller, buyer, is_blocked=True)
    assert isinstance(placed, NotAllowed)
    assert not Order.objects.exists()


def test_without_a_second_reading_a_blocked_client_orders(
    service: Service, seller: User, read_once: Callable[[Customer], None]
) -> None:
    buyer = factories.customer(balance="10")
    read_once(buyer)
    order_while(service, seller, buyer, is_blocked=True)
    assert Order.objects.count() == 1


# ── The currency against the first movement of money ─────────────────────────────────────────


def currency_against_cash(seller: User) -> list[Any]:
    """The change has seen that no money ever moved; then somebody takes cash."""
    buyer = factories.customer()
    return race(
        lambda: panel_settings.change(by=None, now=NOW, currency="EUR"),
        lambda: wallets.take_cash(buyer, Decimal(20), by=seller, now=NOW),
        at=[after(panel_settings, "currency_is_fixed"), before(ledger, "_write_balances")],
    )


def cash_against_currency(seller: User) -> list[Any]:
    """The cash is on its way in, not committed; then the currency is changed."""
    buyer = factories.customer()
    return race(
        lambda: wallets.take_cash(buyer, Decimal(20), by=seller, now=NOW),
        lambda: panel_settings.change(by=None, now=NOW, currency="EUR"),
        at=[before(ledger, "_write_balances"), after(panel_settings, "currency_is_fixed")],
    )


def test_the_currency_is_not_changed_under_money_that_is_moving(seller: User) -> None:
    cash, changed = cash_against_currency(seller)
    assert isinstance(cash, Transfer)
    assert isinstance(changed, FieldErrors)
    assert Panel.objects.get().currency == "USD"


def test_money_waits_for_a_currency_that_is_being_changed(seller: User) -> None:
    changed, cash = currency_against_cash(seller)
    assert (changed.currency, cash.amount) == ("EUR", 20)


def test_without_the_tables_lock_money_that_moved_gets_another_currency(
    seller: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel_settings, "_keep_money_still", lambda: None)
    cash, changed = cash_against_currency(seller)
    assert isinstance(cash, Transfer)
    assert changed.currency == "EUR"
