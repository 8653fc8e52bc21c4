"""Notes on an order that only staff read."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orders import notes
from orders.errors import Declined
from orders.models import Order
from orders.people import visible_orders
from panel import unsent
from panel.access import person, staff_required, user
from panel.staff.amounts import refusal_text


class NoteForm(forms.Form):
    """One note."""

    text = forms.CharField(
        label=_("Note"),
        max_length=notes.LONGEST,
        help_text=_("Only staff who see this order read it, with your name and the time."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def next_note(request: HttpRequest, order: Order) -> NoteForm:
    """A form for the next note, with what was typed if the last one could not be kept."""
    url = reverse("staff:note_order", args=[order.pk])
    return NoteForm(initial={"text": unsent.text(request, url, "text")})


@staff_required
@require_POST
def note(request: HttpRequest, number: int) -> HttpResponse:
    """Keep a note with an order."""
    order = get_object_or_404(visible_orders(person(request)), pk=number)
    try:
        notes.write(order, request.POST.get("text", ""), by=user(request), now=timezone.now())
    except Declined as error:
        messages.error(request, refusal_text(error))
    return redirect("staff:order", number=number)
