"""Who of the house reads which open alert, and in which words."""

import pytest

from orders import alerts
from orders.enums import AlarmKind
from orders.models import Alert, Staff
from orders.people import person_of
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW


def sound(kind: AlarmKind, subject: str = "", title: str = "Zebrahaus: 41.00 EUR") -> Alert:
    return Alert.objects.create(
        kind=kind, subject=subject, title=title, text="planted", seen_at=NOW, started_at=NOW
    )


@pytest.fixture
def everything() -> None:
    for kind in AlarmKind:
        sound(kind, "provider:3")


def kinds(member: Staff) -> set[str]:
    return {one.kind for one in alerts.open_alerts(person_of(member.user))}


STAFF = {
    AlarmKind.MACHINERY,
    AlarmKind.BEAT,
    AlarmKind.JOB,
    AlarmKind.SENDING_STOPPED,
    AlarmKind.PROVIDER_HELD,
    AlarmKind.IDLE,
    AlarmKind.UNCHECKED,
}


def test_admins_read_all_of_it(everything: None) -> None:
    found = alerts.open_alerts(person_of(factories.admin().user))
    assert {one.kind for one in found} == set(AlarmKind)
    assert {one.title for one in found} == {"Zebrahaus: 41.00 EUR"}


def test_staff_read_what_keeps_their_orders_waiting_without_names_and_amounts(
    everything: None,
) -> None:
    member = factories.staff()
    found = alerts.open_alerts(person_of(member.user))
    assert {one.kind for one in found} == STAFF
    assert not [one for one in found if "Zebrahaus" in one.title or one.subject]


def test_whoever_sees_costs_reads_of_providers_by_name(everything: None) -> None:
    member = factories.staff(sees_cost=True)
    costs = {AlarmKind.READING_RESTS, AlarmKind.BALANCE_LOW, AlarmKind.UNEXPLAINED}
    assert kinds(member) == STAFF | costs
    found = alerts.open_alerts(person_of(member.user))
    assert {one.title for one in found} == {"Zebrahaus: 41.00 EUR"}


def test_whoever_decides_reviews_reads_that_there_are_some_but_not_how_many(
    everything: None,
) -> None:
    member = factories.staff(decides_reviews=True, sees_cost=True)
    assert AlarmKind.UNCONFIRMED in kinds(member)
    found = alerts.open_alerts(person_of(member.user))
    (one,) = [one for one in found if one.kind == AlarmKind.UNCONFIRMED]
    assert one.title == "Orders are unconfirmed"


def test_customers_read_none(everything: None) -> None:
    customer = factories.customer(signs_in=True)
    assert alerts.open_alerts(person_of(customer.user)) == []


def test_nobody_reads_of_their_own_till() -> None:
    ada, bob = factories.admin("Ada"), factories.admin("Bob")
    sound(AlarmKind.TILL_FULL, f"till:{ada.pk}")
    assert kinds(ada) == set()
    assert kinds(bob) == {AlarmKind.TILL_FULL}
    assert not alerts.alerts_for(person_of(ada.user))
    assert len(alerts.alerts_for(person_of(bob.user))) == 1


def test_what_is_grave_comes_first_and_what_was_not_told_or_is_over_is_not_there() -> None:
    sound(AlarmKind.PRICE_HOLD)
    sound(AlarmKind.PROVIDER_HELD, "provider:1")
    Alert.objects.filter(pk=sound(AlarmKind.MACHINERY).pk).update(started_at=None)
    Alert.objects.filter(pk=sound(AlarmKind.BEAT).pk).update(ended_at=NOW)
    found = alerts.open_alerts(person_of(factories.admin().user))
    assert [one.kind for one in found] == [AlarmKind.PROVIDER_HELD, AlarmKind.PRICE_HOLD]
