"""Whole months, and members' own sums: kept with the days, and read in their place."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from orders import ledger
from orders.enums import OrderStatus, ReportBy, TransferKind
from orders.models import (
    Customer,
    DaySum,
    MovedClient,
    Order,
    ReportState,
    Staff,
    StaleMoment,
    Transfer,
)
from orders.people import person_of, visible_customers
from orders.reports import agreement, handed, months, reading, rolling
from orders.reports.days import zone_of
from orders.reports.reading import Live, Question, RollUps, Source, Span
from tests.support import factories as make
from tests.support.factories import NOW
from tests.support.report_truth import by_month, kept, truth

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
UTC = zone_of("UTC")
YEAR = Span(date(2025, 11, 24), date(2026, 11, 23))


def refund(order: Order, owed: str) -> None:
    with transaction.atomic():
        row = Order.objects.select_for_update().get(pk=order.pk)
        ledger.refund(row, Decimal(owed), by=None, memo="", at=NOW)


def assert_true() -> None:
    days = kept()
    assert days == truth(UTC)
    assert kept(is_month=True) == by_month(days)


@pytest.fixture
def mira() -> Staff:
    return make.staff("Mira", sees_cost=True)


@pytest.fixture
def sold(mira: Staff) -> list[Order]:
    """Two years of orders of two members' clients and of nobody's."""
    rolling.add_up(NOW)  # from here on days without a mark are left alone
    tom = make.staff("Tom")
    clients = [make.customer(manager=manager) for manager in (mira, mira, tom, None)]
    orders = [
        make.order(client, by=mira.user if ago % 2 else None, placed_at=NOW - ago * DAY)
        for ago in (0, 1, 22, 23, 40, 100, 364, 365, 366)
        for client in clients
    ]
    Order.objects.filter(pk__in=[orders[0].pk, orders[9].pk]).update(
        cost=Decimal("1.9"), status=OrderStatus.COMPLETED, charge_upstream=Decimal("2.1")
    )
    for order in orders[::7]:
        refund(order, "0.00000001")
    rolling.add_up(NOW)
    return orders


# ── What covers a span ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("first", "last", "begin", "end"),
    [
        ("2026-01-01", "2026-12-31", "2026-01-01", "2027-01-01"),
        ("2026-01-02", "2026-03-30", "2026-02-01", "2026-03-01"),
        ("2026-02-01", "2026-02-28", "2026-02-01", "2026-03-01"),
        ("2026-02-01", "2026-02-27", "2026-02-01", "2026-02-01"),
        ("2026-02-02", "2026-03-30", "2026-03-01", "2026-03-01"),
        ("2026-11-23", "2026-11-23", "2026-12-01", "2026-12-01"),
    ],
)
def test_months_that_lie_within_days(first: str, last: str, begin: str, end: str) -> None:
    ends = (date.fromisoformat(each) for each in (first, last))
    assert months.within(*ends) == (date.fromisoformat(begin), date.fromisoformat(end))


def test_every_span_is_covered_once(sold: list[Order]) -> None:
    for first in (NOW.date() - DAY * n for n in (0, 1, 22, 54, 365, 400)):
        for days in (1, 9, 31, 62, 365):
            span = (first, first + DAY * days)
            of_day = DaySum.objects.filter(by=ReportBy.DAY, clients_of=0)
            covered = of_day.filter(months.covering([span])).aggregate(n=Sum("orders"))
            plain = of_day.filter(is_month=False, day__gte=span[0], day__lte=span[1])
            assert covered == plain.aggregate(n=Sum("orders"))


# ── Months follow their days ─────────────────────────────────────────────────────────────────


def test_months_are_the_sums_of_their_days_and_follow_them(sold: list[Order]) -> None:
    assert_true()
    refund(sold[5], "0.3")
    Order.objects.filter(pk=sold[6].pk).update(status=OrderStatus.CANCELED, service=make.service())
    Order.objects.filter(pk=sold[20].pk).update(cost=Decimal("7.00000001"))
    rolling.add_up(NOW)
    assert_true()


def test_a_day_and_its_month_are_written_together(
    sold: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept()
    Order.objects.filter(pk=sold[0].pk).update(cost=Decimal(5))
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(months, "add", _killed)
        rolling.add_up(NOW)
    assert kept() == before
    rolling.add_up(NOW)
    assert_true()


def _killed(*_: Any) -> None:
    raise RuntimeError("killed")


def test_a_month_unlike_its_days_is_told_and_mended(sold: list[Order]) -> None:
    first = date(2026, 11, 1)
    assert agreement.differences(first) == []
    DaySum.objects.filter(is_month=True, day=first, by=ReportBy.SERVICE).update(charged=Decimal(9))
    assert agreement.differences(first) == ["2026-11 was not the sum of its days"]
    assert agreement.differences(first) == []
    assert_true()


def test_a_members_own_sum_that_is_wrong_is_told_and_mended(sold: list[Order], mira: Staff) -> None:
    own = DaySum.objects.filter(clients_of=mira.pk, is_month=False, day=NOW.date())
    own.filter(by=ReportBy.PROVIDER).update(charged=Decimal(9))
    found = agreement.differences(NOW.date())
    assert {line.split(": charged")[0] for line in found} == {
        f"2026-11-23, clients of member {mira.pk}, by provider"
    }
    rolling.add_up(NOW)
    assert (
        own.get(by=ReportBy.DAY).charged
        == own.filter(by=ReportBy.PROVIDER).aggregate(sum=Sum("charged"))["sum"]
    )
    assert agreement.differences(NOW.date()) == []


# ── Clients change hands ─────────────────────────────────────────────────────────────────────


def test_a_client_who_changes_hands_takes_all_their_days_along(
    sold: list[Order], mira: Staff
) -> None:
    tom = Staff.objects.exclude(pk=mira.pk).get()
    Customer.objects.filter(pk=sold[0].customer_id).update(manager=tom)
    assert set(MovedClient.objects.values_list("staff_id", flat=True)) == {mira.pk, tom.pk}
    assert not handed.is_settled(mira.pk)
    rolling.add_up(NOW)
    assert handed.is_settled(mira.pk) and handed.is_settled(tom.pk)
    assert_true()


def test_only_days_of_the_moved_client_are_summed_anew(sold: list[Order]) -> None:
    lonely = make.customer()
    make.order(lonely, placed_at=NOW - 200 * DAY, paid=False)
    rolling.add_up(NOW)
    Customer.objects.filter(pk=lonely.pk).update(manager=make.staff())
    assert rolling.add_up(NOW).startswith("1 days summed")
    assert_true()


def test_a_run_out_of_time_leaves_the_member_to_be_read_live(
    sold: list[Order], mira: Staff
) -> None:
    Customer.objects.filter(pk=sold[0].customer_id).update(manager=None)
    rolling.add_up(NOW, budget_seconds=0)
    assert StaleMoment.objects.exists()
    assert reading.source_for(person_of(mira.user)).is_live
    rolling.add_up(NOW)
    assert not MovedClient.objects.exists()
    assert not reading.source_for(person_of(mira.user)).is_live
    assert_true()


def test_one_who_moves_again_while_days_are_summed_is_not_forgotten(
    sold: list[Order], mira: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = Customer.objects.filter(pk=sold[0].customer_id)
    customer.update(manager=None)
    sum_day, moved = rolling.sum_day, iter([True])

    def meanwhile(day: date) -> int:
        written = sum_day(day)
        if next(moved, False):
            customer.update(manager=mira)
        return written

    with monkeypatch.context() as patch:
        patch.setattr(rolling, "sum_day", meanwhile)
        rolling.add_up(NOW)
    assert not handed.is_settled(mira.pk)
    rolling.add_up(NOW)
    assert handed.is_settled(mira.pk)
    assert_true()


# ── Reading ──────────────────────────────────────────────────────────────────────────────────


def asked(source: Source, by: ReportBy, span: Span) -> list[Any]:
    measures = ("charged", "refunded", "charge", "orders", "completed", "below")
    rows = source.rows(Question(by, span, 100, measures=measures))
    return [
        (row.key, row.profit_was, *(getattr(row.now, name) for name in measures)) for row in rows
    ]


SPANS = [YEAR, Span(date(2026, 11, 1), date(2026, 11, 30)), Span(NOW.date(), NOW.date())]


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("by", [each for each in ReportBy if each != ReportBy.DAY])
def test_what_a_member_reads_is_what_their_orders_and_transfers_say(
    sold: list[Order], mira: Staff, by: ReportBy, span: Span
) -> None:
    who = person_of(mira.user)
    source, live = reading.source_for(who), Live(visible_customers(who), UTC)
    assert isinstance(source, RollUps) and source.is_own
    assert asked(source, by, span) == asked(live, by, span) != []
    assert source.by_day(span) == live.by_day(span)


@pytest.mark.parametrize("by", [each for each in ReportBy if each != ReportBy.DAY])
def test_whole_months_say_what_their_days_say(sold: list[Order], by: ReportBy) -> None:
    days = RollUps(UTC, has_months=False)
    assert asked(RollUps(UTC), by, YEAR) == asked(days, by, YEAR) != []


def test_a_members_revenue_is_the_ledgers(sold: list[Order], mira: Staff) -> None:
    mine = Transfer.objects.filter(order__customer__manager=mira)
    paid, back = (
        mine.filter(kind=kind).aggregate(sum=Sum("amount"))["sum"]
        for kind in (TransferKind.ORDER, TransferKind.REFUND)
    )
    source = reading.source_for(person_of(mira.user))
    whole = reading.whole(source.by_day(Span(date(2025, 1, 1), NOW.date())).values())
    assert (whole.charged, whole.refunded) == (paid, back)
    rows = source.rows(Question(ReportBy.CUSTOMER, Span(date(2025, 1, 1), NOW.date()), 9))
    assert sum(row.now.revenue for row in rows) == paid - back


def test_until_every_day_was_summed_once_members_read_live_and_others_read_days(
    sold: list[Order], mira: Staff
) -> None:
    ReportState.objects.update(is_whole=False)
    DaySum.objects.filter(is_month=True).delete()
    boss = reading.source_for(person_of(make.admin().user))
    assert len(boss.rows(Question(ReportBy.CUSTOMER, YEAR, 9))) == 4
    assert reading.source_for(person_of(mira.user)).is_live
    rolling.add_up(NOW)
    assert not reading.source_for(person_of(mira.user)).is_live
    assert_true()


def test_a_year_reads_a_row_a_month(sold: list[Order]) -> None:
    with CaptureQueriesContext(connection) as seen:
        RollUps(UTC).rows(Question(ReportBy.CUSTOMER, YEAR, 9))
    assert len(seen) == 1
    of_days = DaySum.objects.filter(months.covering([(YEAR.first, YEAR.last)]), is_month=False)
    days = set(of_days.values_list("day", flat=True))
    assert all(day.month == 11 for day in days)
