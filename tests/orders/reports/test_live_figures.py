"""Figures of a period: the ledger's revenue, the orders' charge, and how much of it is known."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders import ledger, reports
from orders.enums import OrderStatus
from orders.models import Customer, Order, Provider
from orders.people import Person, person_of
from orders.reports import Period
from tests.support import factories as make
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = Period(NOW.replace(hour=0), NOW + timedelta(hours=1))


@pytest.fixture
def boss() -> Person:
    return person_of(make.admin().user)


def refund(order: Order, owed: str, at: datetime) -> None:
    with transaction.atomic():
        row = Order.objects.select_for_update().get(pk=order.pk)
        ledger.refund(row, Decimal(owed), by=None, memo="", at=at)


def of_today(who: Person) -> reports.Totals:
    return reports.totals(who, [TODAY])[0]


def test_revenue_is_what_was_charged_less_what_was_paid_back(boss: Person) -> None:
    make.order()
    refund(make.order(), "0.30000001", NOW)
    assert of_today(boss).revenue == Decimal("2.29999999")


def test_a_refund_counts_on_the_day_on_which_it_moved(boss: Person) -> None:
    order = make.order()
    refund(order, "1.3", NOW + 3 * DAY)
    later = Period(NOW + 2 * DAY, NOW + 4 * DAY)
    today, then = reports.totals(boss, [TODAY, later])
    assert (today.revenue, then.revenue) == (Decimal("1.3"), Decimal("-1.3"))


def test_a_charge_that_is_not_known_counts_as_quoted_and_is_said_so(boss: Person) -> None:
    make.order(cost=Decimal("0.5"))
    make.order(expected_cost=Decimal("1.5"))
    found = of_today(boss)
    assert (found.charge, found.charge_known, found.coverage) == (2, Decimal("0.5"), 25)
    assert found.profit == Decimal("0.6")


@pytest.mark.parametrize("status", [OrderStatus.CANCELED, OrderStatus.REFUSED])
def test_what_was_canceled_is_not_expected_to_cost_anything(
    boss: Person, status: OrderStatus
) -> None:
    make.order(status=status)
    found = of_today(boss)
    assert (found.charge, found.coverage, found.canceled, found.orders) == (0, None, 1, 1)


def test_a_period_ends_just_before_the_next_one(boss: Person) -> None:
    make.order(placed_at=TODAY.until)
    make.order(placed_at=TODAY.since)
    today, tomorrow = reports.totals(boss, [TODAY, Period(TODAY.until, TODAY.until + DAY)])
    assert (today.orders, tomorrow.orders) == (1, 1)


def test_staff_are_shown_the_figures_of_their_own_clients() -> None:
    mira = make.staff()
    make.order(make.customer(manager=mira))
    make.order(make.customer("Somebody Else"))
    found = of_today(person_of(mira.user))
    assert (found.revenue, found.orders) == (Decimal("1.3"), 1)
    assert [day.revenue for day in reports.by_day(person_of(mira.user), TODAY, UTC)] == [
        Decimal("1.3")
    ]


def test_every_day_has_its_figures_and_quiet_days_are_there(boss: Person) -> None:
    make.order(placed_at=NOW - 2 * DAY, cost=Decimal("0.7"))
    make.order(cost=Decimal("0.9"))
    days = reports.by_day(boss, Period(NOW - 2 * DAY, TODAY.until), UTC)
    assert [day.charge for day in days] == [Decimal("0.7"), 0, Decimal("0.9")]
    assert [day.orders for day in days] == [1, 0, 1]
    # The tests' charge of both is posted today.
    assert [day.revenue for day in days] == [0, 0, Decimal("2.6")]


def test_days_begin_at_midnight_of_the_zone(boss: Person) -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past twelve of the 23rd in Paris
    make.order(placed_at=late)
    zone = ZoneInfo("Europe/Paris")
    days = reports.by_day(boss, Period(late - 5 * DAY, TODAY.until), zone)
    assert [day.day.day for day in days if day.orders] == [23]


def test_what_an_account_spends_in_an_hour_is_told_from_a_day() -> None:
    provider: Provider = make.provider()
    service = make.service(make.offer(provider))
    client: Customer = make.customer()
    make.order(client, service, charge_upstream=Decimal("1.4"), placed_at=NOW - DAY / 2)
    make.order(client, service, placed_at=NOW - DAY / 4)
    make.order(client, service, placed_at=NOW - 2 * DAY)
    assert reports.spending(NOW) == {provider.pk: Decimal("0.1")}


def test_the_figures_take_as_many_queries_for_one_order_as_for_many(boss: Person) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            reports.totals(boss, [TODAY, TODAY.earlier(DAY)])
            reports.by_day(boss, TODAY, UTC)
        return len(seen)

    make.order()
    one = queries()
    for _ in range(7):
        make.order()
    assert queries() == one == 4
