"""The form for a message on an order, the same for customers and staff."""

from uuid import uuid4

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orders import messages
from orders.models import Order
from panel.unsent import LONGEST

_UNSENT = "unsent_message"
"""Where the session keeps what could not be sent, for the page that follows."""


class MessageForm(forms.Form):
    """One message; `key` makes a second press harmless."""

    text = forms.CharField(
        label=_("Message"),
        max_length=messages.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)


def next_message(request: HttpRequest, order: Order, label: str = "") -> MessageForm:
    """A form for the next message, with what was typed if the last one could not be sent."""
    kept = request.session.pop(_UNSENT, None) or {}
    text = kept.get("text", "") if kept.get("order") == order.pk else ""
    form = MessageForm(initial={"key": uuid4().hex, "text": text}, auto_id="message-%s")
    form.fields["text"].label = label or form.fields["text"].label
    return form


def keep_unsent(request: HttpRequest, order: Order, text: str) -> None:
    """Put a message that could not be sent back into the next form."""
    request.session[_UNSENT] = {"order": order.pk, "text": text[:LONGEST]}
