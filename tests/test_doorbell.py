"""The doorbell: after the commit, quick, and never an error for the person who rang."""

import time

import pytest
from celery import Celery
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from orders import doorbell

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[object, ...]]]:
    """What reached the broker."""
    calls: list[tuple[str, tuple[object, ...]]] = []
    monkeypatch.setattr(
        doorbell.current_app,
        "send_task",
        lambda name, args, **options: calls.append((name, args)),
        raising=False,
    )
    return calls


@pytest.mark.django_db(transaction=True)
def test_it_rings_only_after_the_commit(sent: list[object]) -> None:
    with transaction.atomic():
        doorbell.ring("orders.submit_due", 17)
        assert sent == []
    assert sent == [("orders.submit_due", (17,))]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_rolled_back_rings_nothing(sent: list[object]) -> None:
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        doorbell.ring("orders.submit_due", 17)
        raise ValueError("no")
    assert sent == []


def _broken_app() -> Celery:
    app = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    app.conf.broker_transport_options = {"max_retries": 0, "socket_connect_timeout": 1}
    return app


def test_a_dead_broker_is_quick_and_shows_nobody_an_error(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(doorbell, "current_app", _broken_app())
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(50):
            doorbell.ring("orders.submit_due", number)
    assert time.monotonic() - started < 2


def test_a_failure_is_logged_once_without_the_brokers_address(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(doorbell, "current_app", _broken_app())
    with django_capture_on_commit_callbacks(execute=True):
        doorbell.ring("orders.submit_due", 1)
        doorbell.ring("orders.submit_due", 2)
    lines = [record.getMessage() for record in caplog.records if record.name == "orders.doorbell"]
    assert len(lines) == 1
    assert "not_heard" in lines[0]
    assert "127.0.0.1" not in lines[0]
