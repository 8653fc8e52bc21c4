"""What an alarm is: where it looks, what it says, how long it waits, who of the house reads it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from orders.alerts.facts import Facts
from orders.enums import AlarmKind

AT_ONCE = timedelta(0)
MINUTE = timedelta(minutes=1)


class Audience(StrEnum):
    """Who of the house reads an alarm on the pages. Admins read all."""

    STAFF = "staff"
    COST = "cost"
    DECIDES = "decides"
    ADMINS = "admins"


@dataclass(frozen=True)
class Finding:
    """One trouble, found. `text` says no age: `since` does, and goes on being true.

    `quiet`: told by a wider alarm already. It keeps an open alert open and begins none.
    `holds`: instead of the alarm's own.
    """

    subject: str
    title: str
    text: str = ""
    since: datetime | None = None
    quiet: bool = False
    holds: timedelta | None = None


@dataclass(frozen=True)
class Alarm:
    """What to look for. `plain` is what people read who may not know names and amounts."""

    kind: AlarmKind
    look: Callable[[Facts], Iterable[Finding]]
    plain: str
    audience: Audience = Audience.ADMINS
    grave: bool = False
    """Nothing goes on without a person: red, not amber."""
    holds: timedelta = MINUTE
    gone: timedelta = 2 * MINUTE
