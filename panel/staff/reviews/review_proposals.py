"""What somebody proposed about a case because it was above their limit, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from orders import proposals
from orders.enums import Decision
from orders.errors import LimitReached
from orders.models import Order
from orders.people import Person
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
        by = "You propose" if event.person == who.user else f"{event.person} proposes"
        label = Decision(event.data["decision"]).label.lower()
        found[number] = Proposal(f"{by}: {label}", event.detail, event.at)
    return found


def told(error: LimitReached) -> str:
    """What is said to who proposed a decision instead of making it."""
    limit = money_text(error.limit)
    return f"Your limit for today is used ({limit}); the decision is put to an admin."
