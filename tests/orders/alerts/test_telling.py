"""Messages: sent once where nothing breaks, again where something did, and never for ever."""

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import alerts, pruning, rounds, wallets
from orders.alerts import telling, webhook
from orders.enums import AlarmKind, AlertChannel, AlertEvent
from orders.errors import NotAllowed
from orders.models import Alert, AuditEntry, Panel, Staff, Telling
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
MINUTE = timedelta(minutes=1)
STOPPED = (AlarmKind.SENDING_STOPPED,)


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


@pytest.fixture
def owner() -> Staff:
    return factories.owner()


@pytest.fixture
def stopped(owner: Staff) -> Alert:
    """An alert with its message on the way."""
    Panel.objects.update(not_sent=True, stopped_reason="Night")
    alerts.look(NOW, STOPPED)
    return Alert.objects.get()


def resume(minutes: float) -> None:
    Panel.objects.update(not_sent=False)
    alerts.look(at(minutes), STOPPED)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Lets the mail server refuse, in words that hold a password."""

    def send(*args: Any, **kwargs: Any) -> int:
        raise smtplib.SMTPAuthenticationError(535, b"planted-mail-password")

    def set_broken(on: bool) -> None:
        monkeypatch.undo()
        if on:
            monkeypatch.setattr("django.core.mail.EmailMessage.send", send)

    return set_broken


def test_the_owner_and_the_admins_are_told_once(owner: Staff, stopped: Alert) -> None:
    admin = factories.admin()
    gone = factories.admin("Gone")
    gone.user.is_active = False
    gone.user.save()
    factories.staff()
    for minutes in (0, 1, 5, 90):
        alerts.deliver(at(minutes))
    (message,) = mail.outbox
    assert message.to == [owner.user.email, admin.user.email]
    assert message.subject == "[Halfpenny] Sending is stopped everywhere"
    assert "“Night”" in message.body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    told = Telling.objects.get()
    assert (told.told_at is not None, told.tries) == (True, 1)
    assert told.told_to == f"{owner.user.email}, {admin.user.email}"


def test_addresses_that_were_typed_are_told_instead(owner: Staff) -> None:
    alerts.change(by=None, now=NOW, addresses="night@example.com, day@example.com")
    Panel.objects.update(not_sent=True)
    alerts.look(NOW, STOPPED)
    alerts.deliver(NOW)
    assert mail.outbox[0].to == ["night@example.com", "day@example.com"]


def test_what_was_not_taken_is_tried_again_less_and_less_often(
    stopped: Alert, broken: Callable[[bool], None]
) -> None:
    broken(True)
    tried, minutes = [], 0.0
    while minutes < 60 * 24:
        if alerts.deliver(at(minutes)).failed:
            tried.append(minutes)
        minutes += 1
    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert waits[0] <= 3
    assert waits == sorted(waits)
    assert waits[-1] in (60, 61)
    assert len(tried) == telling.MOST_TRIES
    told = Telling.objects.get()
    assert told.told_at is None
    assert told.failure == "It could not be sent (SMTPAuthenticationError)."
    assert list(alerts.troubled_tellings()) == [told]


def test_it_is_told_once_the_channel_is_back(
    stopped: Alert, broken: Callable[[bool], None]
) -> None:
    broken(True)
    alerts.deliver(NOW)
    broken(False)
    assert alerts.deliver(at(1)).told == 0
    assert alerts.deliver(at(3)).told == 1
    assert len(mail.outbox) == 1
    assert not alerts.troubled_tellings()


def test_no_words_of_the_mail_library_are_kept_or_logged(
    stopped: Alert, broken: Callable[[bool], None], capsys: pytest.CaptureFixture[str]
) -> None:
    broken(True)
    alerts.deliver(NOW)
    assert "planted-mail-password" not in "".join(capsys.readouterr())
    assert "planted-mail-password" not in Telling.objects.get().failure


def test_an_end_is_not_told_before_its_beginning(
    stopped: Alert, broken: Callable[[bool], None]
) -> None:
    broken(True)
    alerts.deliver(NOW)
    broken(False)
    resume(1)
    assert alerts.deliver(at(1)).told == 0
    alerts.deliver(at(5)), alerts.deliver(at(6))
    assert [message.subject for message in mail.outbox] == [
        "[Halfpenny] Sending is stopped everywhere",
        "[Halfpenny] Over: Sending is stopped everywhere",
    ]


def test_a_beginning_that_was_given_up_does_not_hold_up_the_end(stopped: Alert) -> None:
    Telling.objects.update(tries=telling.MOST_TRIES)
    resume(1)
    alerts.deliver(at(2))
    assert [message.subject for message in mail.outbox] == [
        "[Halfpenny] Over: Sending is stopped everywhere"
    ]


# ── Stopped between two lines ────────────────────────────────────────────────────────────────


class Killed(BaseException):
    """The process ends here."""


def test_killed_between_the_alert_and_its_sending_it_is_sent_by_the_next(stopped: Alert) -> None:
    assert Telling.objects.get().tries == 0
    assert alerts.deliver(at(30)).told == 1


def test_killed_before_the_sending_it_is_sent_once_the_claim_has_run_out(
    stopped: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(telling.Post, "send", die)
        with pytest.raises(Killed):
            alerts.deliver(NOW)
    assert alerts.deliver(at(1)).told == 0
    assert alerts.deliver(at(2.1)).told == 1
    assert len(mail.outbox) == 1


def test_killed_after_the_sending_it_is_sent_again_but_not_for_ever(
    stopped: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: Any) -> None:
        raise Killed

    monkeypatch.setattr(telling, "_keep", die)
    for hours in range(100):
        try:
            alerts.deliver(NOW + timedelta(hours=hours))
        except Killed:
            continue
    assert len(mail.outbox) == telling.MOST_TRIES


def test_whoever_comes_second_sends_nothing(stopped: Alert) -> None:
    row = Telling.objects.get()
    assert telling._claim(row, NOW)
    assert not telling._claim(row, NOW)


# ── The rest ─────────────────────────────────────────────────────────────────────────────────


def test_one_run_sends_so_many_and_no_more(stopped: Alert) -> None:
    for number in range(30):
        alert = Alert.objects.create(
            kind=AlarmKind.JOB, subject=f"job:{number}", title="x", seen_at=NOW, started_at=NOW
        )
        Telling.objects.create(
            alert=alert,
            event=AlertEvent.STARTED,
            channel=AlertChannel.EMAIL,
            title="x",
            text="x",
            made_at=NOW,
            due_at=NOW,
        )
    assert alerts.deliver(NOW).told == telling.MOST_A_RUN
    with CaptureQueriesContext(connection) as captured:
        assert alerts.deliver(NOW).told == 31 - telling.MOST_A_RUN
    # A claim, the name of the sender and a tick each, and what is the same for all.
    assert len(captured) <= 3 + 3 * 11


def test_the_one_whose_till_is_full_is_left_out_while_others_can_be_told(owner: Staff) -> None:
    admin = factories.admin()
    alerts.change(by=None, now=NOW, till_limit=Decimal(50))
    wallets.take_cash(factories.customer(manager=admin), Decimal(60), by=admin.user, now=NOW)
    for minutes in (0, 1):
        alerts.look(at(minutes), (AlarmKind.TILL_FULL,))
    alerts.deliver(at(1))
    assert mail.outbox[0].to == [owner.user.email]


def test_the_only_admin_is_told_of_their_own_till(owner: Staff) -> None:
    assert alerts.recipients(alerts.current(), but=owner.pk) == [owner.user.email]


def test_a_test_goes_through_each_channel_and_says_how_that_went(
    owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts.set_webhook("https://hooks.example/secret-path", "slack", by=None, now=NOW)
    monkeypatch.setattr(webhook, "post", lambda hook, note: "It answered 404.")
    email, hook = alerts.try_channels(by=owner.user, now=NOW)
    assert (email.ok, email.to) == (True, owner.user.email)
    assert (hook.ok, hook.to, hook.failure) == (False, "hooks.example", "It answered 404.")
    assert "Nothing is the matter" in mail.outbox[0].body
    entry = AuditEntry.objects.get(action="alerts.tested")
    assert entry.after == {"email": "taken", "webhook": "It answered 404."}
    with pytest.raises(NotAllowed):
        alerts.try_channels(by=factories.staff().user, now=NOW)


def test_it_is_a_periodic_job_that_looks_and_tells(owner: Staff) -> None:
    Panel.objects.update(not_sent=True)
    said = rounds.JOBS["orders.alerts"](NOW)
    assert "1 started" in said
    assert "1 told" in said
    assert len(mail.outbox) == 1


def test_old_alerts_are_let_go_with_their_messages(stopped: Alert) -> None:
    resume(1)
    assert pruning.drop_alerts(at(1) + timedelta(days=400)) == 0
    assert pruning.drop_alerts(at(2) + timedelta(days=400)) == 1
    assert Telling.objects.count() == 0
