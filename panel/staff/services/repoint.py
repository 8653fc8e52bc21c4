"""Buying a service from another offer of the same type: found, compared, then decided."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders import catalog, pricing, rules, service_types
from orders.errors import Declined, StateChanged
from orders.kept_words import told
from orders.models import Offer, Service, Staff
from panel.access import admin_required, person, user
from panel.display import as_decimal
from panel.drafting import number_in
from panel.htmx import render
from panel.staff.amounts import refusal_text
from panel.staff.services import service_rows
from panel.staff.services.offers import Choice, choosing


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def repoint(request: HttpRequest, number: int) -> HttpResponse:
    """The offers that fit; with one chosen, both side by side and the question."""
    services = service_rows.joined(Service.objects.all())
    service = get_object_or_404(services, pk=number)
    if request.method == "POST":
        return _point(request, service)
    terms = _Terms(service, person(request).staff)
    context = choosing(request, service, terms.choice)
    chosen = context.get("chosen")
    context |= {
        "now": terms.choice(service.offer),
        "limits_shrink": chosen is not None and _shrinks(service.offer, chosen.offer),
        "sold": terms.package,
    }
    return render(request, "staff/repoint.html", context, parts=("offers",))


def _point(request: HttpRequest, service: Service) -> HttpResponse:
    offer = get_object_or_404(Offer, pk=number_in(request.POST.get("offer")) or 0)
    reason = request.POST.get("reason", "").strip()[:300]
    try:
        if as_decimal(request.POST.get("rate")) != offer.rate:
            raise StateChanged(_("Its rate has moved since you looked. Look once more."))
        row = catalog.point_at(service, offer, user(request), timezone.now(), reason=reason)
    except Declined as error:
        messages.error(request, refusal_text(error))
        return redirect("staff:repoint", number=service.pk)
    said = [_("Service %(number)s is bought from the other offer now.") % {"number": row.pk}]
    if row.pause:
        said.append(_("It stays paused: %(why)s") % {"why": told(row.pause_detail)})
    messages.success(request, " ".join(said))
    return redirect("staff:service", number=row.pk)


def _shrinks(old: Offer, new: Offer) -> bool:
    """Whether something that could be ordered or asked for until now can no longer be."""
    narrower = new.least > old.least or new.most < old.most
    return narrower or (old.refill and not new.refill) or (old.cancel and not new.cancel)


class _Terms:
    """The rules that make this service's price, read once for all offers."""

    def __init__(self, service: Service, staff: Staff | None):
        self._markups = rules.markups_for(None, service, staff)
        self._terms = rules.terms_for(service, staff)
        slug = service.offer.service_type
        self.package = bool(slug) and service_types.by_slug(slug).package

    def choice(self, offer: Offer) -> Choice:
        """An offer with the price that the rules would make of it."""
        price = self._quote(offer)
        return Choice(
            offer,
            catalog.cost_per_1000(offer.rate, offer.provider),
            price.price if price else None,
            price.margin_percent if price else None,
        )

    def _quote(self, offer: Offer) -> pricing.Quote | None:
        if not self._markups:
            return None
        cost, markup = rules.cost_of(offer, offer.provider), pricing.choose(self._markups)
        billable = 1 if self.package else 1000
        return pricing.quote(cost, markup, self._terms, billable, package=self.package)
