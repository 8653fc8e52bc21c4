"""One order: where it stands, what happened, what it cost, and the one act that fits."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from orders.people import visible_orders
from panel.access import person, staff_required
from panel.htmx import render
from panel.staff.orders import order_messages, order_page, order_tracking
from panel.staff.orders.order_note import next_note


@staff_required
def order(request: HttpRequest, number: int) -> HttpResponse:
    """The page; to HTMX its live part, with new dialogs when what can be done has changed."""
    who = person(request)
    found = get_object_or_404(order_page.joined(visible_orders(who)), pk=number)
    page = order_page.OrderPage(found, who, timezone.now())
    seen = request.GET.get("seen")
    return render(
        request,
        "staff/order.html",
        {
            "page": page,
            "dialogs_changed": seen is not None and seen != page.seen,
            "note_form": SimpleLazyObject(lambda: next_note(request, found)),
            "tracking": order_tracking.card(request, found),
            # Lazy: the live part shows no form, and must not use up what is kept for one.
            "talk": SimpleLazyObject(lambda: order_messages.card(request, found)),
        },
        parts=("order-live",),
        finished=page.finished,
    )
