"""Tracking addresses: unguessable, one at a time, closed for good, on the order's record."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from orders import tracking
from orders.errors import NotAllowed, StateChanged
from orders.models import Order, Staff, TrackingAddress
from orders.sealing import Unsealable
from tests.support import factories

pytestmark = pytest.mark.django_db

LATER = factories.NOW + timedelta(hours=1)


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač")


@pytest.fixture
def order(mira: Staff) -> Order:
    return factories.order(factories.customer(manager=mira))


def make(order: Order, by: Staff) -> str:
    return tracking.key_of(tracking.make(order, by=by.user, now=factories.NOW))


def test_a_key_opens_its_order_and_no_other_key_does(order: Order, mira: Staff) -> None:
    factories.order()
    key = make(order, mira)
    assert tracking.order_with(key) == order.pk
    assert tracking.order_with(key[:-1]) is None
    assert tracking.order_with("") is None


def test_a_key_is_long_and_stands_nowhere_in_the_database(order: Order, mira: Staff) -> None:
    key = make(order, mira)
    assert len(key) * 6 >= 128
    row = TrackingAddress.objects.values().get()
    assert key not in str(row)
    assert key not in str(list(order.events.values()))


def test_keys_differ_from_order_to_order(order: Order, mira: Staff) -> None:
    other = factories.order(order.customer, order.service)
    assert make(order, mira) != make(other, mira)


def test_making_again_gives_the_same_address(order: Order, mira: Staff) -> None:
    assert make(order, mira) == make(order, mira)
    assert order.events.count() == 1


def test_of_two_presses_at_once_the_second_finds_the_address_of_the_first(
    order: Order, mira: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tracking.make(order, by=mira.user, now=factories.NOW)
    answers = iter([None, first])
    monkeypatch.setattr(tracking, "address_of", lambda _order: next(answers))
    assert tracking.make(order, by=mira.user, now=LATER) == first
    assert TrackingAddress.objects.count() == 1
    assert order.events.count() == 1


def test_a_revoked_key_opens_nothing_and_is_kept_without_its_secret(
    order: Order, mira: Staff
) -> None:
    key = make(order, mira)
    tracking.revoke(order, by=mira.user, now=LATER)
    assert tracking.order_with(key) is None
    assert tracking.address_of(order) is None
    row = TrackingAddress.objects.get()
    assert (row.revoked_by, row.revoked_at, row.key_sealed) == (mira.user, LATER, "")


def test_a_new_address_closes_the_old_one(order: Order, mira: Staff) -> None:
    old = make(order, mira)
    new = tracking.key_of(tracking.replace(order, by=mira.user, now=LATER))
    assert tracking.order_with(old) is None
    assert tracking.order_with(new) == order.pk


@pytest.mark.parametrize("verb", [tracking.revoke, tracking.replace])
def test_what_is_not_there_is_neither_revoked_nor_replaced(
    verb: object, order: Order, mira: Staff
) -> None:
    with pytest.raises(StateChanged):
        verb(order, by=mira.user, now=LATER)  # type: ignore[operator]
    assert not TrackingAddress.objects.exists()


def test_every_act_is_a_line_of_the_orders_history(order: Order, mira: Staff) -> None:
    make(order, mira)
    tracking.replace(order, by=mira.user, now=LATER)
    told = order.events.order_by("pk").values_list("kind", "person", "data")
    assert [(kind, person, data["act"]) for kind, person, data in told] == [
        ("tracking", mira.user_id, "made"),
        ("tracking", mira.user_id, "revoked"),
        ("tracking", mira.user_id, "made"),
    ]


def test_who_may_not_see_the_order_may_do_nothing_to_its_address(order: Order, mira: Staff) -> None:
    make(order, mira)
    tom = factories.staff("Tom Adeyemi")
    for verb in (tracking.make, tracking.revoke, tracking.replace):
        with pytest.raises(NotAllowed):
            verb(order, by=tom.user, now=LATER)
    assert TrackingAddress.objects.get().revoked_at is None


def test_a_customer_makes_no_address_not_even_of_an_own_order() -> None:
    casa = factories.customer(signs_in=True)
    assert casa.user
    with pytest.raises(NotAllowed):
        tracking.make(factories.order(casa), by=casa.user, now=LATER)


def test_an_address_outlives_the_key_that_sealed_it(
    order: Order, mira: Staff, settings: object
) -> None:
    key = make(order, mira)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    assert tracking.order_with(key) == order.pk
    address = tracking.address_of(order)
    assert address
    with pytest.raises(Unsealable):
        tracking.key_of(address)
