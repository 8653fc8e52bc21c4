"""The lines on every staff page while something is stopped: what, why, who, and since when."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import stops
from orders.people import Person

WORDS: dict[stops.Switch, str | Promise] = {
    "not_sold": gettext_lazy("selling"),
    "not_sent": gettext_lazy("sending"),
    "not_polled": gettext_lazy("asking for status"),
}
MOST = 3


@dataclass(frozen=True)
class Line:
    """One stop. `reason` is empty for who may not know the provider that it tells of."""

    title: str
    what: str
    """In the words of what goes on again: "selling and sending everywhere"."""
    reason: str
    by: str
    at: datetime | None
    url: str


@dataclass(frozen=True)
class Stops:
    """The first of them, and how many there are besides."""

    lines: list[Line]
    more: int
    sending: bool
    """Whether one of them is a stop of sending: the alert about it says no more than the line."""


def stops_for(who: Person) -> Stops:
    """What this member of the house has to know on every page. Two queries."""
    found = stops.stopped()
    sending = any("not_sent" in one.switches for one in found)
    return Stops([_line(one, who) for one in found[:MOST]], max(len(found) - MOST, 0), sending)


def _line(one: stops.Stopped, who: Person) -> Line:
    named = one.provider is None or who.sees_cost
    what = _together([str(WORDS[switch]) for switch in one.switches])
    said = {"what": what, "provider": one.name if named else _("a provider")}
    return Line(
        title=_title(one) % (said | {"what": what[:1].upper() + what[1:]}),
        what=_place(one) % said,
        reason=one.reason if named else "",
        by=one.by,
        at=one.at,
        url=_url(one, who),
    )


def _title(one: stops.Stopped) -> str:
    if one.provider is None:
        return _("%(what)s stopped everywhere")
    return _("%(what)s stopped at %(provider)s")


def _place(one: stops.Stopped) -> str:
    return _("%(what)s everywhere") if one.provider is None else _("%(what)s at %(provider)s")


def _url(one: stops.Stopped, who: Person) -> str:
    """Where an admin takes it back; nowhere for others."""
    if not who.is_admin:
        return ""
    if one.provider is None:
        return reverse("staff:providers")
    return reverse("staff:provider", args=[one.provider])


def _together(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
