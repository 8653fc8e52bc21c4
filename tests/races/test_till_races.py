"""Cash counted, confirmed and dropped by two at once.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from orders import placement, tills, wallets
from orders.errors import StateChanged
from orders.models import Account, AuditEntry, Staff, TillClosing, Transfer
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, before, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
REFERENCE = "orders_transfer_reference_key"


@pytest.fixture
def member() -> Staff:
    """Somebody whose till holds 100 by the books."""
    member = factories.staff(sees_all_customers=True)
    wallets.take_cash(factories.customer(), Decimal(100), by=member.user, now=NOW)
    return member


def kinds(results: list[Any]) -> list[type]:
    return [type(one) for one in results]


# ── Counted twice at once ────────────────────────────────────────────────────────────────────


def counted_twice(member: Staff) -> list[Any]:
    def count() -> TillClosing:
        return tills.count_till(member, Decimal(80), by=member.user, now=NOW)

    return race(count, count, at=before(TillClosing.objects, "create"))


def test_a_till_that_is_counted_twice_at_once_has_one_count(member: Staff) -> None:
    assert kinds(counted_twice(member)) == [TillClosing, StateChanged]


def test_without_the_index_a_till_has_two_open_counts(guards: Guards, member: Staff) -> None:
    """Both would be confirmed, and the difference booked twice."""
    guards.drop("one_open_closing")
    for closing in counted_twice(member):
        tills.confirm_closing(closing, by=factories.admin().user, now=NOW)
    assert tills.held(member) == 100 - 20 - 20


# ── Two admins confirm one count ─────────────────────────────────────────────────────────────


def confirmed_by_two(member: Staff) -> list[Any]:
    closing = tills.count_till(member, Decimal(80), by=member.user, now=NOW)
    admins = [factories.admin(name).user for name in ("Ada", "Abel")]
    return race(
        *(lambda by=by: tills.confirm_closing(closing, by=by, now=NOW) for by in admins),
        at=before(tills.auditing, "record"),
    )


def confirmations() -> int:
    return AuditEntry.objects.filter(action="till.closing_confirmed").count()


def test_of_two_admins_who_confirm_a_count_one_is_told(member: Staff) -> None:
    """Both guards: the count's lock with a second reading, and the difference's reference."""
    assert kinds(confirmed_by_two(member)) == [Transfer, StateChanged]
    assert (tills.held(member), confirmations()) == (80, 1)


def test_the_reference_alone_lets_one_difference_in(guards: Guards, member: Staff) -> None:
    guards.lift_row_locks()
    assert kinds(confirmed_by_two(member)) == [Transfer, IntegrityError]
    assert (tills.held(member), confirmations()) == (80, 1)


def test_the_lock_alone_lets_one_difference_in(guards: Guards, member: Staff) -> None:
    guards.drop(REFERENCE)
    assert kinds(confirmed_by_two(member)) == [Transfer, StateChanged]
    assert (tills.held(member), confirmations()) == (80, 1)


def test_without_lock_and_reference_the_difference_counts_twice(
    guards: Guards, member: Staff
) -> None:
    guards.lift_row_locks()
    guards.drop(REFERENCE)
    assert kinds(confirmed_by_two(member)) == [Transfer, Transfer]
    assert (tills.held(member), confirmations()) == (60, 2)


# ── Two take cash in at the till's limit ─────────────────────────────────────────────────────


def cash_taken_twice() -> tuple[Staff, list[Any]]:
    """The till may hold one of the two: cash by itself, and cash that comes with an order."""
    member = factories.staff(sees_all_customers=True, till_limit=Decimal(100))
    tills.ledger.till_id(member.pk)
    service, buyer = factories.service(), factories.customer("B")
    fields = {"link": "https://instagram.com/one", "quantity": 1000}
    sold = {"by": member.user, "now": NOW, "take_cash": Decimal(60)}
    results = race(
        lambda: wallets.take_cash(factories.customer("A"), Decimal(60), by=member.user, now=NOW),
        lambda: placement.place(buyer, service.pk, fields, **sold),
        at=after(tills, "make_room"),
    )
    return member, results


def test_a_till_at_its_limit_takes_one_of_two() -> None:
    member, results = cash_taken_twice()
    assert kinds(results) == [Transfer, tills.TillFull]
    assert tills.held(member) == 60


def test_without_the_tills_lock_it_holds_more_than_it_may(guards: Guards) -> None:
    guards.lift_row_locks(Account)
    member, results = cash_taken_twice()
    assert kinds(results) == [Transfer, placement.Placed]
    assert tills.held(member) == 120


# ── Two take the same cash out ───────────────────────────────────────────────────────────────


def dropped_and_paid_out(member: Staff) -> list[Any]:
    """The till holds enough for one of the two."""
    client, admin = factories.customer(balance="100"), factories.admin()
    return race(
        lambda: tills.drop(member, Decimal(90), by=admin.user, now=NOW, reference="form"),
        lambda: wallets.pay_out(client, Decimal(90), by=member.user, now=NOW),
        at=after(tills, "require_held"),
    )


def test_cash_leaves_a_till_once(member: Staff) -> None:
    assert kinds(dropped_and_paid_out(member)) == [Transfer, tills.TillShort]
    assert tills.held(member) == 10


def test_without_the_tills_lock_it_gives_out_what_it_has_not(guards: Guards, member: Staff) -> None:
    guards.lift_row_locks()
    assert kinds(dropped_and_paid_out(member)) == [Transfer, Transfer]
    assert tills.held(member) == -80
