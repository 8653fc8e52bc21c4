"""The web's watch: one look a minute whatever the number of processes, and only what it is for."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import alerts, machinery
from orders.alerts import watching
from orders.enums import AlarmKind, AlertEvent
from orders.models import Alert, Heartbeat, Panel, Telling
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


def alive(minutes: float) -> None:
    for job in (*machinery.BEATS, machinery.BEAT):
        Heartbeat.objects.update_or_create(job=job, defaults={"began_at": at(minutes)})


def test_silent_workers_are_told_by_the_web_and_their_return_too() -> None:
    owner = factories.owner()
    alive(0)
    for minutes in range(1, 6):
        alerts.watch(at(minutes))
    assert not mail.outbox
    alerts.watch(at(6))
    (message,) = mail.outbox
    assert message.to == [owner.user.email]
    assert message.subject == "[Halfpenny] Machinery silent"
    alive(30)
    for minutes in range(30, 34):
        alerts.watch(at(minutes))
    assert [message.subject for message in mail.outbox][1:] == [
        "[Halfpenny] Over: Machinery silent"
    ]


def test_the_workers_own_look_ends_what_the_web_began() -> None:
    factories.owner()
    alive(0)
    alerts.watch(at(6))
    alive(10)
    alerts.look(at(10))
    alerts.look(at(12.1))
    assert Alert.objects.get(kind=AlarmKind.MACHINERY).ended_at == at(12.1)


def test_the_web_sends_what_a_dead_worker_left() -> None:
    factories.owner()
    alive(0)
    Panel.objects.update(not_sent=True)
    alerts.look(at(0))
    assert Telling.objects.get().told_at is None
    alerts.watch(at(1))
    assert Telling.objects.get().told_at is not None
    assert Telling.objects.get().event == AlertEvent.STARTED


def test_one_process_in_a_minute_looks() -> None:
    assert watching.take_turn(at(0))
    assert not watching.take_turn(at(0))
    assert not watching.take_turn(at(0.9))
    assert watching.take_turn(at(1))
    assert not watching.take_turn(at(1))


def test_whoever_has_no_turn_reads_one_row_and_writes_none() -> None:
    alerts.watch(NOW)
    with CaptureQueriesContext(connection) as captured:
        alerts.watch(NOW)
    assert len(captured) == 1
    assert captured[0]["sql"].startswith("SELECT")


def test_the_web_looks_at_nothing_but_signs_of_life() -> None:
    alive(0)
    alerts.watch(at(0))
    with CaptureQueriesContext(connection) as captured:
        alerts.watch(at(1))
    tables = " ".join(query["sql"] for query in captured)
    for heavy in ("orders_order ", '"orders_order"', '"orders_transfer"', '"orders_providerstate"'):
        assert heavy not in tables
