"""Beat's own sign of life."""

from typing import Any

import pytest
from celery.beat import PersistentScheduler
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from kombu.utils.imports import symbol_by_name

from config import beat
from orders import machinery
from orders.models import Heartbeat


def test_it_is_the_scheduler_that_beat_uses() -> None:
    assert symbol_by_name(settings.CELERY_BEAT_SCHEDULER) is beat.Scheduler


@pytest.mark.django_db
def test_ticks_leave_a_sign_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PersistentScheduler, "tick", lambda self: 4.5)
    clock = iter([100.0, 100.0, 105.0, 116.0, 116.0])
    monkeypatch.setattr(beat.time, "monotonic", lambda: next(clock))
    signs: list[Any] = []
    monkeypatch.setattr(beat, "leave_a_sign", lambda: signs.append(1))
    scheduler = beat.Scheduler.__new__(beat.Scheduler)
    assert [scheduler.tick() for _ in range(3)] == [4.5, 4.5, 4.5]
    assert len(signs) == 2


@pytest.fixture(autouse=True)
def _the_tests_connection_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beat, "close_old_connections", lambda: None)


@pytest.mark.django_db
def test_a_sign_is_a_row_of_its_own() -> None:
    beat.leave_a_sign()
    row = Heartbeat.objects.get()
    assert row.job == machinery.BEAT
    assert abs((timezone.now() - row.began_at).total_seconds()) < 5


def test_a_database_that_is_away_does_not_stop_the_timetable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(now: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(machinery, "ticked", refuse)
    beat.leave_a_sign()
