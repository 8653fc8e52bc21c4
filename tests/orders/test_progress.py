"""What follows from a report, and how it is carried out."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from orders import ledger, progress, sql, statuses
from orders.enums import EventKind, OrderStatus, PauseReason, SweepKind, Tier
from orders.models import Event, Order, Sweep, Transfer
from orders.money import round_up
from orders.news import Line
from orders.progress import MISSING, Change, Lease, LeaseLost, Report, Row, applying, consequence
from tests.support import factories

S = OrderStatus
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=5)
ROW = Row(
    id=17,
    customer_id=1,
    service_id=1,
    offer_id=1,
    provider_id=1,
    price=Decimal("9.2"),
    delivery_total=5000,
    cost_rate_upstream=Decimal("1.24"),
    cost_currency="EUR",
    exchange_rate=Decimal("1.085"),
    factor=Decimal("1.015"),
    expected_charge_upstream=Decimal("6.2"),
    status=S.PENDING,
    status_at=EARLIER,
    finished_at=None,
    upstream_status="",
    start_count=None,
    remains=None,
    charge_upstream=None,
    cost=None,
    refunded=Decimal(0),
    refund_unknown=False,
    flag="",
    tier=Tier.FAST,
    changed_at=EARLIER,
)
REPORT = Report(17, "In progress", Decimal("6.2"), "EUR", 3572, 4000, "", NOW)


def after(row: Row, report: Report, now: datetime = NOW) -> Row:
    """The row that follows; the same when nothing does."""
    change = consequence(row, report, now)
    return change.after if change else row


# ── What is read into the row ────────────────────────────────────────────────────────────────


def test_a_report_moves_the_order_and_its_figures() -> None:
    found = after(ROW, REPORT)
    assert found.status == S.IN_PROGRESS
    assert (found.start_count, found.remains) == (3572, 4000)
    assert (found.status_at, found.changed_at, found.finished_at) == (NOW, NOW, None)
    assert found.upstream_status == "In progress"
    assert found.flag == ""


def test_cost_is_the_charge_at_the_orders_own_terms_rounded_up() -> None:
    found = after(ROW, replace(REPORT, charge=Decimal("0.27819")))
    assert found.charge_upstream == Decimal("0.27819")
    assert found.cost == Decimal("0.30636370")  # 0.27819 × 1.085 × 1.015 = 0.306363694…


def test_a_charge_beyond_eight_places_is_rounded_up() -> None:
    found = after(ROW, replace(REPORT, charge=Decimal("0.123456789012")))
    assert found.charge_upstream == Decimal("0.12345679")


def test_the_same_again_changes_nothing_however_it_is_written() -> None:
    first = after(ROW, replace(REPORT, charge=Decimal("0.0714")))
    assert consequence(first, replace(REPORT, charge=Decimal("0.07140")), NOW) is None
    assert consequence(first, replace(REPORT, charge=Decimal("0.0714"), remains=None), NOW) is None


def test_what_is_not_said_keeps_what_was_known() -> None:
    first = after(ROW, REPORT)
    second = after(first, replace(REPORT, status_word="Processing", charge=None, start_count=None))
    assert second.status == S.PROCESSING
    assert (second.charge_upstream, second.start_count) == (first.charge_upstream, 3572)


def test_another_currency_is_flagged_and_not_converted() -> None:
    found = after(ROW, replace(REPORT, currency="USD"))
    assert (found.charge_upstream, found.cost) == (None, None)
    assert "USD" in found.flag
    assert "EUR" in found.flag
    assert found.status == S.IN_PROGRESS


def test_the_currency_may_be_written_small_or_left_out() -> None:
    assert after(ROW, replace(REPORT, currency="eur")).charge_upstream == Decimal("6.2")
    assert after(ROW, replace(REPORT, currency="")).charge_upstream == Decimal("6.2")


@pytest.mark.parametrize("charge", ["-1", "99999999999999"])
def test_an_impossible_charge_is_flagged_and_not_stored(charge: str) -> None:
    found = after(ROW, replace(REPORT, charge=Decimal(charge)))
    assert found.charge_upstream is None
    assert found.flag.startswith("Provider's charge")


# ── When it is not applied ───────────────────────────────────────────────────────────────────


def test_a_report_asked_before_the_last_change_is_not_applied() -> None:
    asked = REPORT.asked_at
    assert (
        consequence(replace(ROW, changed_at=asked + timedelta(microseconds=1)), REPORT, NOW) is None
    )
    assert (
        consequence(replace(ROW, status_at=asked + timedelta(microseconds=1)), REPORT, NOW) is None
    )
    assert consequence(replace(ROW, changed_at=asked, status_at=asked), REPORT, NOW) is not None


@pytest.mark.parametrize("status", [S.WAITING, S.SENDING, S.UNCONFIRMED, S.REFUSED])
def test_orders_that_no_provider_holds_are_left_alone(status: OrderStatus) -> None:
    assert consequence(replace(ROW, status=status), REPORT, NOW) is None


# ── Status ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("completed", S.COMPLETED),
        ("PARTIAL", S.PARTIAL),
        ("Cancelled", S.CANCELED),
        ("Refunded", S.CANCELED),
        ("in_progress", S.IN_PROGRESS),
        ("Error", S.FAILED),
    ],
)
def test_words_lead_to_states(word: str, status: OrderStatus) -> None:
    assert after(ROW, replace(REPORT, status_word=word)).status == status


def test_an_unknown_word_keeps_the_state_slows_and_flags() -> None:
    found = after(ROW, replace(REPORT, status_word="Frobnicated"))
    assert found.status == S.PENDING
    assert found.tier == Tier.QUIET
    assert "Frobnicated" in found.flag
    again = after(found, replace(REPORT, status_word="Frobnicated"))
    assert again == found
    known = after(found, REPORT)
    assert (known.flag, known.tier, known.status) == ("", Tier.FAST, S.IN_PROGRESS)


def test_a_late_ids_alarm_outlives_what_the_provider_says_oddly() -> None:
    """It tells of something bought twice: a riddle in one reading must not wipe it out."""
    alarm = "Came after the decision: the provider made order 501."
    odd = replace(REPORT, status_word="Frobnicated")
    found = after(replace(ROW, flag=alarm), odd)
    assert found.flag == f"{alarm} Provider says “Frobnicated”, a status that is not known here."
    assert after(found, odd) == found
    known = after(found, REPORT)
    assert (known.flag, known.tier) == (alarm, Tier.FAST)
    missing = after(known, replace(REPORT, trouble=MISSING))
    assert (missing.flag[: len(alarm)], missing.tier) == (alarm, Tier.QUIET)
    assert after(missing, REPORT) == known


def test_a_completed_order_does_not_run_again() -> None:
    done = replace(ROW, status=S.COMPLETED, finished_at=EARLIER)
    found = after(done, replace(REPORT, remains=1))
    assert found.status == S.COMPLETED
    assert found.remains is None
    assert found.flag == "Provider says “In progress” after Completed."


def test_completed_after_the_refund_moves_no_money() -> None:
    row = replace(ROW, status=S.CANCELED, refunded=ROW.price, finished_at=EARLIER)
    found = after(row, replace(REPORT, status_word="Completed"))
    assert (found.status, found.refunded) == (S.CANCELED, row.price)
    assert "after the refund" in found.flag


def test_failed_moves_no_money() -> None:
    found = after(ROW, replace(REPORT, status_word="Fail", remains=5000, charge=Decimal(0)))
    assert (found.status, found.refunded, found.finished_at) == (S.FAILED, 0, None)
    assert found.tier is not None


def test_an_end_is_dated_once() -> None:
    done = after(ROW, replace(REPORT, status_word="Completed"))
    assert (done.finished_at, done.tier) == (NOW, Tier.AFTERCARE)
    later = NOW + timedelta(days=1)
    report = replace(REPORT, status_word="Partial", remains=2500, asked_at=later)
    taken_back = after(done, report, later)
    assert (taken_back.finished_at, taken_back.status_at) == (NOW, later)
    assert taken_back.refunded == Decimal("4.6")


# ── Refund ───────────────────────────────────────────────────────────────────────────────────


def partial(remains: int | None, raw: str = "") -> Report:
    return replace(REPORT, status_word="Partial", remains=remains, remains_raw=raw)


def test_canceled_gives_everything_back_and_no_more() -> None:
    canceled = replace(REPORT, status_word="Canceled", charge=Decimal(0))
    assert after(ROW, canceled).refunded == ROW.price
    partly = replace(ROW, status=S.PARTIAL, refunded=Decimal("3.312"), remains=1800)
    change = consequence(partly, canceled, NOW)
    assert change is not None
    assert change.refund == ROW.price - Decimal("3.312")


def test_partial_gives_back_what_remains() -> None:
    assert after(ROW, partial(1800)).refunded == Decimal("3.312")


def test_over_delivery_owes_nothing() -> None:
    found = after(ROW, partial(-20))
    assert (found.refunded, found.refund_unknown, found.remains) == (0, False, -20)


@pytest.mark.parametrize(("remains", "raw"), [(None, "Unknown"), (None, ""), (5001, "")])
def test_remains_that_say_nothing_wait_for_a_person(remains: int | None, raw: str) -> None:
    found = after(replace(ROW, remains=1200), partial(remains, raw))
    assert (found.status, found.refunded, found.refund_unknown) == (S.PARTIAL, 0, True)
    assert found.remains == remains, "an earlier figure must not pass for the last one"
    assert found.flag.endswith("decide the refund.")


def test_a_package_delivered_in_part_waits_for_a_person() -> None:
    assert after(replace(ROW, delivery_total=None), partial(1)).refund_unknown


def test_a_refund_decided_by_a_person_is_not_asked_again() -> None:
    unknown = after(ROW, partial(None, "?"))
    decided = replace(
        unknown,
        refund_unknown=False,
        refunded=Decimal("3.312"),
        remains=1800,
        changed_at=NOW,
    )
    assert not after(decided, partial(None, "?")).refund_unknown
    again = after(decided, replace(partial(None, "?"), charge=Decimal("3")))
    assert (again.refund_unknown, again.refunded, again.remains) == (False, Decimal("3.312"), 1800)
    assert again.flag == ""


def test_a_package_that_a_person_decided_stays_decided() -> None:
    unknown = after(replace(ROW, delivery_total=None), partial(1))
    decided = replace(unknown, refund_unknown=False, refunded=Decimal("4"))
    again = after(decided, replace(partial(2), charge=Decimal("3")))
    assert (again.refund_unknown, again.refunded, again.remains) == (False, Decimal("4"), 1)


def test_a_figure_that_comes_at_last_settles_an_unknown_refund() -> None:
    unknown = after(ROW, partial(None))
    found = after(unknown, partial(1800))
    assert (found.refund_unknown, found.refunded, found.flag) == (False, Decimal("3.312"), "")


def test_less_owed_than_refunded_is_a_flag_never_a_debit() -> None:
    row = replace(ROW, status=S.PARTIAL, refunded=Decimal("3.312"), remains=1800)
    found = after(row, partial(100))
    assert found.refunded == Decimal("3.312")
    assert "no money was moved" in found.flag


# ── Items that cannot be reported ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("trouble", ["Incorrect order ID", MISSING])
def test_an_items_trouble_slows_and_flags_it_and_ends_nothing(trouble: str) -> None:
    found = after(ROW, Report.of_trouble(17, trouble, NOW))
    assert trouble in found.flag
    assert found == replace(ROW, flag=found.flag, tier=Tier.QUIET)
    assert after(found, Report.of_trouble(17, trouble, NOW)) == found


def test_a_good_report_ends_the_trouble() -> None:
    first = after(ROW, REPORT)
    troubled = after(first, Report.of_trouble(17, MISSING, NOW))
    assert troubled.tier == Tier.QUIET
    assert after(troubled, REPORT) == first


def test_the_flags_of_others_are_left_alone() -> None:
    theirs = "Came after the decision: the provider made order 5."
    assert after(replace(ROW, flag=theirs), REPORT).flag == theirs


# ── A charge that is too high ────────────────────────────────────────────────────────────────


def charged(charge: str, row: Row = ROW) -> Change | None:
    return consequence(row, replace(REPORT, charge=Decimal(charge)), NOW)


def test_over_two_per_cent_more_than_expected_is_noticed_once() -> None:
    within = charged("6.324")
    assert within is not None
    assert (within.overcharged, within.after.flag) == (False, "")
    over = charged("6.32400001")
    assert over is not None
    assert over.overcharged
    assert over.after.flag == "Provider charged more than was expected."
    more = charged("7", over.after)
    assert more is not None
    assert not more.overcharged


def test_no_flag_tells_a_cost() -> None:
    change = charged("777.77")
    assert change is not None
    assert "777" not in change.after.flag
    assert "777" not in after(ROW, replace(REPORT, charge=Decimal("777.77"), currency="USD")).flag


# ── Whatever comes ───────────────────────────────────────────────────────────────────────────

money = st.decimals(min_value=-5, max_value=10**6, places=10, allow_nan=False, allow_infinity=False)
counts = st.none() | st.integers(min_value=-(10**6), max_value=10**7)
words = st.sampled_from(
    ["Pending", "In progress", "processing", "Completed", "Partial", "Canceled", "Fail", "Odd", ""]
)
moments = st.integers(min_value=-10, max_value=10).map(lambda s: NOW + timedelta(seconds=s))
reports = st.builds(
    Report,
    order_id=st.just(17),
    status_word=words,
    charge=st.none() | money,
    currency=st.sampled_from(["EUR", "", "USD"]),
    start_count=counts,
    remains=counts,
    remains_raw=st.text(max_size=60),
    asked_at=moments,
    trouble=st.sampled_from(["", "", "", "Incorrect order ID", MISSING]),
)
totals = st.none() | st.integers(min_value=1, max_value=10**6)


@given(st.lists(reports, max_size=6), totals)
def test_no_row_of_reports_breaks_the_rules(found: list[Report], total: int | None) -> None:
    row = replace(ROW, delivery_total=total, status_at=EARLIER, changed_at=EARLIER)
    for report in found:
        change = consequence(row, report, max(NOW, report.asked_at))
        if change is None:
            continue
        new = change.after
        assert new != row
        assert new.status == row.status or new.status in statuses.ALLOWED[S(row.status)]
        assert row.refunded <= new.refunded <= row.price
        if new.status not in (S.PARTIAL, S.CANCELED):
            assert new.refunded == row.refunded
        if new.charge_upstream is not None:
            assert new.charge_upstream == round_up(new.charge_upstream) >= 0
        assert len(new.flag) <= 200
        assert astuple(new)[:12] == astuple(row)[:12], "what was agreed is never changed"
        assert (new.finished_at is not None) == (new.status in statuses.FINAL)
        row = new


@given(reports)
def test_what_says_nothing_new_has_no_consequence(report: Report) -> None:
    row = after(ROW, replace(report, asked_at=NOW, trouble=""))
    told = (row.flag, row.upstream_status, row.charge_upstream, row.start_count, row.remains)
    if progress.says_nothing_new(*told, report):
        assert consequence(row, replace(report, asked_at=NOW), NOW) is None


# ── Carrying it out ──────────────────────────────────────────────────────────────────────────


def report_on(order: Order, word: str, **fields: Any) -> Report:
    values = {
        "charge": Decimal("1"),
        "currency": "USD",
        "start_count": 100,
        "remains": 1000,
        "remains_raw": "",
        "asked_at": NOW,
    }
    return Report(order.pk, word, **values | fields)


@pytest.fixture
def make(db: None) -> Callable[..., Order]:
    """Paid orders of 1.30 of one customer and one service."""
    buyer, service = factories.customer(balance="100"), factories.service()
    fields = {"status_at": EARLIER, "changed_at": EARLIER}
    return lambda **more: factories.order(buyer, service, **fields | more)


def balance_of(order: Order) -> Decimal:
    return order.customer.wallet.__class__.objects.get(customer=order.customer).balance


def test_a_partial_order_is_refunded_with_its_history(make: Callable[..., Order]) -> None:
    order = make()
    before = balance_of(order)
    done = progress.apply([report_on(order, "Partial", remains=157)], now=NOW)
    order.refresh_from_db()
    assert (done.changed, done.refunds, done.amount) == (1, 1, Decimal("0.2041"))
    assert (order.status, order.refunded, order.remains) == (S.PARTIAL, Decimal("0.2041"), 157)
    assert (order.charge_upstream, order.cost, order.tier) == (1, 1, Tier.AFTERCARE)
    assert balance_of(order) - before == Decimal("0.2041")
    refund = Transfer.objects.get(order=order, kind="refund")
    assert refund.reference == f"order:{order.pk}:refunded-to:0.20410000"
    assert refund.balance_after == balance_of(order)
    assert ledger.account_sum(order.customer.wallet.pk) == balance_of(order)
    kinds = list(Event.objects.filter(order=order).values_list("kind", flat=True))
    assert kinds == [EventKind.STATUS, EventKind.REFUNDED]


def test_the_same_report_twice_refunds_once(make: Callable[..., Order]) -> None:
    order = make()
    report = report_on(order, "Canceled")
    assert progress.apply([report], now=NOW).refunds == 1
    assert progress.apply([report, report], now=NOW).changed == 0
    assert Transfer.objects.filter(order=order, kind="refund").count() == 1


def test_movement_alone_leaves_no_line(make: Callable[..., Order]) -> None:
    order = make(status=S.IN_PROGRESS)
    progress.apply([report_on(order, "In progress", remains=900)], now=NOW)
    progress.apply([report_on(order, "In progress", remains=800)], now=NOW)
    order.refresh_from_db()
    assert order.remains == 800
    assert not Event.objects.filter(order=order).exists()


def test_many_orders_take_as_many_statements_as_one(make: Callable[..., Order]) -> None:
    def statements(count: int) -> int:
        orders = [make() for _ in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as caught:
            progress.apply([report_on(order, "Partial", remains=500) for order in orders], now=NOW)
        writes = [q for q in caught if q["sql"].startswith(("INSERT", "SELECT"))]
        return len(writes)

    assert statements(1) == statements(40)


def test_an_order_that_the_database_refuses_does_not_hold_up_the_others(
    make: Callable[..., Order],
) -> None:
    bad, good = make(), make()
    # Its refund was posted, but the order does not know: the reference stands already.
    entry = ledger.refund_entry(bad.pk, bad.customer.wallet.pk, Decimal(0), bad.price, None)
    factories._posted([entry])
    done = progress.apply([report_on(bad, "Canceled"), report_on(good, "Canceled")], now=NOW)
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (done.changed, done.failed) == (1, 1)
    assert (good.status, bad.status) == (S.CANCELED, S.PENDING)


def test_words_that_the_database_cannot_hold_do_not_hold_up_the_others(
    make: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = make(), make()
    history_write = applying.history.write

    def write(lines: Iterable[Line]) -> None:
        found = list(lines)
        if any(line.order_id == bad.pk for line in found):
            raise DataError("a string holds a NUL")
        history_write(found)

    monkeypatch.setattr(applying.history, "write", write)
    done = progress.apply([report_on(bad, "Canceled"), report_on(good, "Canceled")], now=NOW)
    assert (done.changed, done.failed) == (1, 1)
    assert [refunds_of(order) for order in (bad, good)] == [0, 1]


def test_many_reports_are_applied_in_parts_of_one_size(
    make: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes, hold = list[int](), sql.hold

    def counted(model: type[Model], order_ids: Collection[int]) -> None:
        sizes.append(len(order_ids))
        hold(model, order_ids)

    monkeypatch.setattr(applying, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(sql, "hold", counted)
    found = [report_on(make(), "Canceled") for _ in range(4)]
    done = progress.apply(found, now=NOW)
    assert (done.refunds, sizes) == (4, [2, 2])


def refunds_of(order: Order) -> int:
    return Transfer.objects.filter(order=order, kind="refund").count()


def test_the_first_overcharge_stops_the_sale(
    make: Callable[..., Order], rung: list[tuple[Any, ...]]
) -> None:
    order = make()
    progress.apply([report_on(order, "In progress", charge=Decimal("1.03"))], now=NOW)
    service = order.service
    service.refresh_from_db()
    assert service.pause == PauseReason.CHARGED_MORE
    assert ("orders.sync_catalog", order.provider_id) in rung
    assert Event.objects.filter(order=order, kind=EventKind.FLAGGED).count() == 1


def test_a_rise_that_the_catalog_knows_by_now_stops_nothing(make: Callable[..., Order]) -> None:
    order = make()
    order.offer.rate = Decimal("1.10")
    order.offer.save()
    progress.apply([report_on(order, "In progress", charge=Decimal("1.10"))], now=NOW)
    order.service.refresh_from_db()
    assert order.service.pause == ""


def test_a_lost_lease_applies_nothing(make: Callable[..., Order]) -> None:
    order = make()
    sweep = Sweep.objects.create(
        provider=order.provider, kind=SweepKind.ORDERS, token=uuid4(), expires_at=NOW
    )
    report = report_on(order, "Canceled")
    with pytest.raises(LeaseLost):
        progress.apply([report], now=NOW, lease=Lease(sweep.pk, uuid4()))
    order.refresh_from_db()
    assert order.status == S.PENDING
    progress.apply([report], now=NOW, lease=Lease(sweep.pk, sweep.token))
    order.refresh_from_db()
    assert order.status == S.CANCELED


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the doorbell was asked to ring."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr("orders.doorbell.ring", lambda *args: calls.append(args))
    return calls
