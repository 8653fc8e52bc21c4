"""A member's own markup, least and most: what a change would move first, then saving it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import rules
from orders.errors import Declined
from orders.models import Customer, Staff
from orders.people import Person
from panel.access import admin_required, person, user
from panel.display import capped, count, percent
from panel.htmx import render
from panel.paginator import count_up_to
from panel.staff.amounts import add_refusal
from panel.staff.people import price_moves
from panel.staff.people.people_forms import BoundsForm, MarkupForm, SeenForm
from panel.staff.people.people_rows import member_of, own_bounds, own_markups

INVALID = 422


@dataclass(frozen=True)
class Subject:
    """What is changed: the markup, or the least and the most."""

    name: str | Promise
    url: str
    form: type[MarkupForm] | type[BoundsForm]
    first: str
    """The field that says that something was asked for."""


MARKUP = Subject(gettext_lazy("Own markup"), "staff:member_markup", MarkupForm, "value")
BOUNDS = Subject(gettext_lazy("Least and most"), "staff:member_bounds", BoundsForm, "floor")


class PricesPage:
    """A change of one member's rule, as far as it is said; nothing is written."""

    def __init__(self, staff: Staff, who: Person, subject: Subject, said: Any):
        self.staff, self.who, self.subject = staff, who, subject
        self.number, self.name = staff.pk, staff.name
        self.form = subject.form(staff, said if subject.first in said else None)
        self.preview = self._preview()

    def _preview(self) -> rules.Preview | None:
        if not (self.form.is_bound and self.form.is_valid()):
            return None
        try:
            return rules.preview([self.form.change()])
        except Declined as error:
            add_refusal(self.form, error)
            return None

    @property
    def stands(self) -> str:
        """What acts now, in words."""
        told = own_markups if self.subject is MARKUP else own_bounds
        return told([self.staff]).get(self.number, _("none"))

    @property
    def refusal(self) -> str:
        """Why it cannot be saved, whatever the reason."""
        if self.preview is None:
            return ""
        if self.preview.is_idle:
            return _("It stands so already.")
        return "" if self.who.is_owner else self.preview.owner_only

    @cached_property
    def moves(self) -> list[price_moves.Row]:
        return price_moves.of_preview(self.preview) if self.preview else []

    @property
    def figures(self) -> list[dict[str, Any]]:
        """How many clients and services, and the margin before and after."""
        seen = self.preview
        if seen is None:
            return []
        managed = capped(count_up_to(Customer.objects.filter(manager=self.staff)))
        counts = seen.counts
        return [
            {
                "label": _("Clients who pay other prices"),
                "value": count(seen.clients),
                "tone": "accent" if seen.clients else "",
                "note": _("of %(managed)s whom they manage") % {"managed": managed},
            },
            {
                "label": _("Services with another price"),
                "value": count(seen.moved),
                "note": _("%(rises)s up, %(falls)s down")
                % {
                    "rises": count(counts[rules.Fate.RISES]),
                    "falls": count(counts[rules.Fate.FALLS]),
                },
            },
            {
                "label": _("Margin after"),
                "value": percent(seen.margin_after),
                "note": _("before %(margin_before)s; the median of services")
                % {"margin_before": percent(seen.margin_before)},
            },
        ]


@admin_required
def member_markup(request: HttpRequest, number: int) -> HttpResponse:
    """What another own markup would move; by POST, setting it or taking it away."""
    return _prices(request, number, MARKUP)


@admin_required
def member_bounds(request: HttpRequest, number: int) -> HttpResponse:
    """What another least or most would move; by POST, setting them."""
    return _prices(request, number, BOUNDS)


def _prices(request: HttpRequest, number: int, subject: Subject) -> HttpResponse:
    is_press = request.method == "POST"
    said = request.POST if is_press else request.GET
    page = PricesPage(member_of(number), person(request), subject, said)
    form = SeenForm(said if is_press else None)
    if is_press and page.preview is not None and form.is_valid() and _saved(request, page, form):
        return redirect("staff:member", number=number)
    return _answer(request, page, form, INVALID if is_press else 200)


def _saved(request: HttpRequest, page: PricesPage, form: SeenForm) -> bool:
    assert page.preview is not None
    said: dict[str, Any] = form.cleaned_data
    try:
        rules.save(
            page.preview.changes,
            said["seen"],
            by=user(request),
            now=timezone.now(),
            reason=said["reason"],
        )
    except Declined as error:
        add_refusal(form, error)
        return False
    words = _("%(what)s of %(name)s: changed. Open orders keep their price.") % {
        "what": page.subject.name,
        "name": page.name,
    }
    messages.success(request, words)
    return True


def _answer(request: HttpRequest, page: PricesPage, form: SeenForm, status: int) -> HttpResponse:
    context = {"page": page, "form": form, "seen": page.preview and page.preview.fingerprint}
    return render(request, "staff/people_prices.html", context, status=status)
