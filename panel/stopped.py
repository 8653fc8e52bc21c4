"""The lines on every staff page while something is stopped: what, why, who, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from orders import stops
from orders.people import Person

WORDS: dict[stops.Switch, str] = {
    "not_sold": "selling",
    "not_sent": "sending",
    "not_polled": "asking for status",
}
MOST = 3


@dataclass(frozen=True)
class Line:
    """One stop. `reason` is empty for who may not know the provider that it tells of."""

    what: str
    where: str
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
    where = "everywhere" if one.provider is None else f"at {one.name if named else 'a provider'}"
    return Line(
        what=_together(WORDS[switch] for switch in one.switches).capitalize(),
        where=where,
        reason=one.reason if named else "",
        by=one.by,
        at=one.at,
        url=_url(one, who),
    )


def _url(one: stops.Stopped, who: Person) -> str:
    """Where an admin takes it back; nowhere for others."""
    if not who.is_admin:
        return ""
    if one.provider is None:
        return reverse("staff:providers")
    return reverse("staff:provider", args=[one.provider])


def _together(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
