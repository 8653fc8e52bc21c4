"""Choosing an offer for a service: found among those of its type, each shown beside the service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest

from orders.models import Offer, Service
from panel.drafting import number_in

MOST = 50


@dataclass(frozen=True)
class Choice:
    """An offer, and what the service would be with it. Amounts are of 1000, or of a package."""

    offer: Offer
    cost: Decimal
    price: Decimal | None
    margin: Decimal | None
    below_floor: bool = False
    concerns: Sequence[str] = ()
    falls_short: Sequence[str] = ()


def choosing(
    request: HttpRequest, service: Service, shown: Callable[[Offer], Choice]
) -> dict[str, Any]:
    """What a page shows that asks for an offer: the one that was chosen, or those that fit."""
    text = request.GET.get("q", "").strip()[:100]
    wanted = number_in(request.GET.get("offer"))
    chosen = fitting(service).filter(pk=wanted).first() if wanted is not None else None
    context = {"service": service.pk, "name": service.name, "text": text}
    if chosen is not None:
        return context | {"chosen": shown(chosen)}
    hits = list(found(service, text)[: MOST + 1])
    return context | {"choices": [shown(offer) for offer in hits[:MOST]], "cut": len(hits) > MOST}


def fitting(service: Service) -> QuerySet[Offer]:
    """The other offers of the same type that are there."""
    same = Offer.objects.filter(service_type=service.offer.service_type, retired_at=None)
    return same.exclude(pk=service.offer_id).select_related("provider__state")


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
