"""Choosing a service's fallback: found, looked at beside today's price, then named, or dropped."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders import catalog, panel_settings, rules
from orders.errors import Declined, StateChanged
from orders.models import Offer, Service
from panel.access import admin_required, person, user
from panel.display import as_decimal
from panel.drafting import number_in
from panel.htmx import render
from panel.staff.amounts import refusal_text
from panel.staff.services import service_rows
from panel.staff.services.fallback_rows import beside, fallback_of
from panel.staff.services.offers import choosing


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def fallback(request: HttpRequest, number: int) -> HttpResponse:
    """The offers that fit; with one chosen, what it would be and the question."""
    services = service_rows.joined(Service.objects.all())
    service = get_object_or_404(services.select_related(*service_rows.FALLBACKS), pk=number)
    if request.method == "POST":
        return _choose(request, service)
    panel, who = panel_settings.current(), person(request)
    quote = rules.price_list([service], None, who.staff, panel=panel).get(service.pk)
    context = choosing(request, service, lambda offer: beside(service, offer, quote, panel)) | {
        "price": quote.price if quote else None,
        "unit": _("per package")
        if service_rows.row(service, quote, who, panel).package
        else _("per 1000"),
        "now": fallback_of(service, quote, panel),
        "minutes": panel.fallback_minutes,
    }
    return render(request, "staff/fallback.html", context, parts=("offers",))


def _choose(request: HttpRequest, service: Service) -> HttpResponse:
    wanted = number_in(request.POST.get("offer"))
    offer = get_object_or_404(Offer, pk=wanted) if wanted is not None else None
    try:
        rate = as_decimal(request.POST.get("rate"))
        if offer is not None and rate is None:
            raise StateChanged(_("Look at its rate once more."))
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
    words = _("Service %(number)s has no fallback any more.")
    if offer:
        words = _("Service %(number)s has a fallback now.")
    messages.success(request, words % {"number": service.pk})
    return redirect("staff:service", number=service.pk)
