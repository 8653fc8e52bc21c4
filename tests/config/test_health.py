"""The probes: what a load balancer needs, and what a monitor needs."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config import watchman
from orders import alerts, machinery
from orders.models import Heartbeat


@pytest.fixture(autouse=True)
def _nothing_seen_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchman, "_last", None)
    monkeypatch.setattr(watchman, "_let_go", lambda: None)  # the test's own connection stays


def alive(but: str = "") -> None:
    for job in (*machinery.BEATS, machinery.BEAT):
        age = timedelta(hours=3) if job == but else timedelta(0)
        Heartbeat.objects.create(job=job, began_at=timezone.now() - age)


def test_alive_touches_no_database(client: Client) -> None:
    """Without the mark a query would be an error; and a liveness probe must not wait for one."""
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"alive": True, "machinery": None, "looked_seconds_ago": None}
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_alive_tells_what_the_process_last_saw_and_is_alive_all_the_same(client: Client) -> None:
    alive("orders.sweep_orders")
    watchman.look()
    answer = client.get("/healthz")
    assert answer.status_code == 200
    said = answer.json()
    assert said["machinery"]["wrong"] == ["job sweep_orders"]
    assert said["looked_seconds_ago"] == 0


@pytest.mark.django_db
def test_ready_tells_of_a_silent_worker_and_stays_in_rotation(client: Client) -> None:
    alive("orders.submit_due")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["database"], said["machinery"]["ok"]) == ("ok", False)
    assert said["machinery"]["jobs"]["submit_due"] == {"seconds_ago": 10800, "late": True}


@pytest.mark.django_db
def test_a_monitor_that_reads_codes_asks_for_the_machinery(client: Client) -> None:
    alive()
    assert client.get("/readyz?machinery").status_code == 200
    Heartbeat.objects.filter(job=machinery.BEAT).delete()
    assert client.get("/readyz?machinery").status_code == 503
    assert client.get("/readyz").status_code == 200


def test_without_a_database_it_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise DatabaseError("planted words of the database")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "not answering"
    assert "planted" not in answer.content.decode()
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_a_database_that_cannot_say_how_the_machinery_is_serves_all_the_same(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr("config.health.vitals", refuse)
    assert client.get("/readyz").status_code == 200
    assert client.get("/readyz").json()["machinery"] is None
    assert client.get("/readyz?machinery").status_code == 503


@pytest.mark.django_db
def test_being_ready_costs_five_queries(client: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        client.get("/readyz")
    assert len(captured) == 5


# ── The watchman ─────────────────────────────────────────────────────────────────────────────


def test_nothing_that_goes_wrong_reaches_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_(*args: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("orders.vitals.vitals", break_)
    watchman.look()
    assert watchman.last_seen()["machinery"] is None


@pytest.mark.django_db
def test_a_look_takes_a_turn_at_the_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[Any] = []
    monkeypatch.setattr(alerts, "watch", turns.append)
    watchman.look()
    assert len(turns) == 1


def test_one_thread_watches_however_often_it_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Event()
    monkeypatch.setattr(watchman, "_dismissed", threading.Event())
    monkeypatch.setattr(watchman, "FIRST_AFTER", 0.0)
    monkeypatch.setattr(watchman, "look", looked.set)
    monkeypatch.setattr(watchman, "_thread", None)
    watchman.start()
    first = watchman._thread
    watchman.start()
    assert first is watchman._thread
    assert first is not None
    assert first.daemon
    assert looked.wait(10)
    watchman._dismissed.set()
    first.join(10)
    assert not first.is_alive()
