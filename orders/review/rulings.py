"""Which orders wait for a decision, what can be decided, and one decision."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from orders import people
from orders.enums import Decision, OrderStatus
from orders.models import Order, User

OPEN_CASES = Q(status__in=[OrderStatus.UNCONFIRMED, OrderStatus.FAILED]) | Q(refund_unknown=True)
CHOICES = {
    OrderStatus.UNCONFIRMED: (Decision.FOUND, Decision.SEND_ANEW, Decision.GIVE_UP),
    OrderStatus.FAILED: (Decision.REFUND, Decision.WAIT, Decision.PARTIAL),
    OrderStatus.PARTIAL: (Decision.PARTIAL, Decision.NOTHING_OWED, Decision.REFUND),
    OrderStatus.CANCELED: (Decision.REFUND,),
}

ON_EVIDENCE = (Decision.FOUND, Decision.SEND_ANEW)
"""Decisions that need evidence of the last minutes: a wrong one is paid for twice, or follows
somebody else's order."""


@dataclass(frozen=True)
class Ruling:
    """One decision by one person, with what it needs to be carried out."""

    decision: Decision
    reason: str
    by: User
    upstream_id: str = ""
    remains: int | None = None
    seen_at: datetime | None = None
    """When the evidence was read that the person had before them."""
    without_evidence: bool = False
    """The person decides although the provider could not be read."""


def cases(by: User) -> QuerySet[Order]:
    """Orders that wait for a decision, of those that this person may see."""
    return people.visible_orders(by).filter(OPEN_CASES)


def choices(order: Order) -> tuple[Decision, ...]:
    """What can be decided about this order as it stands; empty: nothing."""
    status = OrderStatus(order.status)
    if status in (OrderStatus.UNCONFIRMED, OrderStatus.FAILED) or order.refund_unknown:
        return tuple(choice for choice in CHOICES.get(status, ()) if _fits(choice, order))
    return ()


def _fits(choice: Decision, order: Order) -> bool:
    """What is owed is counted where the delivery can be, and said outright where it cannot."""
    counted = order.delivery_total is not None
    return {Decision.PARTIAL: counted, Decision.NOTHING_OWED: not counted}.get(choice, True)
