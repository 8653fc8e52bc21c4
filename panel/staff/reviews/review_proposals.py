"""What somebody proposed about a case because it was above their limit, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from orders import proposals
from orders.enums import Decision
from orders.errors import LimitReached
from orders.models import Order
from orders.people import Person
from orders.spelling import lowered, spelled
from panel.display import money_text


@dataclass(frozen=True)
class Proposal:
    """A decision that waits for an admin."""

    title: str
    reason: str
    at: datetime


def of(orders: Iterable[Order], who: Person) -> dict[int, Proposal]:
    """What is proposed about each of these orders; one query."""
    found = {}
    for number, event in proposals.standing(orders).items():
        words = _("%(who)s proposes: %(decision)s")
        if event.person == who.user:
            words = _("You propose: %(decision)s")
        label = lowered(str(Decision(event.data["decision"]).label))
        title = words % {"who": event.person, "decision": label}
        found[number] = Proposal(title, event.detail, event.at)
    return found


def told(error: LimitReached) -> str:
    """What is said to who proposed a decision instead of making it."""
    words = _("Your limit for today is used (%(limit)s); the decision is put to an admin.")
    return words % {"limit": money_text(error.limit)}


def above(error: LimitReached) -> str:
    """The same on a form, with what is left of the limit."""
    words = _("Your limit for today is used (%(limit)s); it is put to an admin.")
    if error.left:
        words = _(
            "Your limit for today is %(limit)s, of which %(left)s is left; it is put to an admin."
        )
    return words % {"limit": spelled(error.limit), "left": spelled(error.left)}
