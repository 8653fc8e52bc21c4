"""A database that was restored sends nothing until somebody says so, and then nothing twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from orders import alerts, cancellations, refills, restoring, review, sql, submission
from orders.alerts.alarms import ALARMS
from orders.alerts.facts import Facts
from orders.enums import (
    AlarmKind,
    CancellationStatus,
    EventKind,
    HoldReason,
    OrderStatus,
    RefillStatus,
    SubmissionOutcome,
)
from orders.models import AuditEntry, Cancellation, Event, Heartbeat, Order, Panel, Refill
from orders.submission import gate
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def restored() -> None:
    Panel.objects.update(home="where the dump was made")


def waiting(**more: Any) -> Order:
    long_ago = NOW - timedelta(hours=3)
    values = {"status": OrderStatus.WAITING, "upstream_id": None, "waiting_since": long_ago}
    return factories.order(**{**values, **more})


def follow_up(model: Any) -> Any:
    order = factories.order()
    return model.objects.create(order=order, provider=order.provider, asked_at=NOW, changed_at=NOW)


def test_a_panel_is_at_home_where_it_was_made() -> None:
    panel = Panel.objects.get()
    assert panel.home == sql.identity()
    assert bool(panel.home) == (connection.vendor == "postgresql")
    assert not panel.is_elsewhere


@pytest.mark.services
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no accounts")
def test_an_account_without_rights_may_know_where_it_is() -> None:
    """The panel's account on a server is nobody special."""
    known = sql.identity()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE planted_nobody")
        cursor.execute("SET LOCAL ROLE planted_nobody")
        assert sql.identity() == known
        cursor.execute("RESET ROLE")


def test_elsewhere_nothing_is_sent_and_an_alarm_says_so(
    restored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, refill, request = waiting(), follow_up(Refill), follow_up(Cancellation)
    submission.submit_due(NOW)
    refills.send_requested(NOW)
    cancellations.send_requested(NOW)
    for row, status in ((order, "waiting"), (refill, "requested"), (request, "requested")):
        row.refresh_from_db()
        assert row.status == status
    assert not order.submissions.exists()
    held = submission.why_held(order, gate.panel(), NOW)
    assert held == submission.Hold(HoldReason.PROVIDER_STOPPED, gate.RESTORED)
    look = ALARMS[AlarmKind.SENDING_STOPPED].look
    (found,) = look(Facts(NOW, alerts.current()))
    assert found.title == "Sending is stopped: the database was restored"


def test_whatever_waited_is_for_people_afterwards(restored: None) -> None:
    Heartbeat.objects.create(job="orders.submit_due", began_at=NOW - timedelta(hours=1))
    order = waiting()
    held = waiting(hold=HoldReason.STAFF, hold_detail="The client calls back")
    refill, request = follow_up(Refill), follow_up(Cancellation)
    before = sql.next_number("orders_order")

    done = restoring.settle(NOW, gap=700)

    assert done.lines == 0
    assert (done.orders, done.refills, done.cancellations) == (2, 1, 1)
    assert done.next_order == sql.next_number("orders_order") == before + 700
    for each in (order, held):
        each.refresh_from_db()
        assert (each.status, each.hold) == (OrderStatus.UNCONFIRMED, "")
        assert review.choices(each)
        (sent,) = each.submissions.all()
        assert (sent.outcome, sent.reason) == (SubmissionOutcome.UNKNOWN, "restored")
        assert (sent.claimed_at, sent.expires_at) == (NOW - timedelta(hours=1), NOW)
        assert Event.objects.filter(order=each, kind=EventKind.UNCONFIRMED).exists()
    refill.refresh_from_db()
    request.refresh_from_db()
    assert refill.status == RefillStatus.UNKNOWN
    assert request.status == CancellationStatus.UNKNOWN
    assert not Panel.objects.get().is_elsewhere
    entry = AuditEntry.objects.get(action="panel.restored")
    assert (entry.before["home"], entry.after["orders"]) == ("where the dump was made", 2)


def test_one_that_was_ended_half_way_is_gone_on_with(
    restored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [waiting(), waiting()]
    doubt, done = submission.doubt, []

    def ended(order_id: int, *moments: Any) -> bool:
        if done:
            raise KeyboardInterrupt
        done.append(order_id)
        return doubt(order_id, *moments)

    monkeypatch.setattr(submission, "doubt", ended)
    with pytest.raises(KeyboardInterrupt):
        restoring.settle(NOW)
    assert Panel.objects.get().is_elsewhere
    monkeypatch.setattr(submission, "doubt", doubt)
    assert restoring.settle(NOW).orders == 1
    assert {Order.objects.get(pk=each.pk).status for each in orders} == {OrderStatus.UNCONFIRMED}


def test_a_panel_that_moved_stays_as_it_is(restored: None) -> None:
    order, before = waiting(), sql.next_number("orders_order")
    restoring.settle(NOW, moved=True)
    order.refresh_from_db()
    assert order.status == OrderStatus.WAITING
    assert sql.next_number("orders_order") == before + 0
    assert not Panel.objects.get().is_elsewhere


def test_at_home_there_is_nothing_to_do() -> None:
    order = waiting()
    with pytest.raises(CommandError, match="is at home"):
        call_command("after_restore")
    order.refresh_from_db()
    assert order.status == OrderStatus.WAITING
