"""Alerts as rows: what, since when, for how long, and what became of the messages about it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from orders import alerts, kept_words
from orders.alerts import telling
from orders.enums import AlarmKind, AlertChannel, AlertEvent
from orders.models import Alert, Telling
from orders.people import Person
from panel.alarms import ICONS, where
from panel.display import span

MOST_TRIES = telling.MOST_TRIES


@dataclass(frozen=True)
class Told:
    """One message: of which end, on which channel, to whom, or why not."""

    end: str
    channel: str
    icon: str
    at: datetime | None
    to: str
    failure: str
    next_at: datetime | None
    title: str
    text: str

    @property
    def tone(self) -> str:
        if self.at:
            return "green"
        return "red" if self.failure else "grey"


@dataclass(frozen=True)
class Row:
    """One alert."""

    number: int
    tone: str
    icon: str
    title: str
    text: str
    since: datetime
    ended_at: datetime | None
    lasted: str
    url: str
    told: list[Told]


def row(alert: Alert, who: Person, now: datetime) -> Row:
    """An alert with its messages (prefetch `tellings`)."""
    kind, since = AlarmKind(alert.kind), alert.since or alert.seen_at
    until = (alert.gone_at or alert.ended_at) if alert.ended_at else None
    return Row(
        number=alert.pk,
        tone="red" if alerts.ALARMS[kind].grave else "amber",
        icon=ICONS[kind],
        title=kept_words.told(alert.title),
        text=kept_words.told(alert.text),
        since=since,
        ended_at=until,
        lasted=span(((until or now) - since).total_seconds()),
        url=where(kind, alert.subject, who),
        told=[told(one) for one in sorted(alert.tellings.all(), key=lambda one: one.pk)],
    )


def told(one: Telling) -> Told:
    """A message as people read of it."""
    goes_on = one.told_at is None and one.tries < MOST_TRIES
    return Told(
        end=_("start") if one.event == AlertEvent.STARTED else _("end"),
        channel=str(AlertChannel(one.channel).label),
        icon="mail" if one.channel == AlertChannel.EMAIL else "webhook",
        at=one.told_at,
        to=one.told_to,
        failure="" if one.told_at else kept_words.told(one.failure),
        next_at=one.due_at if goes_on else None,
        title=kept_words.told(one.title),
        text=kept_words.told(one.text),
    )
