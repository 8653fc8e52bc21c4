"""Late orders: which they are, and the mark that somebody asked the provider's support."""

from datetime import timedelta

import pytest

from orders import health, lateness
from orders.enums import EventKind, OrderStatus, Tier
from orders.errors import Declined, NotAllowed
from orders.health import Trouble
from orders.models import Event, Order, Staff
from orders.people import person_of
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
HOUR = timedelta(hours=1)


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač", sees_all_customers=True)


def late(**fields: object) -> Order:
    return factories.order(status=OrderStatus.IN_PROGRESS, **{"tier": Tier.OLD} | fields)


def counted(mira: Staff, hours: float = 0) -> int:
    concerns = health.concerns(person_of(mira.user), NOW + hours * HOUR)
    return next((concern.count for concern in concerns if concern.kind == Trouble.LATE), 0)


def test_late_is_a_running_order_at_the_slowest_pace() -> None:
    order = late()
    late(tier=Tier.QUIET)
    factories.order(status=OrderStatus.FAILED, tier=Tier.OLD)
    assert list(lateness.late_orders(Order.objects.all())) == [order]


def test_a_mark_says_who_asked_and_when_in_the_row_and_in_the_history(mira: Staff) -> None:
    order = late()
    lateness.mark_asked(order, by=mira.user, now=NOW)
    order.refresh_from_db()
    assert (order.support_asked_at, order.support_asked_by) == (NOW, mira.user)
    event = Event.objects.get(order=order)
    assert (event.kind, event.person, event.at) == (EventKind.ASKED, mira.user, NOW)


def test_a_marked_order_is_not_counted_for_a_day(mira: Staff) -> None:
    order = late()
    assert counted(mira) == 1
    lateness.mark_asked(order, by=mira.user, now=NOW)
    assert [counted(mira, hours) for hours in (0, 23, 24)] == [0, 0, 1]


def test_an_order_that_moved_is_neither_late_nor_asked_about(mira: Staff) -> None:
    order = late()
    lateness.mark_asked(order, by=mira.user, now=NOW)
    order.refresh_from_db()
    assert lateness.asked_at(order, NOW + HOUR) == NOW
    order.tier = Tier.FAST
    assert lateness.asked_at(order, NOW + HOUR) is None


def test_asking_twice_is_told_and_writes_one_line(mira: Staff) -> None:
    order = late()
    lateness.mark_asked(order, by=mira.user, now=NOW)
    with pytest.raises(Declined, match="within the last day"):
        lateness.mark_asked(order, by=mira.user, now=NOW + HOUR)
    assert Event.objects.filter(order=order).count() == 1
    lateness.mark_asked(order, by=mira.user, now=NOW + 25 * HOUR)
    assert Event.objects.filter(order=order).count() == 2


def test_an_order_that_is_not_late_cannot_be_marked(mira: Staff) -> None:
    with pytest.raises(Declined, match="not late"):
        lateness.mark_asked(late(tier=Tier.FAST), by=mira.user, now=NOW)


def test_who_does_not_see_the_client_cannot_mark_its_order() -> None:
    order = late()
    with pytest.raises(NotAllowed):
        lateness.mark_asked(order, by=factories.staff().user, now=NOW)
    order.refresh_from_db()
    assert order.support_asked_at is None
