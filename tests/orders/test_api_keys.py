"""Keys of customers' programs: made once, kept as a hash, closed for good."""

from datetime import timedelta

import pytest

from orders import api_keys
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.models import ApiKey, AuditEntry, Customer
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", signs_in=True)


def test_the_database_and_the_trail_hold_no_key(casa: Customer) -> None:
    made, key = api_keys.make(casa, " Shop ", by=casa.user, now=NOW)

    assert len(key) == 40
    row = ApiKey.objects.values().get()
    assert (row["name"], row["prefix"], row["created_at"]) == ("Shop", key[:6], NOW)
    trail = list(AuditEntry.objects.values())
    assert key not in f"{row}{trail}"
    assert key[:6] in str(trail)
    assert api_keys.find(key) == made


def test_a_revoked_key_opens_nothing_and_stays_on_record(casa: Customer) -> None:
    made, key = api_keys.make(casa, "Shop", by=casa.user, now=NOW)
    _, other = api_keys.make(casa, "Other", by=casa.user, now=NOW)
    api_keys.revoke(made, by=casa.user, now=NOW)

    assert api_keys.find(key) is None
    assert api_keys.find(other) is not None
    made.refresh_from_db()
    assert (made.revoked_at, made.revoked_by) == (NOW, casa.user)
    assert [row.name for row in api_keys.of(casa)] == ["Other"]
    with pytest.raises(StateChanged):
        api_keys.revoke(made, by=casa.user, now=NOW)


def test_only_the_customer_makes_a_key_and_who_sees_them_revokes_it(casa: Customer) -> None:
    somebody = factories.customer(signs_in=True)
    for person in (factories.owner().user, somebody.user):
        with pytest.raises(NotAllowed):
            api_keys.make(casa, "Shop", by=person, now=NOW)
    made, _ = api_keys.make(casa, "Shop", by=casa.user, now=NOW)
    for person in (factories.staff().user, somebody.user):
        with pytest.raises(NotAllowed):
            api_keys.revoke(made, by=person, now=NOW)
    api_keys.revoke(made, by=factories.staff(sees_all_customers=True).user, now=NOW)


def test_names_are_short_and_keys_are_few(casa: Customer) -> None:
    for name in ("", "  ", "n" * 61):
        with pytest.raises(FieldErrors) as wrong:
            api_keys.make(casa, name, by=casa.user, now=NOW)
        assert list(wrong.value.errors) == ["name"]
    for number in range(api_keys.MOST):
        made, _ = api_keys.make(casa, f"Key {number}", by=casa.user, now=NOW)
    with pytest.raises(FieldErrors):
        api_keys.make(casa, "One more", by=casa.user, now=NOW)
    api_keys.revoke(made, by=casa.user, now=NOW)
    api_keys.make(casa, "One more", by=casa.user, now=NOW)


@pytest.mark.parametrize("key", ["0f" * 16, "A-b_" * 16])
def test_a_key_of_another_panel_can_be_brought_over_once(key: str, casa: Customer) -> None:
    made, text = api_keys.make(casa, "Old shop", by=None, now=NOW, key=key)
    assert (text, made.prefix) == (key, key[:6])
    assert api_keys.find(key) == made
    with pytest.raises(FieldErrors):
        api_keys.make(factories.customer(), "Mine", by=None, now=NOW, key=key)


@pytest.mark.parametrize("key", ["", "short", "undefined", "k" * 201, "k" * 20 + "\n" + "k"])
def test_what_is_no_key(key: str, casa: Customer) -> None:
    with pytest.raises(FieldErrors):
        api_keys.make(casa, "Old", by=None, now=NOW, key=key)
    assert api_keys.find(key) is None


def test_the_last_use_is_written_once_a_minute(casa: Customer) -> None:
    made, _ = api_keys.make(casa, "Shop", by=casa.user, now=NOW)

    def used(seconds: int, address: str) -> tuple[object, str | None]:
        row = ApiKey.objects.get()
        api_keys.note_use(row, address, now=NOW + timedelta(seconds=seconds))
        made.refresh_from_db()
        return made.last_used_at, made.last_used_from

    assert used(0, "203.0.113.7") == (NOW, "203.0.113.7")
    assert used(59, "203.0.113.8") == (NOW, "203.0.113.7")
    assert used(60, "2001:db8::1") == (NOW + timedelta(seconds=60), "2001:db8::1")


def test_repeats_are_the_customers_choice(casa: Customer) -> None:
    api_keys.allow_repeats(casa, True, by=casa.user, now=NOW)
    assert Customer.objects.get().repeats_ok
    api_keys.allow_repeats(casa, True, by=casa.user, now=NOW)
    assert AuditEntry.objects.filter(action="customer.repeats").count() == 1
    with pytest.raises(NotAllowed):
        api_keys.allow_repeats(casa, False, by=factories.staff().user, now=NOW)
