"""The strip on every staff page while something is wrong, and where each trouble is mended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from orders import alerts
from orders.alerts import OpenAlert
from orders.enums import AlarmKind
from orders.machinery import Pulse
from orders.people import Person

ICONS = {
    AlarmKind.MACHINERY: "heart-pulse",
    AlarmKind.BEAT: "heart-pulse",
    AlarmKind.JOB: "heart-pulse",
    AlarmKind.SENDING_STOPPED: "octagon-x",
    AlarmKind.PROVIDER_HELD: "plug-zap",
    AlarmKind.BOOKS: "book-x",
    AlarmKind.UNCONFIRMED: "circle-help",
    AlarmKind.IDLE: "clock",
    AlarmKind.UNCHECKED: "clock",
    AlarmKind.READING_RESTS: "plug",
    AlarmKind.BALANCE_LOW: "wallet",
    AlarmKind.UNEXPLAINED: "scale",
    AlarmKind.PRICE_HOLD: "trending-up",
    AlarmKind.CATALOG_HELD: "package-x",
    AlarmKind.TILL_FULL: "banknote",
}


@dataclass(frozen=True)
class Strip:
    """One line: the worst trouble, how many there are besides, and where to go."""

    tone: str
    icon: str
    title: str
    since: datetime | None
    url: str
    more: int


@dataclass(frozen=True)
class Watch:
    """What frames a staff page: the strip, if there is one, and how many troubles there are."""

    strip: Strip | None
    count: int


def watch(who: Person, pulse: Pulse, now: datetime, *, stop_is_shown: bool = False) -> Watch:
    """What this person has to know on every page; one query.

    The pulse that the page shows anyway is quicker than the alarm about it, both ways; so is the
    line about a stop, where `stop_is_shown`.
    """
    told = {AlarmKind.MACHINERY} | ({AlarmKind.SENDING_STOPPED} if stop_is_shown else set())
    found = [one for one in alerts.open_alerts(who) if one.kind not in told]
    if not pulse.is_alive:
        since = None if pulse.age is None else now - pulse.age
        found.insert(0, _silent(who, since))
    if not found:
        return Watch(None, 0)
    worst = found[0]
    strip = Strip(
        tone="red" if worst.grave else "amber",
        icon=ICONS[worst.kind],
        title=worst.title,
        since=worst.since,
        url=where(worst.kind, worst.subject, who),
        more=len(found) - 1,
    )
    return Watch(strip, len(found))


def _silent(who: Person, since: datetime | None) -> OpenAlert:
    alarm = alerts.ALARMS[AlarmKind.MACHINERY]
    silent = _("Machinery silent: nothing is sent or followed")
    title = silent if who.is_admin else _(alarm.plain)
    return OpenAlert(AlarmKind.MACHINERY, title, "", since, grave=True)


def where(kind: AlarmKind, subject: str, who: Person) -> str:
    """The page on which this person mends it, or sees more of it."""
    return _WHERE[kind](subject, who)


def _machinery(subject: str, who: Person) -> str:
    return f"{reverse('staff:overview')}#machinery"


def _waiting(subject: str, who: Person) -> str:
    return f"{reverse('staff:orders')}?tab=waiting"


def _price(subject: str, who: Person) -> str:
    return f"{reverse('staff:orders')}?tab=waiting&hold=price"


def _review(subject: str, who: Person) -> str:
    return reverse("staff:review")


def _provider(subject: str, who: Person) -> str:
    """Admins go to the provider, others to the orders that wait for it."""
    if not who.is_admin:
        return _waiting(subject, who)
    kind, _, number = subject.partition(":")
    if kind == "provider" and number.isdigit():
        return reverse("staff:provider", args=[int(number)])
    return reverse("staff:providers")


def _account(subject: str, who: Person) -> str:
    number = subject.partition(":")[2]
    if number.isdigit():
        return reverse("staff:reconciliation_account", args=[int(number)])
    return reverse("staff:reconciliation")


def _removals(subject: str, who: Person) -> str:
    return f"{reverse('staff:decisions')}?kind=removals"


def _till(subject: str, who: Person) -> str:
    number = subject.partition(":")[2]
    return reverse("staff:till", args=[int(number)]) if number.isdigit() else reverse("staff:tills")


_WHERE: dict[AlarmKind, Callable[[str, Person], str]] = {
    AlarmKind.MACHINERY: _machinery,
    AlarmKind.BEAT: _machinery,
    AlarmKind.JOB: _machinery,
    AlarmKind.UNCHECKED: _machinery,
    AlarmKind.SENDING_STOPPED: _provider,
    AlarmKind.PROVIDER_HELD: _provider,
    AlarmKind.READING_RESTS: _provider,
    AlarmKind.BALANCE_LOW: _provider,
    AlarmKind.BOOKS: _machinery,
    AlarmKind.UNCONFIRMED: _review,
    AlarmKind.IDLE: _waiting,
    AlarmKind.UNEXPLAINED: _account,
    AlarmKind.PRICE_HOLD: _price,
    AlarmKind.CATALOG_HELD: _removals,
    AlarmKind.TILL_FULL: _till,
}
