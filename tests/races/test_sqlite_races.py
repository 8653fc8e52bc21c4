"""Two at once on SQLite, which has one writer: the second waits, or is told "busy".

A transaction begins as the writer (`BEGIN IMMEDIATE`), before it reads a balance.
"""

from contextlib import nullcontext
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from orders import ledger, ledger_check, sql, wallets
from orders.errors import Busy
from orders.models import Account, Customer, Transfer
from tests.support import factories
from tests.support.racing import after, race

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's single writer"),
]

NOW = factories.NOW
BALANCE_READ = after(ledger, "lock_wallets")


@pytest.fixture
def customer() -> Customer:
    return factories.customer(balance="10")


def set_option(patch: pytest.MonkeyPatch, name: str, value: Any) -> None:
    patch.setitem(connection.settings_dict["OPTIONS"], name, value)


def two_gifts(customer: Customer) -> list[Any]:
    def give() -> Transfer:
        return wallets.gift(customer, Decimal(5), by=None, now=NOW, reason="Sorry")

    return race(give, give, at=BALANCE_READ)


def balance(customer: Customer) -> Decimal:
    return Account.objects.get(customer=customer).balance or Decimal(0)


def test_who_cannot_write_in_time_is_told_busy_and_may_press_again(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_option(monkeypatch, "timeout", 0.2)
    first, second = two_gifts(customer)
    assert (type(first), type(second)) == (Transfer, Busy)
    assert balance(customer) == 15
    wallets.gift(customer, Decimal(5), by=None, now=NOW, reason="Sorry")
    assert balance(customer) == 20
    assert not ledger_check.check()


def test_begun_as_a_reader_the_second_is_refused_however_patient(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both come to read the balance; what the second one read is out of date when it would write,
    and no waiting helps: it is refused at once, with twenty seconds of patience."""
    set_option(monkeypatch, "transaction_mode", "DEFERRED")
    first, second = two_gifts(customer)
    assert (type(first), type(second)) == (Transfer, Busy)
    assert balance(customer) == 15


def test_the_ledger_alone_refuses_what_is_no_transaction(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "short_transaction", nullcontext)
    assert [type(one) for one in two_gifts(customer)] == [RuntimeError, RuntimeError]
    assert balance(customer) == 10


def test_without_a_transaction_and_the_ledgers_refusal_a_gift_is_lost(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "short_transaction", nullcontext)
    inside = SimpleNamespace(in_atomic_block=True)
    monkeypatch.setattr(ledger, "transaction", SimpleNamespace(get_connection=lambda: inside))

    def give() -> Transfer:
        return wallets.gift(customer, Decimal(5), by=None, now=NOW, reason="Sorry")

    first, second = race(give, give, at=after(ledger, "_carry_out"))
    assert (type(first), type(second)) == (Transfer, Transfer)
    assert balance(customer) == 15, "two gifts of five on ten"
    assert ledger_check.check()
