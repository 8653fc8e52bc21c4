"""Choosing a service's fallback: found, looked at beside today's price, then named, or dropped."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from orders import catalog, panel_settings, rules
from orders.errors import Declined, StateChanged
from orders.models import Offer, Service
from panel.access import admin_required, person, user
from panel.display import as_decimal
from panel.htmx import render
from panel.staff.amounts import refusal_text
from panel.staff.services import service_rows
from panel.staff.services.fallback_rows import beside, fallback_of
from panel.staff.services.repoint import fitting, found, number_in_address

MOST = 50


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def fallback(request: HttpRequest, number: int) -> HttpResponse:
    """The offers that fit; with one chosen, what it would be and the question."""
    services = service_rows.joined(Service.objects.all())
    service = get_object_or_404(services.select_related(*service_rows.FALLBACKS), pk=number)
    if request.method == "POST":
        return _choose(request, service)
    panel, text = panel_settings.current(), request.GET.get("q", "").strip()[:100]
    quote = rules.price_list([service], None, person(request).staff, panel=panel).get(service.pk)
    wanted = number_in_address(request.GET.get("offer"))
    offers = fitting(service).select_related("provider__state")
    chosen = offers.filter(pk=wanted).first() if wanted is not None else None
    context: dict[str, Any] = {
        "service": service.pk,
        "name": service.name,
        "text": text,
        "price": quote.price if quote else None,
        "unit": "per package"
        if service_rows.row(service, quote, person(request), panel).package
        else "per 1000",
        "now": fallback_of(service, quote, panel),
        "chosen": beside(service, chosen, quote, panel) if chosen else None,
        "minutes": panel.fallback_minutes,
    }
    if chosen is None:
        hits = list(found(service, text).select_related("provider__state")[: MOST + 1])
        context["choices"] = [beside(service, offer, quote, panel) for offer in hits[:MOST]]
        context["cut"] = len(hits) > MOST
    return render(request, "staff/fallback.html", context, parts=("offers",))


def _choose(request: HttpRequest, service: Service) -> HttpResponse:
    wanted = number_in_address(request.POST.get("offer"))
    offer = get_object_or_404(Offer, pk=wanted) if wanted is not None else None
    try:
        rate = as_decimal(request.POST.get("rate"))
        if offer is not None and rate is None:
            raise StateChanged("Look at its rate once more.")
        catalog.choose_fallback(
            service,
            offer,
            rate=rate if offer else None,
            by=user(request),
            now=timezone.now(),
            reason=request.POST.get("reason", "").strip()[:300],
        )
    except Declined as error:
        messages.error(request, refusal_text(error))
        return redirect("staff:fallback", number=service.pk)
    told = "has a fallback now" if offer else "has no fallback any more"
    messages.success(request, f"Service {service.pk} {told}.")
    return redirect("staff:service", number=service.pk)
