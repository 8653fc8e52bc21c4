"""What was decided lately, and by whom."""

from dataclasses import dataclass
from datetime import datetime

from orders.enums import Decision, EventKind
from orders.models import Event
from orders.people import Person, visible_orders
from panel.display import money_text

MOST = 6


@dataclass(frozen=True)
class Decided:
    """One decision."""

    tone: str
    icon: str
    number: int
    title: str
    text: str
    at: datetime


def lately(who: Person) -> list[Decided]:
    """The last decisions on orders that this person may see, newest first; one query."""
    made = Event.objects.filter(kind=EventKind.DECIDED).select_related("person", "order")
    if not who.sees_all:
        made = made.filter(order__in=visible_orders(who))
    return [_decided(event, who) for event in made.order_by("-pk")[:MOST]]


def _decided(event: Event, who: Person) -> Decided:
    decision = event.data.get("decision", "")
    tone, icon, words = _WORDS.get(decision, ("grey", "gavel", "was decided"))
    if decision in (Decision.GIVE_UP, Decision.REFUND):
        words = f"refunded {money_text(event.order.refunded)}"
    upstream_id = event.data.get("upstream_id", "") if who.sees_cost else ""
    taken = f", taken up as {upstream_id}" if upstream_id else ""
    return Decided(
        tone=tone,
        icon=icon,
        number=event.order_id,
        title=f"{event.order_id} {words}",
        text=f"{event.person}{taken}: {event.detail}",
        at=event.at,
    )


_WORDS: dict[str, tuple[str, str, str]] = {
    Decision.FOUND: ("green", "check", "was bought"),
    Decision.SEND_ANEW: ("accent", "send", "sent anew"),
    Decision.GIVE_UP: ("grey", "undo-2", "refunded"),
    Decision.REFUND: ("grey", "undo-2", "refunded"),
    Decision.WAIT: ("grey", "hourglass", "waits"),
    Decision.PARTIAL: ("violet", "circle-slash", "set as partly delivered"),
    Decision.NOTHING_OWED: ("green", "check", "closed, nothing owed"),
}
