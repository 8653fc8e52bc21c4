"""Balances against known movements: between readings, by day, and what explains the rest."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import pruning, reconcile
from orders.enums import MovementKind, OrderStatus, SubmissionOutcome
from orders.errors import FieldErrors, KeyReused, NotAllowed, StateChanged
from orders.models import AuditEntry, BalanceReading, Movement, Order, Provider, Submission
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def provider() -> Provider:
    return factories.provider("Bulkhaus")


def read(provider: Provider, ago: timedelta, amount: str, took: float = 0, currency: str = ""):
    at = NOW - ago
    return BalanceReading.objects.create(
        provider=provider,
        at=at,
        answered_at=at + timedelta(seconds=took),
        amount=Decimal(amount),
        currency=currency,
    )


def moved(
    provider: Provider,
    ago: timedelta,
    amount: str,
    kind: MovementKind = MovementKind.CHARGE,
    window: timedelta = timedelta(0),
    **fields: Any,
) -> Movement:
    at = NOW - ago
    return Movement.objects.create(
        provider=provider,
        kind=kind,
        amount=Decimal(amount),
        begun_at=at - window,
        at=at,
        recorded_at=at,
        **fields,
    )


# ── Between two readings ─────────────────────────────────────────────────────────────────────


def test_what_is_known_is_taken_off_what_was_seen(provider: Provider) -> None:
    read(provider, 20 * MINUTE, "100")
    moved(provider, 30 * MINUTE, "-50")  # before the first reading
    moved(provider, 15 * MINUTE, "-4")
    moved(provider, 14 * MINUTE, "-0.5", MovementKind.CORRECTION)
    moved(provider, 10 * MINUTE, "2.25", MovementKind.RETURN)
    moved(provider, 9 * MINUTE, "30", MovementKind.TOP_UP)
    read(provider, 5 * MINUTE, "127.75")
    moved(provider, 2 * MINUTE, "-7")  # after the last
    moved(factories.provider(), 12 * MINUTE, "-99")
    found = reconcile.unexplained(provider, NOW)
    assert (found.observed, found.explained, found.unexplained) == (
        Decimal("27.75"),
        Decimal("27.75"),
        0,
    )
    assert found.tolerance == Decimal("0.01")
    assert not found.is_over


def test_an_order_bought_outside_the_panel_shows_in_its_size(provider: Provider) -> None:
    read(provider, 20 * MINUTE, "100")
    moved(provider, 15 * MINUTE, "-4")
    read(provider, 5 * MINUTE, "89.125")
    found = reconcile.unexplained(provider, NOW)
    assert (found.unexplained, found.is_over) == (Decimal("-6.875"), True)


@pytest.mark.parametrize("edge", ["opening", "closing"])
def test_what_may_lie_on_either_side_of_a_reading_may_be_off(provider: Provider, edge: str) -> None:
    read(provider, 20 * MINUTE, "100", took=3)
    read(provider, 5 * MINUTE, "96", took=3)
    ago = (20 if edge == "opening" else 5) * MINUTE - timedelta(seconds=1)
    moved(provider, ago, "-4", window=timedelta(seconds=2))
    moved(provider, 12 * MINUTE, "-1", window=timedelta(seconds=2))
    found = reconcile.unexplained(provider, NOW)
    assert found.tolerance == Decimal("4.01")
    assert not found.is_over


def test_what_begins_while_the_answer_is_on_its_way_may_be_in_it(provider: Provider) -> None:
    read(provider, 20 * MINUTE, "100", took=30)
    moved(provider, 19 * MINUTE, "-4", window=timedelta(seconds=45))
    read(provider, 5 * MINUTE, "100")
    found = reconcile.unexplained(provider, NOW)
    assert (found.unexplained, found.tolerance) == (Decimal(4), Decimal("4.01"))


def test_one_reading_alone_says_nothing(provider: Provider) -> None:
    assert not reconcile.unexplained(provider, NOW).is_known
    read(provider, MINUTE, "100")
    found = reconcile.unexplained(provider, NOW)
    assert (found.is_known, found.unexplained, found.is_over) == (False, 0, False)


def test_a_reading_in_another_currency_is_left_out_and_counted(provider: Provider) -> None:
    read(provider, 20 * MINUTE, "100", currency="USD")
    read(provider, 10 * MINUTE, "4000", currency="TRY")
    read(provider, 5 * MINUTE, "100")
    assert reconcile.unexplained(provider, NOW).unexplained == 0
    assert reconcile.account(provider, 1, NOW, UTC).foreign == 1


def test_many_providers_ask_as_much_as_one(provider: Provider) -> None:
    def fill(row: Provider) -> Provider:
        read(row, 20 * MINUTE, "100")
        moved(row, 15 * MINUTE, "-4")
        read(row, 5 * MINUTE, "96")
        return row

    many = [fill(provider), *(fill(factories.provider()) for _ in range(4))]
    with CaptureQueriesContext(connection) as for_one:
        reconcile.unexplained(provider, NOW)
    with CaptureQueriesContext(connection) as for_many:
        spans = reconcile.spans(many, NOW - DAY, NOW)
    assert len(for_one) == len(for_many) == 3
    assert {span.explained for span in spans} == {Decimal(-4)}
    assert not any(span.is_over for span in spans)


# ── By day ───────────────────────────────────────────────────────────────────────────────────


def story(provider: Provider) -> None:
    """Four days to noon today, hourly readings: a ghost of 5 on the second, a top-up on the third,
    nothing read on the last but one."""
    balance = Decimal(100)
    for hours in range(96, -1, -1):
        at = NOW - timedelta(hours=hours)
        if hours % 6 == 0:
            moved(provider, timedelta(hours=hours, minutes=20), "-1.5")
            balance -= Decimal("1.5")
        if hours == 58:
            balance -= 5
        if hours == 40:
            moved(provider, timedelta(hours=hours, minutes=5), "50", MovementKind.TOP_UP)
            balance += 50
        if (at - MINUTE).date() != (NOW - DAY).date():
            read(provider, timedelta(hours=hours), str(balance))


def test_days_join_at_their_readings_and_sum_up(provider: Provider) -> None:
    story(provider)
    account = reconcile.account(provider, 4, NOW, UTC)
    assert [day.day for day in account.days] == [date(2026, 11, n) for n in (20, 21, 22, 23)]
    days = {day.day.day: day for day in account.days}
    assert days[20].span.unexplained == 0
    assert days[21].span.unexplained == -5
    assert days[21].span.known.top_ups == 50
    assert not days[22].was_read
    assert account.days[-1].so_far == account.whole.unexplained == -5
    for left, right in zip(account.days, account.days[1:], strict=False):
        assert left.span.closing == right.span.opening
    assert sum(day.span.observed for day in account.days) == account.whole.observed
    assert sum(day.span.explained for day in account.days) == account.whole.explained


def figures(account: reconcile.Account) -> list[tuple[Any, ...]]:
    return [(day.day, day.span.observed, day.span.unexplained) for day in account.days]


def test_the_days_say_the_same_after_old_readings_were_thinned_out(provider: Provider) -> None:
    story(provider)
    before = figures(reconcile.account(provider, 5, NOW, UTC))
    later = NOW + timedelta(days=60)
    assert pruning.thin_readings(later) == 0  # hourly ones are what stays of an hour
    assert pruning.thin_readings(NOW + timedelta(days=500)) > 60
    assert figures(reconcile.account(provider, 5, NOW, UTC)) == before


def test_days_begin_at_midnight_where_the_panel_is(provider: Provider) -> None:
    read(provider, 30 * timedelta(hours=1), "100")
    moved(provider, timedelta(hours=20, minutes=30), "-4")  # 15:30 UTC: after midnight in Tokyo
    read(provider, timedelta(hours=20), "96")
    tokyo = reconcile.account(provider, 2, NOW, ZoneInfo("Asia/Tokyo"))
    assert [day.span.explained for day in tokyo.days] == [0, -4]
    utc = reconcile.account(provider, 2, NOW, UTC)
    assert [day.span.explained for day in utc.days] == [-4, 0]


def test_an_account_asks_as_much_for_many_days_as_for_one(provider: Provider) -> None:
    story(provider)
    with CaptureQueriesContext(connection) as for_one:
        reconcile.account(provider, 1, NOW, UTC)
    with CaptureQueriesContext(connection) as for_many:
        reconcile.account(provider, reconcile.MOST_DAYS, NOW, UTC)
    assert len(for_many) <= 6
    assert abs(len(for_many) - len(for_one)) <= 1  # one more where nothing was read before


@pytest.mark.parametrize("days", [0, 93])
def test_only_so_many_days_are_compared(provider: Provider, days: int) -> None:
    with pytest.raises(ValueError, match="1 to 92"):
        reconcile.account(provider, days, NOW, UTC)


# ── Top-ups ──────────────────────────────────────────────────────────────────────────────────


def record(provider: Provider, amount: str = "900", **more: Any) -> Movement:
    values: dict[str, Any] = {"by": factories.admin().user, "now": NOW, "token": "t"} | more
    at = values.pop("at", NOW - 10 * MINUTE)
    return reconcile.record_top_up(provider, Decimal(amount), at, **values)


def test_a_recorded_top_up_explains_the_rise(provider: Provider) -> None:
    read(provider, 20 * MINUTE, "100")
    read(provider, 5 * MINUTE, "1000")
    assert reconcile.unexplained(provider, NOW).unexplained == 900
    record(provider, memo="Invoice 7")
    assert not reconcile.unexplained(provider, NOW).is_over
    entry = AuditEntry.objects.get(action="provider.topped_up")
    assert (entry.after["amount"], entry.reason) == ("900", "Invoice 7")


def test_the_same_form_twice_is_one_top_up(provider: Provider) -> None:
    assert record(provider).pk == record(provider).pk
    with pytest.raises(KeyReused):
        record(provider, "901")
    assert AuditEntry.objects.filter(action="provider.topped_up").count() == 1


@pytest.mark.parametrize("at", [NOW + MINUTE, NOW - timedelta(days=401)])
def test_it_lies_in_the_past_and_not_too_far(provider: Provider, at: datetime) -> None:
    with pytest.raises(FieldErrors) as refused:
        record(provider, at=at)
    assert "at" in refused.value.errors


@pytest.mark.parametrize("amount", ["0", "-5", "1000000000.1", "1.123456789"])
def test_an_amount_that_cannot_be_is_refused(provider: Provider, amount: str) -> None:
    with pytest.raises(FieldErrors):
        record(provider, amount)


def test_only_admins_record_and_take_back(provider: Provider) -> None:
    row, member = record(provider), factories.staff(sees_cost=True).user
    with pytest.raises(NotAllowed):
        record(provider, by=member, token="u")
    with pytest.raises(NotAllowed):
        reconcile.take_back(provider, row.pk, by=member, now=NOW, reason="x")


def test_a_wrong_one_is_taken_back_once_by_another_line(provider: Provider) -> None:
    row, boss = record(provider), factories.admin().user
    undone = reconcile.take_back(provider, row.pk, by=boss, now=NOW, reason="Typed twice")
    assert (undone.amount, undone.at, undone.memo) == (Decimal(-900), row.at, "Typed twice")
    for number in (row.pk, undone.pk):
        with pytest.raises(StateChanged):
            reconcile.take_back(provider, number, by=boss, now=NOW, reason="again")
    with pytest.raises(StateChanged):
        reconcile.take_back(factories.provider(), row.pk, by=boss, now=NOW, reason="elsewhere")
    with pytest.raises(FieldErrors):
        reconcile.take_back(provider, row.pk, by=boss, now=NOW, reason=" ")


# ── Orders behind a difference ───────────────────────────────────────────────────────────────


def charged(provider: Provider, charge: str, status: OrderStatus = OrderStatus.COMPLETED) -> Order:
    service = factories.service(factories.offer(provider))
    order = factories.order(of=service, status=status, charge_upstream=Decimal(charge))
    if apart := 1 - Decimal(charge):
        moved(provider, MINUTE, str(apart), MovementKind.CORRECTION, order=order)
    return order


def test_orders_charged_over_two_per_cent_otherwise_are_listed_with_their_sums(
    provider: Provider,
) -> None:
    more, less = charged(provider, "1.2"), charged(provider, "0.9")
    charged(provider, "1.02")
    charged(provider, "1")
    charged(provider, "0.5", OrderStatus.PARTIAL)
    charged(factories.provider(), "3")
    found = reconcile.differing(Order.objects.all(), provider, NOW - DAY, NOW)
    assert {order.pk: order.difference for order in found} == {
        more.pk: Decimal("0.2"),
        less.pk: Decimal("-0.1"),
    }
    sums = reconcile.difference(found)
    assert (sums.orders, sums.expected, sums.charged, sums.more) == (
        2,
        2,
        Decimal("2.1"),
        Decimal("0.1"),
    )


@pytest.mark.parametrize(
    ("outcome", "late", "listed"),
    [
        (SubmissionOutcome.OPEN, "", True),
        (SubmissionOutcome.UNKNOWN, "", True),
        (SubmissionOutcome.DISMISSED, "", True),
        (SubmissionOutcome.DISMISSED, "777", False),  # booked when the id came
        (SubmissionOutcome.CREATED, "", False),
        (SubmissionOutcome.REFUSED, "", False),
    ],
)
def test_sendings_that_may_explain_what_is_gone(
    provider: Provider, outcome: SubmissionOutcome, late: str, listed: bool
) -> None:
    order = factories.order(of=factories.service(factories.offer(provider)))
    Submission.objects.create(
        order=order,
        provider=provider,
        number=1,
        outcome=outcome,
        claimed_at=NOW - 5 * MINUTE,
        expires_at=NOW,
        late_upstream_id=late,
    )
    found = reconcile.in_doubt(Order.objects.all(), provider.pk, NOW - DAY, NOW)
    assert bool(found) is listed
    assert reconcile.may_explain(found) == (1 if listed else 0)


# ── The command ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def now_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.management.operator.timezone.now", lambda: NOW)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("reconcile", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_a_line_each_and_agrees(provider: Provider, now_is: None) -> None:
    read(provider, 20 * MINUTE, "100")
    moved(provider, 15 * MINUTE, "-4")
    read(provider, 5 * MINUTE, "96")
    factories.provider("Silent")
    first, second = run().splitlines()
    assert first == (
        "Bulkhaus: balance moved by -4.00 USD, charged 4.00, given back 0.00, topped up 0.00, "
        "unexplained 0.00, of which 0.01 may be off"
    )
    assert second == "Silent: fewer than two balance readings, nothing to compare"
    assert run("--provider", "Bulkhaus").count("\n") == 1


def test_the_command_fails_over_what_may_be_off(
    provider: Provider, now_is: None, capsys: pytest.CaptureFixture[str]
) -> None:
    read(provider, 20 * MINUTE, "100")
    read(provider, 5 * MINUTE, "95")
    with pytest.raises(CommandError, match="More is unexplained than may be off: Bulkhaus"):
        run("--json")


@pytest.mark.parametrize("days", ["0", "93"])
def test_the_command_says_how_many_days_it_takes(provider: Provider, days: str) -> None:
    with pytest.raises(CommandError, match="--days: from 1 to 92"):
        run("--days", days)
