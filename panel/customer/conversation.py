"""What a customer and the house wrote to each other about an order, on the customer's pages."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages as toasts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import messages
from orders.errors import Declined, FieldErrors
from orders.models import Message
from orders.people import visible_orders
from panel.access import customer_required, person, user
from panel.message_form import keep_unsent


@dataclass(frozen=True)
class Line:
    """One message as its customer reads it: theirs, or the house's without a name."""

    text: str
    at: datetime
    is_mine: bool


def lines(found: list[Message]) -> list[Line]:
    """The messages for the page."""
    return [Line(message.text, message.at, message.from_customer) for message in found]


@customer_required
@require_POST
def write(request: HttpRequest, number: int) -> HttpResponse:
    """Send a message about an order of the customer's own."""
    mine = visible_orders(person(request)).select_related("customer__user")
    order = get_object_or_404(mine, pk=number)
    text = request.POST.get("text", "")
    try:
        key = request.POST.get("key") or None
        messages.write(order, text, by=user(request), now=timezone.now(), key=key)
    except Declined as declined:
        keep_unsent(request, order, text)
        toasts.error(request, _words(declined))
    else:
        toasts.success(request, _("Sent. We answer here, and by e-mail."))
    return redirect("my:order", number=number)


def _words(declined: Declined) -> str:
    if isinstance(declined, FieldErrors):
        return " ".join(declined.errors.values())
    return str(declined)
