"""What each alarm finds, in which words, and what leaves it silent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import alerts, machinery, reconcile, wallets
from orders.alerts.declaration import Finding
from orders.alerts.facts import MOST_ROWS, Facts
from orders.enums import (
    AlarmKind,
    ChangeKind,
    HoldReason,
    OrderStatus,
    ProviderHold,
    SyncOutcome,
)
from orders.models import (
    Alert,
    AlertSettings,
    BalanceReading,
    Heartbeat,
    Order,
    Panel,
    Provider,
    ProviderState,
    Sweep,
    SyncChange,
    SyncRun,
)
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
MINUTES = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def found(kind: AlarmKind, now: datetime = NOW, **settings: Any) -> list[Finding]:
    return list(alerts.ALARMS[kind].look(Facts(now, AlertSettings(**settings))))


def only(kind: AlarmKind, now: datetime = NOW, **settings: Any) -> Finding:
    (finding,) = found(kind, now, **settings)
    return finding


def all_alive(but: dict[str, timedelta] | None = None) -> None:
    """Every job and beat just began, but for some, so long ago."""
    for job in (*machinery.BEATS, machinery.BEAT):
        Heartbeat.objects.create(job=job, began_at=NOW - (but or {}).get(job, timedelta(0)))


def state(provider: Provider, **values: Any) -> None:
    ProviderState.objects.filter(pk=provider.pk).update(**values)


def test_every_kind_is_declared_and_each_has_words() -> None:
    assert set(alerts.ALARMS) == set(AlarmKind)
    assert all(alarm.plain for alarm in alerts.ALARMS.values())


def test_where_all_is_well_nothing_is_found() -> None:
    all_alive()
    factories.provider()
    factories.order()
    facts = Facts(NOW, AlertSettings())
    assert [one for alarm in alerts.ALARMS.values() for one in alarm.look(facts)] == []


# ── The machinery ────────────────────────────────────────────────────────────────────────────


def test_silent_workers_are_told_apart_from_a_silent_timetable() -> None:
    all_alive(dict.fromkeys(machinery.BEATS, 6 * MINUTES))
    finding = only(AlarmKind.MACHINERY)
    assert finding.since == NOW - 6 * MINUTES
    assert "every worker is gone" in finding.text
    Heartbeat.objects.filter(job=machinery.BEAT).update(began_at=NOW - 6 * MINUTES)
    assert "Beat is silent too" in only(AlarmKind.MACHINERY).text
    assert not found(AlarmKind.MACHINERY, silent_minutes=7)


def test_beats_own_sign_of_life_is_no_workers() -> None:
    Heartbeat.objects.create(job=machinery.BEAT, began_at=NOW)
    assert not machinery.pulse(NOW).is_alive
    assert machinery.jobs() == []
    assert only(AlarmKind.MACHINERY).since is None


def test_machinery_that_was_never_heard_of_is_given_time_to_begin() -> None:
    assert only(AlarmKind.MACHINERY).holds == 5 * MINUTES
    all_alive(dict.fromkeys(machinery.BEATS, 6 * MINUTES))
    assert only(AlarmKind.MACHINERY).holds is None


def test_a_silent_timetable_is_told_while_orders_still_wake_workers() -> None:
    all_alive({machinery.BEAT: 6 * MINUTES})
    assert not found(AlarmKind.MACHINERY)
    assert not only(AlarmKind.BEAT).quiet


def test_a_job_is_late_by_the_silence_on_top_of_its_own_pace() -> None:
    all_alive({"orders.sweep_orders": timedelta(minutes=5, seconds=10)})
    assert not found(AlarmKind.JOB)
    finding = only(AlarmKind.JOB, NOW + timedelta(seconds=1))
    assert (finding.subject, finding.title) == ("job:sweep_orders", "Job sweep_orders silent")
    assert "every 10 s" in finding.text
    assert not finding.quiet


def test_a_job_that_runs_hourly_is_not_late_after_five_minutes() -> None:
    all_alive({"orders.prune": timedelta(minutes=64)})
    assert not found(AlarmKind.JOB)


@pytest.mark.parametrize("everything", [True, False])
def test_a_wider_alarm_keeps_the_jobs_quiet(everything: bool) -> None:
    silent = dict.fromkeys(machinery.BEATS, timedelta(hours=2)) if everything else {}
    all_alive({"orders.refills": timedelta(hours=2), machinery.BEAT: timedelta(hours=2)} | silent)
    assert found(AlarmKind.JOB)
    assert all(finding.quiet for finding in found(AlarmKind.JOB))
    assert only(AlarmKind.BEAT).quiet is everything


def test_orders_that_nobody_asks_about() -> None:
    provider = factories.provider()
    began = (NOW - 3 * MINUTES).isoformat()
    Sweep.objects.create(provider=provider, started={"1": began}, rounds={"1": began})
    finding = only(AlarmKind.UNCHECKED)
    assert finding.since == NOW - 3 * MINUTES
    assert "every 1 min" in finding.text
    Provider.objects.update(not_polled=True)
    assert not found(AlarmKind.UNCHECKED)


def waiting(**values: Any) -> Order:
    since = values.pop("waiting_since", NOW - 40 * MINUTES)
    return factories.order(status=OrderStatus.WAITING, waiting_since=since, **values)


def test_orders_that_wait_though_nothing_holds_them() -> None:
    order = waiting()
    waiting(waiting_since=NOW - 10 * MINUTES)
    finding = only(AlarmKind.IDLE)
    assert finding.title == "1 order waiting for over 30 min, and nothing holds them"
    assert finding.since == order.waiting_since
    assert not found(AlarmKind.IDLE, waiting_minutes=None)


@pytest.mark.parametrize(
    "reason",
    [
        lambda order: Order.objects.update(hold=HoldReason.PRICE),
        lambda order: Order.objects.update(hold=HoldReason.STAFF),
        lambda order: Provider.objects.update(not_sent=True),
        lambda order: ProviderState.objects.update(hold=ProviderHold.FUNDS),
        lambda order: Panel.objects.update(not_sent=True),
    ],
)
def test_orders_that_are_held_are_not_idle(reason: Callable[[Order], Any]) -> None:
    reason(waiting())
    assert not found(AlarmKind.IDLE)


# ── Providers ────────────────────────────────────────────────────────────────────────────────


def test_sending_that_a_person_stopped() -> None:
    provider = factories.provider("Bulkhaus", not_sent=True, stopped_reason="Odd", stopped_at=NOW)
    Panel.objects.update(not_sent=True, stopped_reason="Night", stopped_at=NOW)
    panel, one = found(AlarmKind.SENDING_STOPPED)
    assert (panel.subject, panel.text) == ("panel", "“Night”")
    assert (one.subject, one.title) == (f"provider:{provider.pk}", "Sending to Bulkhaus is stopped")
    assert (one.text, one.since) == ("“Odd”", NOW)


@pytest.mark.parametrize("hold", [hold for hold in ProviderHold if hold])
def test_a_held_provider_in_the_words_of_its_hold(hold: ProviderHold) -> None:
    provider = factories.provider("Bulkhaus")
    state(provider, hold=hold, held_since=NOW, hold_detail="not_enough_funds")
    finding = only(AlarmKind.PROVIDER_HELD)
    assert finding.title.startswith("Bulkhaus ")
    assert finding.text.endswith("“not_enough_funds”")
    assert finding.since == NOW


def test_reading_rests_from_the_third_failure_on() -> None:
    provider = factories.provider()
    state(provider, failures=2)
    assert not found(AlarmKind.READING_RESTS)
    state(provider, failures=3, last_failure="It did not answer in time.", last_answer_at=NOW)
    assert (
        "3 calls in a row failed. It did not answer in time." in only(AlarmKind.READING_RESTS).text
    )


def test_a_balance_under_the_providers_amount() -> None:
    provider = factories.provider("Bulkhaus", currency="EUR", low_balance=Decimal(50))
    state(provider, balance=Decimal("50"))
    assert not found(AlarmKind.BALANCE_LOW)
    state(provider, balance=Decimal("49.99999999"))
    assert only(AlarmKind.BALANCE_LOW).text == "49.99 EUR: under 50.00 EUR. Top up there."


def test_a_balance_of_too_few_hours() -> None:
    order = factories.order(
        placed_at=NOW - timedelta(hours=1), expected_charge_upstream=Decimal("24")
    )
    state(order.provider, balance=Decimal("23.50"))
    assert "23.50 USD: about 23 h left" in only(AlarmKind.BALANCE_LOW).text
    assert not found(AlarmKind.BALANCE_LOW, low_hours=23)
    assert not found(AlarmKind.BALANCE_LOW, low_hours=None)


def test_an_unknown_balance_is_not_a_low_one() -> None:
    factories.provider(low_balance=Decimal(50))
    assert not found(AlarmKind.BALANCE_LOW)


def test_a_held_catalog() -> None:
    offer = factories.offer(factories.provider("Bulkhaus"))
    run = SyncRun.objects.create(
        provider=offer.provider, started_at=NOW, outcome=SyncOutcome.HELD, held_removals=41
    )
    change = SyncChange.objects.create(run=run, kind=ChangeKind.RETIRED, offer=offer, held=True)
    finding = only(AlarmKind.CATALOG_HELD)
    assert finding.title == "The catalog of Bulkhaus is held"
    assert "41 offers are gone" in finding.text
    SyncChange.objects.filter(pk=change.pk).update(decided_at=NOW)
    assert not found(AlarmKind.CATALOG_HELD)


# ── Orders and money ─────────────────────────────────────────────────────────────────────────


def test_orders_unconfirmed_for_too_long() -> None:
    since = NOW - 30 * MINUTES
    factories.order(status=OrderStatus.UNCONFIRMED, status_at=since, price=Decimal("9.20"))
    finding = only(AlarmKind.UNCONFIRMED)
    assert finding.title == "1 order unconfirmed for over 30 min"
    assert finding.text.startswith("9.20 USD at stake.")
    assert finding.since == since
    assert not found(AlarmKind.UNCONFIRMED, unconfirmed_minutes=31)
    assert not found(AlarmKind.UNCONFIRMED, unconfirmed_minutes=None)


def balances_read(provider: Provider, *amounts: str) -> None:
    """One reading an hour, the last an hour ago."""
    for hours, amount in zip(range(len(amounts), 0, -1), amounts, strict=True):
        at = NOW - hours * HOUR
        BalanceReading.objects.create(
            provider=provider, at=at, answered_at=at, amount=Decimal(amount)
        )


def test_money_that_went_without_an_order() -> None:
    provider = factories.provider("Bulkhaus", currency="EUR", exchange_rate=Decimal("1.10"))
    balances_read(provider, "100", "95.80")
    finding = only(AlarmKind.UNEXPLAINED)
    assert finding.subject == f"provider:{provider.pk}"
    assert finding.title == "4.20 EUR gone at Bulkhaus, unexplained"
    assert "No order of ours accounts for it" in finding.text
    assert not found(AlarmKind.UNEXPLAINED, unexplained_amount=None)


def test_money_that_came_without_a_top_up_on_record() -> None:
    provider = factories.provider("Bulkhaus", currency="EUR")
    balances_read(provider, "100", "150")
    finding = only(AlarmKind.UNEXPLAINED)
    assert finding.title == "50.00 EUR more at Bulkhaus, unexplained"
    by = factories.admin().user
    reconcile.record_top_up(provider, Decimal(50), NOW - 90 * MINUTES, by=by, now=NOW, token="once")
    assert not found(AlarmKind.UNEXPLAINED)


def test_unexplained_money_is_weighed_in_the_panels_currency() -> None:
    balances_read(factories.provider(currency="EUR", exchange_rate=Decimal("1.10")), "100", "99")
    assert only(AlarmKind.UNEXPLAINED)
    assert not found(AlarmKind.UNEXPLAINED, unexplained_amount=Decimal("1.10"))


def test_what_may_be_off_and_what_is_older_than_a_day_is_no_alarm() -> None:
    provider = factories.provider()
    balances_read(provider, "100", "99.99")
    assert not found(AlarmKind.UNEXPLAINED, unexplained_amount=Decimal("0.001"))
    balances_read(provider, *["200"] * 24, "100", "100", *["100"] * 24)
    assert not found(AlarmKind.UNEXPLAINED)


def test_orders_held_because_the_cost_changed() -> None:
    for _ in range(2):
        waiting(hold=HoldReason.PRICE)
    finding = only(AlarmKind.PRICE_HOLD)
    assert finding.title == "2 orders held, cost changed"
    assert "2.60 USD" in finding.text


def test_a_till_over_its_limit_without_what_is_in_it() -> None:
    mira = factories.staff("Mira Kovač")
    client = factories.customer(manager=mira)
    wallets.take_cash(client, Decimal("100"), by=mira.user, now=NOW)
    assert not found(AlarmKind.TILL_FULL, till_limit=Decimal(100))
    assert not found(AlarmKind.TILL_FULL, till_limit=None)
    wallets.take_cash(client, Decimal("137.31"), by=mira.user, now=NOW)
    finding = only(AlarmKind.TILL_FULL, till_limit=Decimal(100))
    assert finding.title == "The till of Mira Kovač is over its limit"
    assert "more than 100.00 USD" in finding.text
    assert "237" not in finding.text


# ── As many queries for one as for many ──────────────────────────────────────────────────────


def plant() -> None:
    provider = factories.provider(not_sent=True, low_balance=Decimal(50))
    state(provider, balance=Decimal(1), hold=ProviderHold.FUNDS, failures=9)
    balances_read(provider, "100", "90")
    service = factories.service(factories.offer(provider))
    for status in (OrderStatus.UNCONFIRMED, OrderStatus.WAITING):
        factories.order(of=service, status=status, hold=HoldReason.PRICE)
    member = factories.staff()
    client = factories.customer(manager=member)
    wallets.take_cash(client, Decimal("200"), by=member.user, now=NOW)
    run = SyncRun.objects.create(provider=provider, started_at=NOW, held_removals=1)
    SyncChange.objects.create(run=run, kind=ChangeKind.RETIRED, offer=service.offer, held=True)


def queries(now: datetime) -> int:
    with CaptureQueriesContext(connection) as captured:
        alerts.look(now)
    return len(captured)


def test_many_troubles_cost_as_many_queries_as_one() -> None:
    alerts.change(by=None, now=NOW, till_limit=Decimal(100), waiting_minutes=1)
    plant()
    one = [queries(NOW + step * HOUR) for step in range(3)]
    Alert.objects.all().delete()
    for _ in range(4):
        plant()
    many = [queries(NOW + step * HOUR) for step in range(3)]
    assert many == one
    assert Alert.objects.exclude(started_at=None).count() > 20
    assert Alert.objects.filter(kind=AlarmKind.UNEXPLAINED).count() == 5


def test_as_many_providers_as_are_watched_are_not_too_many_for_a_query() -> None:
    for number in range(MOST_ROWS):
        balances_read(factories.provider(f"Provider {number}"), "100", "90")
    assert len(found(AlarmKind.UNEXPLAINED)) == MOST_ROWS
