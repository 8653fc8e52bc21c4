"""Services: the list, one service's page, and what an admin decides about it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import wraps
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orders import catalog
from orders.errors import Declined, FieldErrors, StateChanged
from orders.kept_words import told
from orders.models import Service
from panel import unsent
from panel.access import admin_required, person, staff_required, user
from panel.htmx import render
from panel.staff import setup_steps
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.services import decision_rows, service_rows
from panel.staff.services.service_page import DescribeForm, RefillForm, ServicePage
from panel.staff.services.service_rows import STATES, Asked

INVALID = 422
Act = Callable[[HttpRequest, Service, datetime], str]


@staff_required
def services(request: HttpRequest) -> HttpResponse:
    """What we sell; to HTMX only the table."""
    who = person(request)
    asked = Asked.of(request.GET, who)
    context = {
        "found": service_rows.found(asked, who, request.GET),
        "asked": asked,
        "choices": [_choice(asked, state) for state in STATES],
        "categories": service_rows.categories,
        "providers": service_rows.providers if who.sees_cost else (),
        "fitting": asked.services(who).count,
        "most": catalog.MOST_CHANGED,
        "sees_cost": who.sees_cost,
        "is_admin": who.is_admin,
        "to_decide": decision_rows.counts if who.is_admin else None,
        "next_step": setup_steps.next_step(who),
    }
    return render(request, "staff/services.html", context, parts=("service-table",))


@staff_required
def service(request: HttpRequest, number: int) -> HttpResponse:
    """One service."""
    return _page(request, _service(number))


@admin_required
@require_POST
def describe(request: HttpRequest, number: int) -> HttpResponse:
    """Change the words that customers read."""
    found, form = _service(number), DescribeForm(request.POST)
    if form.is_valid():
        try:
            catalog.describe(found, user(request), timezone.now(), **form.cleaned_data)
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Service %(number)s is changed.") % {"number": number})
            return redirect("staff:service", number=number)
    return _page(request, found, form)


def _posted(act: Act) -> Callable[..., HttpResponseBase]:
    """A view that does `act` to a service for an admin and tells how it went."""

    @admin_required
    @require_POST
    @wraps(act)
    def view(request: HttpRequest, number: int) -> HttpResponse:
        try:
            messages.success(request, act(request, _service(number), timezone.now()))
        except Declined as error:
            messages.error(request, refusal_text(error))
        return redirect("staff:service", number=number)

    return view


@_posted
def hide(request: HttpRequest, service: Service, now: datetime) -> str:
    """Take it out of the shop."""
    catalog.hide(service, user(request), now, reason=_reason(request))
    return _("Service %(number)s is hidden.") % {"number": service.pk}


@_posted
def show(request: HttpRequest, service: Service, now: datetime) -> str:
    """Put it into the shop."""
    catalog.show(service, user(request), now, reason=_reason(request))
    return _("Service %(number)s is in the shop.") % {"number": service.pk}


@_posted
def pause(request: HttpRequest, service: Service, now: datetime) -> str:
    """Take it off sale until somebody resumes it."""
    catalog.pause(service, user(request), now, reason=_reason(request))
    return _("Service %(number)s is paused.") % {"number": service.pk}


@_posted
def resume(request: HttpRequest, service: Service, now: datetime) -> str:
    """Sell it again, unless the machine has a reason of its own."""
    row = catalog.resume(service, user(request), now, reason=_reason(request))
    if row.pause:
        return _("Service %(number)s stays paused: %(why)s") % {
            "number": row.pk,
            "why": told(row.pause_detail),
        }
    return _("Service %(number)s is on sale again.") % {"number": row.pk}


@_posted
def accept(request: HttpRequest, service: Service, now: datetime) -> str:
    """Accept the cost that the person saw."""
    seen = _seen_rate(request)
    reason = _reason(request)
    row = catalog.accept_rate(service, user(request), now, seen_rate=seen, reason=reason)
    if row.pause:
        return _("The cost is accepted. Service %(number)s stays paused: %(why)s") % {
            "number": row.pk,
            "why": told(row.pause_detail),
        }
    return _("The cost is accepted; service %(number)s is on sale again.") % {"number": row.pk}


@_posted
def set_refill_window(request: HttpRequest, service: Service, now: datetime) -> str:
    """How long after completion a refill may be asked for."""
    days = _days(request)
    change = catalog.refilled(days)
    catalog.change_many([service.pk], change, by=user(request), now=now, reason=_reason(request))
    if days is None:
        return _("Refills of service %(number)s can be asked for as long as the provider says.") % {
            "number": service.pk
        }
    words = ngettext(
        "Refills of service %(number)s can be asked for %(days)s day long.",
        "Refills of service %(number)s can be asked for %(days)s days long.",
        days,
    )
    return words % {"number": service.pk, "days": days}


def _days(request: HttpRequest) -> int | None:
    """The typed days; None where nothing was typed. Raises `FieldErrors`."""
    form = RefillForm(request.POST)
    if not form.is_valid():
        raise FieldErrors({name: str(errors[0]) for name, errors in form.errors.items()})
    days: int | None = form.cleaned_data["days"]
    return days


def _service(number: int) -> Service:
    return get_object_or_404(service_rows.joined(Service.objects.all()), pk=number)


def _page(request: HttpRequest, found: Service, form: DescribeForm | None = None) -> HttpResponse:
    who = person(request)
    words = {"name": found.name, "description": found.description}
    refills = reverse("staff:set_refill_window", args=[found.pk])
    context = {
        "page": ServicePage(found, who, unsent.text(request, refills, "days")),
        "form": form or DescribeForm(initial=words),
        "form_open": form is not None,
        "sees_cost": who.sees_cost,
        "is_admin": who.is_admin,
    }
    return render(request, "staff/service.html", context, status=INVALID if form else 200)


def _choice(asked: Asked, state: str) -> dict[str, object]:
    query = urlencode(replace(asked, state=state).fields)
    url = f"{reverse('staff:services')}?{query}"
    return {"label": STATES[state][0], "url": url, "current": state == asked.state}


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:300]


def _seen_rate(request: HttpRequest) -> Decimal:
    try:
        return Decimal(request.POST.get("rate", ""))
    except InvalidOperation as error:
        raise StateChanged(_("Open the service again and look at its cost.")) from error
