"""From what alarms find to alerts that start and end, each told once.

A trouble has to hold for a while before it is told, and to be gone for a while before it has ended,
so that what comes and goes by the minute wakes nobody twice. Several processes may look at once:
one open row per alarm and subject is unique, and all that follows happens under its lock.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from orders import sql
from orders.alerts import configuring, wording
from orders.alerts.alarms import ALARMS
from orders.alerts.declaration import Alarm, Finding
from orders.alerts.facts import Facts
from orders.enums import AlarmKind, AlertChannel, AlertEvent
from orders.models import Alert, AlertSettings, Telling

Key = tuple[AlarmKind, str]


@dataclass
class Seen:
    """What one look found: how many troubles, and which alerts it began and ended."""

    found: int = 0
    started: list[Alert] = field(default_factory=list)
    ended: list[Alert] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.found} found, {len(self.started)} started, {len(self.ended)} ended"


def look(now: datetime, kinds: Collection[AlarmKind] = tuple(AlarmKind)) -> Seen:
    """Look for these troubles; messages about what started and ended are left to `deliver`.

    Calls nobody. The number of queries does not depend on how much is found.
    """
    settings = configuring.current()
    facts = Facts(now, settings)
    alarms = [ALARMS[kind] for kind in kinds if kind in ALARMS]
    found = {(alarm.kind, one.subject): one for alarm in alarms for one in alarm.look(facts)}
    _note_new(found, now)
    with sql.short_transaction():
        # Locked one by one in the same order, and read again under the lock.
        rows = Alert.objects.select_for_update().filter(ended_at=None, kind__in=kinds)
        seen = _settle(list(rows.order_by("pk")), found, now)
        _leave_word(seen, settings, now)
    return seen


def _note_new(found: dict[Key, Finding], now: datetime) -> None:
    """A row for each trouble that has none; whoever comes second writes nothing."""
    known = set(Alert.objects.filter(ended_at=None).values_list("kind", "subject"))
    Alert.objects.bulk_create(
        [
            Alert(kind=kind, subject=subject, seen_at=now, **_words(one))
            for (kind, subject), one in found.items()
            if (kind, subject) not in known and not one.quiet
        ],
        ignore_conflicts=True,
    )


def _settle(rows: Iterable[Alert], found: dict[Key, Finding], now: datetime) -> Seen:
    seen = Seen(found=len(found))
    changed: list[Alert] = []
    dropped: list[int] = []
    for row in rows:
        kind = AlarmKind(row.kind)
        alarm, finding = ALARMS[kind], found.get((kind, row.subject))
        before = _state(row)
        if finding is None:
            _gone(row, alarm, now, seen, dropped)
        else:
            _still_there(row, alarm, finding, now, seen)
        if _state(row) != before:
            changed.append(row)
    fields = ["title", "text", "since", "started_at", "gone_at", "ended_at"]
    if changed:
        Alert.objects.bulk_update(changed, fields)
    if dropped:
        Alert.objects.filter(pk__in=dropped).delete()
    return seen


def _still_there(row: Alert, alarm: Alarm, finding: Finding, now: datetime, seen: Seen) -> None:
    row.gone_at = None
    for name, value in _words(finding).items():
        setattr(row, name, value)
    holds = alarm.holds if finding.holds is None else finding.holds
    if row.started_at is None and not finding.quiet and now - row.seen_at >= holds:
        row.started_at = now
        seen.started.append(row)


def _gone(row: Alert, alarm: Alarm, now: datetime, seen: Seen, dropped: list[int]) -> None:
    if row.started_at is None:
        dropped.append(row.pk)
        return
    row.gone_at = row.gone_at or now
    if now - row.gone_at >= alarm.gone:
        row.ended_at = now
        seen.ended.append(row)


def _state(row: Alert) -> tuple[object, ...]:
    return (row.title, row.text, row.since, row.started_at, row.gone_at, row.ended_at)


def _words(finding: Finding) -> dict[str, object]:
    return {"title": finding.title[:200], "text": finding.text[:1000], "since": finding.since}


def _leave_word(seen: Seen, settings: AlertSettings, now: datetime) -> None:
    """Messages to send, in the transaction that makes them true; the constraint keeps them single.

    The end is told where the beginning was.
    """
    if not seen.started and not seen.ended:
        return
    tongue = wording.Tongue.of(settings)
    channels = configuring.channels(settings)
    begun = set(
        Telling.objects.filter(
            alert__in=[row.pk for row in seen.ended], event=AlertEvent.STARTED
        ).values_list("alert", "channel")
    )
    made = [
        _message(row, AlertEvent.STARTED, channel, tongue, now)
        for row in seen.started
        for channel in channels
    ]
    made += [
        _message(row, AlertEvent.ENDED, channel, tongue, now)
        for row in seen.ended
        for channel in AlertChannel
        if (row.pk, channel) in begun
    ]
    Telling.objects.bulk_create(made, ignore_conflicts=True)


def _message(
    row: Alert,
    event: AlertEvent,
    channel: AlertChannel,
    tongue: wording.Tongue,
    now: datetime,
) -> Telling:
    title, text = tongue.message(row, event)
    return Telling(
        alert=row, event=event, channel=channel, title=title, text=text, made_at=now, due_at=now
    )
