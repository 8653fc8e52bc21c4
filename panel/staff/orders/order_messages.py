"""The conversation with the client, on an order's page for staff."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from orders import messages
from orders.models import Message, Order
from panel.message_form import MessageForm, next_message


@dataclass(frozen=True)
class Line:
    """One message: the client's, or somebody's of the house by name."""

    text: str
    at: datetime
    who: str
    is_mine: bool


@dataclass(frozen=True)
class Card:
    """The conversation, and whether somebody should answer."""

    lines: list[Line]
    waits: bool
    can_read: bool
    form: MessageForm


def card(request: HttpRequest, order: Order) -> Card:
    """What the page shows of an order's messages; two queries."""
    conversation = getattr(order, "conversation", None)
    return Card(
        lines=[_line(message) for message in messages.of(order)],
        waits=bool(conversation and conversation.waits_for_staff),
        can_read=order.customer.user_id is not None,
        form=next_message(request, order, _("Message to the client")),
    )


def _line(message: Message) -> Line:
    who = _("Client") if message.from_customer else str(message.author)
    return Line(message.text, message.at, who, not message.from_customer)
