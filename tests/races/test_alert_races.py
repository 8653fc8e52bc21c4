"""Several processes look and tell at once: one alert, one message."""

import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail

from orders import alerts
from orders.alerts import looking, telling, watching
from orders.enums import AlarmKind
from orders.models import Alert, Panel, Provider, ProviderState, Telling
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, before, race
from tests.support.threads import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
MINUTE = timedelta(minutes=1)


@pytest.fixture
def troubles() -> int:
    """Twelve troubles that are told at once, and twelve that have to hold first."""
    factories.owner()
    for _ in range(12):
        provider = factories.provider(not_sent=True)
        ProviderState.objects.filter(pk=provider.pk).update(hold="provider_down", held_since=NOW)
    return 24


def looks(minutes: float, times: int = 4) -> list[Any]:
    found = at_once(*[lambda: alerts.look(NOW + minutes * MINUTE)] * times)
    assert not [one for one in found if isinstance(one, Exception)], found
    return found


def test_looks_at_once_begin_and_end_each_alert_once(troubles: int) -> None:
    kinds = [AlarmKind.SENDING_STOPPED, AlarmKind.PROVIDER_HELD]
    for minutes in (0, 2, 2.1):
        looks(minutes)
    assert Alert.objects.filter(kind__in=kinds).count() == troubles
    assert Telling.objects.filter(alert__kind__in=kinds).count() == troubles
    Provider.objects.update(not_sent=False)
    ProviderState.objects.update(hold="")
    ended = [len(seen.ended) for minutes in (3, 6) for seen in looks(minutes)]
    assert sum(ended) == troubles
    assert Telling.objects.filter(alert__kind__in=kinds).count() == 2 * troubles


def told_by_two_looks() -> int:
    """How often it is told that one trouble began."""
    factories.owner()
    factories.provider(not_sent=True)
    look = partial(alerts.look, NOW, (AlarmKind.SENDING_STOPPED,))
    race(look, look, at=after(looking, "_settle"))
    return Telling.objects.count()


def test_of_two_looks_at_one_trouble_one_leaves_word() -> None:
    assert told_by_two_looks() == 1


def test_the_lock_alone_keeps_word_from_being_left_twice(guards: Guards) -> None:
    guards.drop("told_once")
    assert told_by_two_looks() == 1


def test_the_index_alone_keeps_word_from_being_left_twice(guards: Guards) -> None:
    guards.lift_row_locks(Alert)
    assert told_by_two_looks() == 1


def test_without_lock_and_index_both_leave_word(guards: Guards) -> None:
    guards.lift_row_locks(Alert)
    guards.drop("told_once")
    assert told_by_two_looks() == 2


def test_without_the_index_one_trouble_is_two_alerts(guards: Guards) -> None:
    guards.drop("one_open_alert")
    factories.owner()
    factories.provider(not_sent=True)
    look = partial(alerts.look, NOW, (AlarmKind.SENDING_STOPPED,))
    race(look, look, at=before(looking.Alert.objects, "bulk_create"))
    assert Alert.objects.filter(ended_at=None).count() == 2


def test_deliveries_at_once_send_each_message_once(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.owner()
    Panel.objects.update(not_sent=True)
    for _ in range(9):
        factories.provider(not_sent=True)
    alerts.look(NOW, (AlarmKind.SENDING_STOPPED,))
    send = telling.Post.send

    def slowly(self: Any, *args: Any) -> Any:
        time.sleep(0.05)
        return send(self, *args)

    monkeypatch.setattr(telling.Post, "send", slowly)
    results = at_once(*[lambda: alerts.deliver(NOW)] * 4)
    assert sum(result.told for result in results) == 10
    assert len(mail.outbox) == 10
    assert len({message.subject for message in mail.outbox}) == 10


def test_without_the_claim_each_would_send(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the test above: the claim is what prevents it."""
    factories.owner()
    Panel.objects.update(not_sent=True)
    alerts.look(NOW, (AlarmKind.SENDING_STOPPED,))
    send = telling.Post.send

    def slowly(self: Any, *args: Any) -> Any:
        time.sleep(0.3)
        return send(self, *args)

    monkeypatch.setattr(telling.Post, "send", slowly)
    monkeypatch.setattr(telling, "_claim", lambda *args: True)
    at_once(*[lambda: alerts.deliver(NOW)] * 3)
    assert len(mail.outbox) == 3


def test_of_the_web_processes_one_takes_the_turn() -> None:
    for minutes in range(5):
        turns = at_once(*[partial(watching.take_turn, NOW + minutes * MINUTE)] * 6)
        assert sorted(turns) == [False] * 5 + [True]


def test_the_web_and_a_worker_tell_of_silence_once() -> None:
    factories.owner()
    for minutes in (0, 5, 6):
        at_once(
            partial(alerts.watch, NOW + minutes * MINUTE),
            partial(alerts.run, NOW + minutes * MINUTE),
        )
    assert Alert.objects.filter(kind=AlarmKind.MACHINERY).count() == 1
    assert len([one for one in mail.outbox if "Machinery silent" in one.subject]) == 1
