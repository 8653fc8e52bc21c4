"""Buying a service from another offer of the same type: found, compared, then decided."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from orders import catalog, pricing, rules, service_types
from orders.errors import Declined, StateChanged
from orders.models import Offer, Service, Staff
from panel.access import admin_required, person, user
from panel.display import as_decimal
from panel.htmx import render
from panel.staff.amounts import refusal_text
from panel.staff.services import service_rows

MOST = 50


@dataclass(frozen=True)
class Choice:
    """An offer, and what the service would be with it."""

    number: int
    provider: str
    upstream_id: str
    name: str
    least: int
    most: int
    refill: bool
    cancel: bool
    rate: Decimal
    cost: Decimal
    price: Decimal | None
    margin: Decimal | None


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def repoint(request: HttpRequest, number: int) -> HttpResponse:
    """The offers that fit; with one chosen, both side by side and the question."""
    services = service_rows.joined(Service.objects.all())
    service = get_object_or_404(services, pk=number)
    if request.method == "POST":
        return _point(request, service)
    text = request.GET.get("q", "").strip()[:100]
    terms = _Terms(service, person(request).staff)
    wanted = number_in_address(request.GET.get("offer"))
    chosen = fitting(service).filter(pk=wanted).first() if wanted is not None else None
    context: dict[str, Any] = {
        "service": service.pk,
        "name": service.name,
        "text": text,
        "now": terms.choice(service.offer),
        "chosen": terms.choice(chosen) if chosen else None,
        "limits_shrink": chosen is not None and _shrinks(service.offer, chosen),
        "sold": terms.package,
    }
    if chosen is None:
        hits = list(found(service, text)[: MOST + 1])
        context["choices"] = [terms.choice(offer) for offer in hits[:MOST]]
        context["cut"] = len(hits) > MOST
    return render(request, "staff/repoint.html", context, parts=("offers",))


def _point(request: HttpRequest, service: Service) -> HttpResponse:
    offer = get_object_or_404(Offer, pk=number_in_address(request.POST.get("offer")) or 0)
    reason = request.POST.get("reason", "").strip()[:300]
    try:
        if as_decimal(request.POST.get("rate")) != offer.rate:
            raise StateChanged("Its rate has moved since you looked. Look once more.")
        row = catalog.point_at(service, offer, user(request), timezone.now(), reason=reason)
    except Declined as error:
        messages.error(request, refusal_text(error))
        return redirect("staff:repoint", number=service.pk)
    more = f" It stays paused: {row.pause_detail}" if row.pause else ""
    messages.success(request, f"Service {row.pk} is bought from the other offer now.{more}")
    return redirect("staff:service", number=row.pk)


def fitting(service: Service) -> QuerySet[Offer]:
    """The other offers of the same type that are there."""
    same = Offer.objects.filter(service_type=service.offer.service_type, retired_at=None)
    return same.exclude(pk=service.offer_id).select_related("provider")


def found(service: Service, text: str) -> QuerySet[Offer]:
    """Those whose number is the text, or whose name or category holds its words; else all.

    What stands in the same category at its provider comes first.
    """
    offers = fitting(service)
    if text.isdecimal():
        return offers.filter(upstream_id=text).order_by("pk")
    for word in text.split():
        offers = offers.filter(Q(name__icontains=word) | Q(category__icontains=word))
    here = When(category=service.offer.category, then=Value(0))
    nearness = Case(here, default=Value(1), output_field=IntegerField())
    return offers.order_by(nearness, "name", "pk")


def number_in_address(text: str | None) -> int | None:
    digits = text is not None and text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if text is not None and digits else None


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
            number=offer.pk,
            provider=offer.provider.name,
            upstream_id=offer.upstream_id,
            name=offer.name,
            least=offer.least,
            most=offer.most,
            refill=offer.refill,
            cancel=offer.cancel,
            rate=offer.rate,
            cost=catalog.cost_per_1000(offer.rate, offer.provider),
            price=price.price if price else None,
            margin=price.margin_percent if price else None,
        )

    def _quote(self, offer: Offer) -> pricing.Quote | None:
        if not self._markups:
            return None
        cost, markup = rules.cost_of(offer, offer.provider), pricing.choose(self._markups)
        billable = 1 if self.package else 1000
        return pricing.quote(cost, markup, self._terms, billable, package=self.package)
