"""Somebody is switched off while others switch them off, pay them, or are given what is theirs.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from decimal import Decimal
from typing import Any

import pytest

from orders import leaving, managing, people, sign_ins, tills, wallets
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.leaving import Leaving, Left
from orders.models import Account, Customer, Staff, Transfer, User
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import Place, after, before, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
HUNDRED = Decimal(100)


@pytest.fixture
def olga() -> Staff:
    return factories.owner()


@pytest.fixture
def mira(olga: Staff) -> Staff:
    """Manages one client and holds 100 by the books."""
    member = factories.staff("Mira")
    nord = factories.customer("Nord", manager=member)
    wallets.take_cash(nord, HUNDRED, by=member.user, now=NOW)
    return member


def leave(member: Staff, by: Staff, heir: Staff | None = None, **said: Any) -> Left:
    given = {"counted": HUNDRED} | said
    return leaving.switch_off_member(member, heir=heir, by=by.user, now=NOW, **given)


def kinds(results: list[Any]) -> list[type]:
    return [type(one) for one in results]


# ── Switched off twice at once ───────────────────────────────────────────────────────────────


def switched_off_twice(mira: Staff, olga: Staff) -> list[Any]:
    ada = factories.admin()
    return race(
        lambda: leave(mira, olga), lambda: leave(mira, ada), at=after(leaving, "_require_on")
    )


def test_a_member_is_switched_off_and_the_cash_moved_once(mira: Staff, olga: Staff) -> None:
    assert kinds(switched_off_twice(mira, olga)) == [Left, StateChanged]
    assert tills.held(mira) == 0


def test_the_members_lock_alone_moves_the_cash_once(
    guards: Guards, mira: Staff, olga: Staff
) -> None:
    guards.lift_row_locks(Account)
    assert kinds(switched_off_twice(mira, olga)) == [Left, StateChanged]
    assert tills.held(mira) == 0


def test_the_tills_lock_alone_moves_the_cash_once(guards: Guards, mira: Staff, olga: Staff) -> None:
    guards.lift_row_locks(Staff)
    first, second = switched_off_twice(mira, olga)
    assert isinstance(first, Left) and not isinstance(second, Left)
    assert tills.held(mira) == 0


def test_without_the_locks_the_same_cash_is_moved_twice(
    guards: Guards, mira: Staff, olga: Staff
) -> None:
    guards.lift_row_locks(Staff, Account)
    assert kinds(switched_off_twice(mira, olga)) == [Left, Left]
    assert tills.held(mira) == -100


# ── Two who take over from each other ────────────────────────────────────────────────────────


def each_the_others_heir(mira: Staff, olga: Staff) -> list[Any]:
    tom = factories.staff("Tom")
    factories.customer("Verde", manager=tom)
    return race(
        lambda: leave(mira, olga, tom),
        lambda: leave(tom, olga, mira, counted=None),
        at=before(managing, "_locked"),
    )


def managed_by_nobody_who_works() -> int:
    return Customer.objects.filter(manager__user__is_active=False).count()


def test_of_two_who_take_over_from_each_other_one_stays(mira: Staff, olga: Staff) -> None:
    assert kinds(each_the_others_heir(mira, olga)) == [Left, FieldErrors]
    assert managed_by_nobody_who_works() == 0


def test_without_the_members_locks_both_go_and_their_clients_with_them(
    guards: Guards, mira: Staff, olga: Staff
) -> None:
    guards.lift_row_locks(Staff)
    assert kinds(each_the_others_heir(mira, olga)) == [Left, Left]
    assert managed_by_nobody_who_works() == 2


# ── A client is given to somebody who leaves ─────────────────────────────────────────────────


def given_to_who_leaves(mira: Staff, olga: Staff) -> list[Any]:
    free = factories.customer("Free")
    return race(
        lambda: leave(mira, olga),
        lambda: people.assign([free.pk], mira, by=olga.user, now=NOW),
        at=after(managing, "lock_working"),
    )


def test_nobody_who_leaves_is_given_a_client(mira: Staff, olga: Staff) -> None:
    assert kinds(given_to_who_leaves(mira, olga)) == [Left, FieldErrors]
    assert managed_by_nobody_who_works() == 0


def test_without_the_members_lock_a_client_goes_to_who_left(
    guards: Guards, mira: Staff, olga: Staff
) -> None:
    guards.lift_row_locks(Staff)
    assert kinds(given_to_who_leaves(mira, olga)) == [Left, int]
    assert managed_by_nobody_who_works() == 1


# ── Cash that is taken meanwhile ─────────────────────────────────────────────────────────────


def take(by: User) -> Transfer:
    return wallets.take_cash(Customer.objects.get(), Decimal(50), by=by, now=NOW)


def cash_against_leaving(mira: Staff, olga: Staff, first: str) -> list[Any]:
    seen = Leaving(mira, None, NOW).fingerprint
    seller = User.objects.get(pk=mira.user_id)  # signed in, as their request read it
    taken: tuple[Any, Place] = (lambda: take(seller), after(tills, "make_room"))
    gone: tuple[Any, Place] = (
        lambda: leave(mira, olga, seen=seen),
        before(sign_ins, "end_sessions"),
    )
    calls, places = zip(*((taken, gone) if first == "cash" else (gone, taken)), strict=True)
    return race(*calls, at=places)


def held_by_who_is_off() -> Decimal:
    off = Staff.objects.filter(user__in=User.objects.filter(is_active=False))
    return sum((tills.held(member) for member in off), Decimal(0))


def test_cash_that_comes_first_is_counted_anew(mira: Staff, olga: Staff) -> None:
    assert kinds(cash_against_leaving(mira, olga, "cash")) == [Transfer, StateChanged]
    assert tills.held(mira) == 150


def test_cash_that_comes_after_is_refused(mira: Staff, olga: Staff) -> None:
    assert kinds(cash_against_leaving(mira, olga, "leaving")) == [Left, NotAllowed]
    assert held_by_who_is_off() == 0


def test_without_the_tills_lock_somebody_who_left_holds_cash(
    guards: Guards, mira: Staff, olga: Staff
) -> None:
    guards.lift_row_locks(Account)
    assert kinds(cash_against_leaving(mira, olga, "leaving")) == [Left, Transfer]
    assert held_by_who_is_off() == 50
