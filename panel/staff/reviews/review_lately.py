"""What was decided lately, and by whom."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
    known = ("grey", "gavel", gettext_lazy("%(number)s was decided"))
    tone, icon, words = _WORDS.get(decision, known)
    upstream_id = event.data.get("upstream_id", "") if who.sees_cost else ""
    named = {
        "number": event.order_id,
        "amount": money_text(event.order.refunded),
        "who": event.person,
        "upstream_id": upstream_id,
        "reason": event.detail,
    }
    text = (
        _("%(who)s, taken up as %(upstream_id)s: %(reason)s")
        if upstream_id
        else _("%(who)s: %(reason)s")
    )
    return Decided(
        tone=tone,
        icon=icon,
        number=event.order_id,
        title=str(words) % named,
        text=text % named,
        at=event.at,
    )


_WORDS: dict[str, tuple[str, str, str | Promise]] = {
    Decision.FOUND: ("green", "check", gettext_lazy("%(number)s was bought")),
    Decision.SEND_ANEW: ("accent", "send", gettext_lazy("%(number)s sent anew")),
    Decision.GIVE_UP: ("grey", "undo-2", gettext_lazy("%(number)s refunded %(amount)s")),
    Decision.REFUND: ("grey", "undo-2", gettext_lazy("%(number)s refunded %(amount)s")),
    Decision.WAIT: ("grey", "hourglass", gettext_lazy("%(number)s waits")),
    Decision.PARTIAL: (
        "violet",
        "circle-slash",
        gettext_lazy("%(number)s set as partly delivered"),
    ),
    Decision.NOTHING_OWED: ("green", "check", gettext_lazy("%(number)s closed, nothing owed")),
}
