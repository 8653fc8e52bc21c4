"""From troubles to alerts: each starts once and ends once, and what flaps wakes nobody twice."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders import alerts, machinery
from orders.alerts import looking
from orders.alerts.alarms import OF_THE_MACHINERY
from orders.enums import AlarmKind, AlertChannel, AlertEvent, ProviderHold
from orders.models import Alert, Heartbeat, Provider, ProviderState, Telling
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
MINUTE = timedelta(minutes=1)
HELD = (AlarmKind.PROVIDER_HELD,)


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


@pytest.fixture
def bulkhaus() -> Provider:
    factories.owner()
    return factories.provider("Bulkhaus")


def hold(provider: Provider, reason: str = ProviderHold.DOWN) -> None:
    ProviderState.objects.filter(pk=provider.pk).update(hold=reason, held_since=NOW)


def events() -> list[tuple[str, str]]:
    return list(Telling.objects.order_by("pk").values_list("event", "alert__kind"))


def look(minutes: float, kinds: Any = HELD) -> looking.Seen:
    return alerts.look(at(minutes), kinds)


def test_a_trouble_is_told_once_it_has_held_for_a_while(bulkhaus: Provider) -> None:
    hold(bulkhaus)
    assert not look(0).started
    assert not look(1.9).started
    assert Telling.objects.count() == 0
    assert len(look(2).started) == 1
    for minutes in (3, 4, 60, 600):
        assert not look(minutes).started
    alert = Alert.objects.get()
    assert (alert.seen_at, alert.started_at, alert.ended_at) == (at(0), at(2), None)
    assert events() == [(AlertEvent.STARTED, AlarmKind.PROVIDER_HELD)]


def test_what_is_over_before_it_was_told_is_told_to_nobody(bulkhaus: Provider) -> None:
    hold(bulkhaus)
    look(0)
    hold(bulkhaus, "")
    look(1)
    assert Alert.objects.count() == 0
    hold(bulkhaus)
    assert not look(2).started  # the wait begins anew


def test_the_end_is_told_once_it_has_been_over_for_a_while(bulkhaus: Provider) -> None:
    hold(bulkhaus)
    look(0), look(2)
    hold(bulkhaus, "")
    assert not look(3).ended
    assert not look(4.9).ended
    assert len(look(5).ended) == 1
    assert not look(6).ended
    alert = Alert.objects.get()
    assert (alert.gone_at, alert.ended_at) == (at(3), at(5))
    assert [event for event, _ in events()] == [AlertEvent.STARTED, AlertEvent.ENDED]


def test_a_trouble_that_comes_and_goes_by_the_minute_is_one(bulkhaus: Provider) -> None:
    hold(bulkhaus)
    look(0), look(2)
    for minutes in range(3, 40):
        hold(bulkhaus, "" if minutes % 2 else ProviderHold.DOWN)
        look(minutes)
    assert Alert.objects.count() == 1
    assert Alert.objects.get().ended_at is None
    assert len(events()) == 1


def test_the_same_trouble_later_is_another_alert(bulkhaus: Provider) -> None:
    hold(bulkhaus)
    look(0), look(2)
    hold(bulkhaus, "")
    look(3), look(6)
    hold(bulkhaus)
    look(60), look(63)
    assert Alert.objects.count() == 2
    assert len(events()) == 3


def test_the_words_keep_up_with_what_they_are_about(bulkhaus: Provider) -> None:
    hold(bulkhaus)
    look(0), look(2)
    told = Telling.objects.get().text
    hold(bulkhaus, ProviderHold.FUNDS)
    look(3)
    assert Alert.objects.get().title == "Bulkhaus has no funds"
    assert Telling.objects.get().text == told


def test_a_message_says_what_since_when_and_where_to_look(bulkhaus: Provider) -> None:
    alerts.change(by=None, now=NOW, page_url="https://panel.example/staff/alerts/")
    hold(bulkhaus, ProviderHold.FUNDS)
    look(0), look(2)
    hold(bulkhaus, "")
    look(5), look(7)
    start, end = Telling.objects.order_by("pk")
    assert start.title == "[Halfpenny] Bulkhaus has no funds"
    assert "Since 23 Nov 12:00 UTC." in start.text
    assert start.text.endswith("https://panel.example/staff/alerts/")
    assert end.title == "[Halfpenny] Over: Bulkhaus has no funds"
    assert "From 23 Nov 12:00 UTC to 23 Nov 12:05 UTC." in end.text


def test_a_title_is_one_line_whatever_a_provider_is_called(bulkhaus: Provider) -> None:
    Provider.objects.update(name="Bulk\r\nBcc: everybody@example.com")
    hold(bulkhaus)
    look(0), look(2)
    assert Telling.objects.get().title == (
        "[Halfpenny] Bulk Bcc: everybody@example.com is not answering"
    )


def test_the_end_is_told_where_the_start_was(bulkhaus: Provider) -> None:
    hold(bulkhaus)
    look(0), look(2)
    alerts.set_webhook("https://hooks.example/x", "slack", by=None, now=NOW)
    alerts.change(by=None, now=NOW, emails_on=False)
    hold(bulkhaus, "")
    look(3), look(6)
    said = Telling.objects.order_by("pk").values_list("event", "channel")
    assert list(said) == [("started", AlertChannel.EMAIL), ("ended", AlertChannel.EMAIL)]


def test_each_channel_that_is_on_is_told(bulkhaus: Provider) -> None:
    alerts.set_webhook("https://hooks.example/x", "slack", by=None, now=NOW)
    hold(bulkhaus)
    look(0), look(2)
    assert set(Telling.objects.values_list("channel", flat=True)) == set(AlertChannel)


def test_without_a_channel_an_alert_stands_on_the_pages_alone(bulkhaus: Provider) -> None:
    alerts.change(by=None, now=NOW, emails_on=False)
    hold(bulkhaus)
    look(0), look(2)
    assert Alert.objects.get().started_at == at(2)
    assert Telling.objects.count() == 0


def test_looking_for_some_kinds_leaves_the_others_as_they_are(bulkhaus: Provider) -> None:
    hold(bulkhaus)
    look(0), look(2)
    alerts.look(at(60), OF_THE_MACHINERY)
    assert Alert.objects.get(kind=AlarmKind.PROVIDER_HELD).gone_at is None


def test_what_a_person_stopped_is_told_at_once_and_over_at_once(bulkhaus: Provider) -> None:
    kinds = (AlarmKind.SENDING_STOPPED,)
    Provider.objects.update(not_sent=True)
    assert len(look(0, kinds).started) == 1
    Provider.objects.update(not_sent=False)
    assert len(look(0.5, kinds).ended) == 1


def test_machinery_that_never_began_is_told_after_the_silence() -> None:
    factories.owner()
    for minutes in (0, 4.9):
        assert not look(minutes, OF_THE_MACHINERY).started
    (started,) = look(5, OF_THE_MACHINERY).started
    assert started.kind == AlarmKind.MACHINERY


def test_an_open_alert_about_a_job_stays_while_a_wider_one_is_told_and_no_other_begins() -> None:
    factories.owner()
    for job in (*machinery.BEATS, machinery.BEAT):
        Heartbeat.objects.create(job=job, began_at=at(0))
    Heartbeat.objects.exclude(job="orders.refills").update(began_at=at(6))
    look(6, OF_THE_MACHINERY), look(7, OF_THE_MACHINERY)
    assert [row.subject for row in Alert.objects.all()] == ["job:refills"]
    look(70, OF_THE_MACHINERY), look(72, OF_THE_MACHINERY)
    open_ = Alert.objects.filter(ended_at=None).values_list("kind", flat=True)
    assert set(open_) == {AlarmKind.JOB, AlarmKind.MACHINERY}
    assert len(open_) == 2


def test_a_till_is_over_its_limit_until_it_is_not() -> None:
    from orders import tills, wallets

    owner, mira = factories.owner(), factories.staff("Mira Kovač")
    alerts.change(by=owner.user, now=NOW, till_limit=Decimal(50))
    wallets.take_cash(factories.customer(manager=mira), Decimal(60), by=mira.user, now=NOW)
    kinds = (AlarmKind.TILL_FULL,)
    look(0, kinds)
    assert len(look(1, kinds).started) == 1
    tills.drop(mira, Decimal(20), by=mira.user, now=NOW, reference="a")
    look(2, kinds)
    assert len(look(4, kinds).ended) == 1
