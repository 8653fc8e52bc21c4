"""What clients wrote about their orders: those that wait for an answer, the oldest first; all."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages as toasts
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from orders import messages
from orders.errors import Declined
from orders.models import Message
from orders.people import Person, visible_orders
from panel import paginator
from panel.access import person, staff_required, user
from panel.htmx import render
from panel.message_form import keep_unsent
from panel.staff.amounts import refusal_text

MOST_WAITING = 200
"""Conversations that the first tab holds; what is beyond moves up as they are answered."""


@dataclass(frozen=True)
class Row:
    """One message in the list."""

    number: int
    order: int
    service: str
    client: str
    text: str
    who: str
    at: datetime


@staff_required
def inbox(request: HttpRequest) -> HttpResponse:
    """The list; to HTMX only the table."""
    who, shows_all = person(request), request.GET.get("tab") == "all"
    page = paginator.page(_all(who), request.GET) if shows_all else None
    rows = [_row(message) for message in (page.rows if page else _waiting(who))]
    return render(
        request,
        "staff/messages.html",
        {
            "rows": rows,
            "shows_all": shows_all,
            "newer": page.newer if page else "",
            "older": page.older if page else "",
            "tabs": lambda: _tabs(who, shows_all),
        },
        parts=("message-table",),
    )


@staff_required
@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Write to the client about an order."""
    mine = visible_orders(person(request)).select_related("customer__user")
    order = get_object_or_404(mine, pk=number)
    key, text = request.POST.get("key") or None, request.POST.get("text", "")
    try:
        messages.write(order, text, by=user(request), now=timezone.now(), key=key)
    except Declined as error:
        toasts.error(request, refusal_text(error))
        keep_unsent(request, order, text)
    else:
        reads = order.customer.user is not None
        told = _("Kept; this client has no sign-in to read it.")
        if reads:
            told = _("The client reads it on the order's page.")
        toasts.success(request, told)
    return redirect("staff:order", number=number)


@staff_required
@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a message needs no answer."""
    order = get_object_or_404(visible_orders(person(request)), pk=number)
    try:
        messages.close(order, by=user(request), now=timezone.now())
    except Declined as error:
        toasts.error(request, str(error))
    return redirect("staff:order", number=number)


def _all(who: Person) -> QuerySet[Message]:
    return _joined(messages.visible(who))


def _waiting(who: Person) -> list[Message]:
    """The first message without an answer of each conversation that waits, the oldest first."""
    first = Message.objects.filter(
        conversation=OuterRef("pk"), at__gte=OuterRef("waiting_since"), from_customer=True
    ).order_by("pk")
    firsts = (
        messages.to_answer(who)
        .order_by("waiting_since", "pk")
        .annotate(first=Subquery(first.values("pk")[:1]))
    )
    numbers = list(firsts.values_list("first", flat=True)[:MOST_WAITING])
    found = {message.pk: message for message in _joined(Message.objects.filter(pk__in=numbers))}
    return [found[number] for number in numbers if number in found]


def _joined(rows: QuerySet[Message]) -> QuerySet[Message]:
    return rows.select_related(
        "author", "conversation__order__service", "conversation__order__customer"
    )


def _row(message: Message) -> Row:
    order = message.conversation.order
    return Row(
        number=message.pk,
        order=order.pk,
        service=order.service.name,
        client=order.customer.name,
        text=message.text,
        who="" if message.from_customer else str(message.author),
        at=message.at,
    )


def _tabs(who: Person, shows_all: bool) -> list[dict[str, object]]:
    waiting = paginator.count_up_to(messages.to_answer(who))
    everything = pgettext("messages", "All")
    return [
        {"label": _("To answer"), "url": "?", "current": not shows_all, "count": waiting},
        {"label": everything, "url": "?tab=all", "current": shows_all, "count": None},
    ]
