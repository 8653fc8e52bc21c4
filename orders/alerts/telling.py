"""Messages on their way: each is claimed, sent outside any transaction, and ticked off.

Whoever stops between sending and ticking off leaves a message that is sent again once its claim
has run out: told twice is better than not told. Each try is counted before it is made, so that the
number of repeats has an end too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import structlog
from django.core.mail import EmailMessage
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from orders import auditing, languages, panel_settings, sealing
from orders.alerts import configuring, webhook
from orders.alerts.looking import look
from orders.alerts.wording import Tongue
from orders.enums import AlarmKind, AlertChannel
from orders.kept_words import Sentence
from orders.models import AlertSettings, Telling, User
from orders.moments import Stopwatch
from orders.persons import require_admin

MOST_TRIES = 20
"""Half a day, given the pauses below."""

FIRST_PAUSE = timedelta(minutes=2)
"""Also how long a claim lasts: longer than any channel's time-outs together."""

LONGEST_PAUSE = timedelta(hours=1)
MOST_A_RUN = 20

log = structlog.get_logger(__name__)

NOT_SENT = Sentence(gettext_noop("It could not be sent (%(error)s)."))


@dataclass(frozen=True)
class Outcome:
    """How one sending went: to whom, and why not when it was not taken."""

    channel: AlertChannel
    to: str
    failure: str = ""

    @property
    def ok(self) -> bool:
        return not self.failure


@dataclass
class Delivered:
    """How many messages one run sent, and how many it could not."""

    told: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.told} told, {self.failed} not taken"


def run(now: datetime) -> str:
    """The periodic job: look for everything, then tell what is to be told."""
    watch = Stopwatch(now)
    with languages.speaking_to(None):
        return f"{look(now)}; {deliver(watch.now)}"


def deliver(now: datetime) -> Delivered:
    """Send what is due, the oldest first, each on its channel; never raises for a channel."""
    watch, done = Stopwatch(now), Delivered()
    due = list(_due(now).select_related("alert")[:MOST_A_RUN])
    if not due:
        return done
    post = Post(configuring.current())
    for telling in due:
        if not _claim(telling, watch.now):
            continue
        note = webhook.Note(
            telling.title, telling.text, telling.event, telling.alert.kind, telling.alert.subject
        )
        outcome = post.send(AlertChannel(telling.channel), note)
        _keep(telling, outcome, watch.now)
        done.told += outcome.ok
        done.failed += not outcome.ok
    return done


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries."""
    return min(FIRST_PAUSE * 2 ** min(tries - 1, 10), LONGEST_PAUSE)


def troubled_tellings() -> QuerySet[Telling]:
    """Messages that a channel has not taken so far, the latest first."""
    untold = Telling.objects.filter(told_at=None, tries__gt=0)
    return untold.exclude(failure="").select_related("alert").order_by("-pk")


def try_channels(*, by: User, now: datetime) -> list[Outcome]:
    """Send a test through each channel that is on, now. Raises `NotAllowed`."""
    require_admin(by)
    settings = configuring.current()
    with languages.speaking_to(None):
        title, text = Tongue.of(settings).trial()
    post, note = Post(settings), webhook.Note(title, text, "test", "test")
    outcomes = [post.send(channel, note) for channel in configuring.channels(settings)]
    said = {one.channel.value: one.failure or "taken" for one in outcomes}
    auditing.record(by, "alerts.tested", "alertsettings:1", {}, said, at=now)
    return outcomes


def _due(now: datetime) -> QuerySet[Telling]:
    """An end is not told before its beginning."""
    earlier = Telling.objects.filter(
        alert=OuterRef("alert"),
        channel=OuterRef("channel"),
        pk__lt=OuterRef("pk"),
        told_at=None,
        tries__lt=MOST_TRIES,
    )
    untold = Telling.objects.filter(told_at=None, tries__lt=MOST_TRIES, due_at__lte=now)
    return untold.filter(~Exists(earlier)).order_by("pk")


def _claim(telling: Telling, now: datetime) -> bool:
    """Take it, unless somebody else did: the one update says who."""
    mine = Telling.objects.filter(pk=telling.pk, told_at=None, tries=telling.tries, due_at__lte=now)
    return bool(mine.update(tries=F("tries") + 1, due_at=now + pause_after(telling.tries + 1)))


def _keep(telling: Telling, outcome: Outcome, now: datetime) -> None:
    values: dict[str, Any] = {"told_to": outcome.to[:1000], "failure": outcome.failure[:300]}
    if outcome.ok:
        values["told_at"] = now
    Telling.objects.filter(pk=telling.pk, told_at=None).update(**values)
    level = log.info if outcome.ok else log.warning
    level("alert.told", telling=telling.pk, channel=outcome.channel, ok=outcome.ok)


class Post:
    """Both channels, as they are set up now."""

    def __init__(self, settings: AlertSettings):
        self._settings = settings

    def send(self, channel: AlertChannel, note: webhook.Note) -> Outcome:
        """Never raises."""
        try:
            return self._email(note) if channel == AlertChannel.EMAIL else self._webhook(note)
        except Exception as error:  # whatever a mail library raises; its words may hold a password
            log.warning("alert.channel_failed", channel=channel, error=type(error).__name__)
            return Outcome(channel, "", NOT_SENT.of(error=type(error).__name__))

    def _email(self, note: webhook.Note) -> Outcome:
        to = self._addresses(note)
        if not to:
            return Outcome(AlertChannel.EMAIL, "", gettext_noop("Nobody has an e-mail address."))
        headers = {"Auto-Submitted": "auto-generated"}
        sender = panel_settings.sender()
        EmailMessage(note.title, note.text, sender, to, headers=headers).send()
        return Outcome(AlertChannel.EMAIL, ", ".join(to))

    def _addresses(self, note: webhook.Note) -> list[str]:
        """Whoever has to count a till blind is not told that it is full, while others can be."""
        if note.kind != AlarmKind.TILL_FULL:
            return self._everybody
        return configuring.recipients(self._settings, but=int(note.subject.partition(":")[2]))

    @cached_property
    def _everybody(self) -> list[str]:
        return configuring.recipients(self._settings)

    def _webhook(self, note: webhook.Note) -> Outcome:
        settings, channel = self._settings, AlertChannel.WEBHOOK
        if not settings.webhook_sealed:
            return Outcome(channel, "", gettext_noop("There is no address to post to any more."))
        try:
            url = sealing.unseal(settings.webhook_sealed)
        except sealing.Unsealable:
            return Outcome(
                channel, settings.webhook_host, gettext_noop("FIELD_KEYS lacks the address's key.")
            )
        hook = webhook.Hook(url, settings.webhook_shape, settings.telegram_chat)
        return Outcome(channel, settings.webhook_host, webhook.post(hook, note))
