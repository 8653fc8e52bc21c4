"""Roll-ups: days summed anew when anything of theirs has changed, and only then."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders import ledger, panel_settings, sql
from orders.enums import OrderStatus, ReportBy
from orders.models import DaySum, Order, Refill, ReportState, StaleMoment
from orders.reports import days, marks, rolling
from tests.support import factories as make
from tests.support.factories import NOW
from tests.support.report_truth import by_month, kept, truth

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


TODAY = NOW.date()


def whole(day: date = TODAY) -> DaySum:
    return DaySum.objects.get(by=ReportBy.DAY, day=day, clients_of=0, is_month=False)


def refund(order: Order, owed: str, at: datetime) -> None:
    with transaction.atomic():
        row = Order.objects.select_for_update().get(pk=order.pk)
        ledger.refund(row, Decimal(owed), by=None, memo="", at=at)


def assert_true(zone: ZoneInfo | None = None) -> None:
    days = kept()
    assert days == truth(zone or ZoneInfo("UTC"))
    assert kept(is_month=True) == by_month(days)


def test_a_day_is_summed_by_everything() -> None:
    mira = make.staff()
    client = make.customer(manager=mira)
    make.order(client, by=mira.user, markup_of=mira, cost=Decimal("0.8"))
    make.order(status=OrderStatus.COMPLETED, cost=Decimal("1.4"), charge_upstream=Decimal("1.4"))
    make.order(status=OrderStatus.CANCELED)
    refund(make.order(status=OrderStatus.PARTIAL), "0.30000001", NOW)
    program = make.order()
    Order.objects.filter(pk=program.pk).update(placed_by=None)
    rolling.add_up(NOW)
    assert {by for _, by, *_ in kept()} == set(ReportBy)
    assert whole().below == 1
    assert_true()


def test_what_is_as_it_was_is_not_written_again() -> None:
    make.order()
    rolling.add_up(NOW)
    rolling.rebuild()
    with CaptureQueriesContext(connection) as seen:
        assert rolling.add_up(NOW) == "1 days summed, 0 sums changed"
    assert not [q for q in seen if "daysum" in q["sql"] and q["sql"].startswith("INSERT")]


def test_nothing_is_looked_at_where_nothing_has_changed() -> None:
    make.order()
    rolling.add_up(NOW)
    with CaptureQueriesContext(connection) as seen:
        rolling.add_up(NOW)
    assert not [query for query in seen if "orders_order" in query["sql"]]


def test_a_late_refund_a_changed_charge_and_a_new_status_reach_the_old_day() -> None:
    order = make.order(placed_at=NOW - 30 * DAY)
    rolling.add_up(NOW)
    refund(order, "0.5", NOW + DAY)
    rolling.add_up(NOW)
    assert whole((NOW + DAY).date()).refunded == Decimal("0.5")
    Order.objects.update(cost=Decimal("0.6"), status=OrderStatus.COMPLETED)
    rolling.add_up(NOW)
    old = whole((NOW - 30 * DAY).date())
    assert (old.charge, old.known, old.completed, old.quoted) == (Decimal("0.6"), old.charge, 1, 0)
    assert_true()


def test_a_refill_counts_with_the_order_it_is_for() -> None:
    order = make.order(placed_at=NOW - 5 * DAY, status=OrderStatus.COMPLETED)
    rolling.add_up(NOW)
    for _ in range(2):
        Refill.objects.create(
            order=order, provider=order.provider, asked_at=NOW, changed_at=NOW, status="completed"
        )
    rolling.add_up(NOW)
    assert whole((NOW - 5 * DAY).date()).refilled == 1


@pytest.mark.parametrize(
    ("change", "marked"),
    [
        ({"remains": 7, "start_count": 3, "changed_at": NOW + DAY, "tier": 3}, 0),
        ({"status": OrderStatus.PENDING, "cost": None}, 0),
        ({"flag": "odd", "upstream_status": "Partial"}, 0),
        ({"status": OrderStatus.COMPLETED}, 1),
        ({"cost": Decimal("1")}, 1),
        ({"refunded": Decimal("1")}, 1),
    ],
)
def test_only_what_changes_a_sum_leaves_a_mark(change: dict[str, Any], marked: int) -> None:
    make.order()
    rolling.add_up(NOW)
    Order.objects.update(**change)
    assert StaleMoment.objects.count() == marked


def test_days_are_those_of_the_panels_time_zone() -> None:
    panel_settings.change(by=None, now=NOW, time_zone="Europe/Berlin")
    make.order(placed_at=datetime(2026, 10, 24, 22, 30, tzinfo=UTC))  # half past midnight there
    make.order(placed_at=datetime(2026, 10, 25, 22, 30, tzinfo=UTC))  # the long day's last hour
    rolling.add_up(NOW)
    assert whole(date(2026, 10, 25)).orders == 2
    assert_true(BERLIN)


def test_another_time_zone_has_every_day_summed_anew() -> None:
    make.order(placed_at=datetime(2026, 11, 19, 23, 30, tzinfo=UTC), paid=False)
    rolling.add_up(NOW)
    panel_settings.change(by=None, now=NOW, time_zone="Europe/Berlin")
    rolling.add_up(NOW)
    assert {day for day, *_ in kept()} == {date(2026, 11, 20)}
    assert_true(BERLIN)


def test_a_change_of_time_zone_that_breaks_off_goes_on_where_it_was() -> None:
    for number in range(4):
        make.order(placed_at=NOW - number * DAY)
    rolling.add_up(NOW)
    panel_settings.change(by=None, now=NOW, time_zone="Pacific/Auckland")
    write, calls = rolling._write, iter([True, True, False])

    def breaks(*args: Any) -> int:
        if not next(calls):
            raise RuntimeError("killed")
        return write(*args)

    with mock.patch.object(rolling, "_write", breaks), pytest.raises(RuntimeError):
        rolling.add_up(NOW)
    assert days.stale_days(days.zone_of(days.state().zone), 50)
    rolling.add_up(NOW)
    assert_true(ZoneInfo("Pacific/Auckland"))


def test_a_run_that_breaks_off_leaves_the_marks_of_the_day_it_was_at() -> None:
    make.order()
    with (
        mock.patch.object(sql, "upsert_rows", side_effect=RuntimeError("killed")),
        pytest.raises(RuntimeError),
    ):
        rolling.add_up(NOW)
    assert StaleMoment.objects.exists()
    rolling.add_up(NOW)
    assert_true()


def test_a_run_out_of_time_goes_on_with_the_next_and_says_so() -> None:
    for number in range(3):
        make.order(placed_at=NOW - number * DAY)
    rolling.add_up(NOW)
    rolling.rebuild()
    assert rolling.add_up(NOW + DAY, budget_seconds=0) == "0 days summed, 0 sums changed"
    assert ReportState.objects.get().summed_at == NOW
    rolling.add_up(NOW + DAY)
    assert ReportState.objects.get().summed_at == NOW + DAY


def test_a_key_that_a_day_no_longer_has_goes() -> None:
    order = make.order(placed_at=NOW - DAY, paid=False)
    rolling.add_up(NOW)
    Order.objects.filter(pk=order.pk).update(managed_by=make.staff())
    rolling.add_up(NOW)
    assert_true()


def test_every_trigger_is_there_after_a_migration() -> None:
    assert marks.missing() == []
    with connection.cursor() as cursor:
        mark = marks.MARKS[0]
        on_table = f" ON {mark.table}" if sql.is_postgresql() else ""
        cursor.execute(f"DROP TRIGGER {mark.name}{on_table}")
    assert marks.missing() == [mark.name]
    marks.install()
    assert marks.missing() == []


@pytest.mark.parametrize("goes_back", [False, True])
def test_no_trigger_stands_in_the_way_of_a_migration(goes_back: bool) -> None:
    """SQLite looks at them whenever it rebuilds a table; backwards their tables go."""
    marks.lift(plan=[])
    assert marks.missing() == []
    marks.lift(plan=[(object(), goes_back)])
    is_lifted = goes_back or not sql.is_postgresql()
    assert len(marks.missing()) == (len(marks.MARKS) if is_lifted else 0)
    marks.install()
    assert marks.missing() == []
