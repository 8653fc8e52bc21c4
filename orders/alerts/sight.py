"""Which open alerts a member of the house reads on the pages, and in which words."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from orders.alerts.alarms import ALARMS
from orders.alerts.declaration import Alarm, Audience
from orders.enums import AlarmKind
from orders.kept_words import told
from orders.models import Alert, Staff
from orders.people import Person

MOST = 50


@dataclass(frozen=True)
class OpenAlert:
    """An alert as this person may read it. `subject` is empty for who may not know it."""

    kind: AlarmKind
    title: str
    subject: str
    since: datetime | None
    grave: bool


def open_alerts(who: Person) -> list[OpenAlert]:
    """What is the matter now, of what this person may know, the worst first. One query."""
    rows = Alert.objects.filter(ended_at=None).exclude(started_at=None).order_by("pk")[:MOST]
    found = [shown for row in rows if (shown := _shown(row, who)) is not None]
    ranks = list(AlarmKind)
    return sorted(found, key=lambda one: (not one.grave, ranks.index(one.kind)))


def alerts_for(who: Person) -> QuerySet[Alert]:
    """All that was told, what goes on and what is over, for an admin: but of their own till."""
    rows = Alert.objects.exclude(started_at=None)
    if who.staff is not None:
        rows = rows.exclude(kind=AlarmKind.TILL_FULL, subject=_till_of(who.staff))
    return rows.prefetch_related("tellings")


def _shown(row: Alert, who: Person) -> OpenAlert | None:
    kind = AlarmKind(row.kind)
    alarm = ALARMS[kind]
    if not _concerns(alarm, who) or _is_own_till(row, who):
        return None
    named = who.is_admin or (who.sees_cost and alarm.audience in (Audience.STAFF, Audience.COST))
    title, subject = (row.title, row.subject) if named else (alarm.plain, "")
    return OpenAlert(kind, told(title), subject, row.since or row.seen_at, alarm.grave)


def _concerns(alarm: Alarm, who: Person) -> bool:
    if who.is_admin:
        return True
    allowed = {
        Audience.STAFF: who.is_staff,
        Audience.COST: who.sees_cost,
        Audience.DECIDES: who.decides,
        Audience.ADMINS: False,
    }
    return allowed[alarm.audience]


def _is_own_till(row: Alert, who: Person) -> bool:
    """Everybody counts their own till blind, admins too."""
    mine = who.staff is not None and row.subject == _till_of(who.staff)
    return row.kind == AlarmKind.TILL_FULL and mine


def _till_of(staff: Staff) -> str:
    return f"till:{staff.pk}"
