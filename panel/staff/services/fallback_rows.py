"""An offer as the fallback of a service: what it costs, and what is left of today's price."""

from decimal import Decimal

from orders import catalog, pricing, rules, service_types
from orders.models import Offer, Panel, Service
from panel.staff.services.offers import Choice

HUNDRED = Decimal(100)


def fallback_of(service: Service, quote: pricing.Quote | None, panel: Panel) -> Choice | None:
    """The service's own, if it has one."""
    if service.fallback is None:
        return None
    return beside(service, service.fallback, quote, panel)


def beside(service: Service, offer: Offer, quote: pricing.Quote | None, panel: Panel) -> Choice:
    """Any offer of the same type (join `provider__state`); `quote` is today's price of 1000, which
    stays what it is."""
    seen = _as_if(service, offer)
    slug = service.offer.service_type
    package = bool(slug) and service_types.by_slug(slug).package
    cost = rules.cost_of(offer, offer.provider)
    billable = 1 if package else 1000
    expected = pricing.expected_cost(cost, billable, package=package)
    price = quote.price if quote else None
    floors = (quote.floor,) if quote and quote.floor else ()
    least = pricing.least_price(cost, floors, billable, package=package)
    return Choice(
        offer,
        catalog.cost_per_1000(offer.rate, offer.provider),
        price,
        (price - expected) * HUNDRED / price if price else None,
        below_floor=price is not None and price < least,
        concerns=catalog.fallback_concerns(seen, panel),
        falls_short=catalog.falls_short(seen),
    )


def _as_if(service: Service, offer: Offer) -> Service:
    """The service as it would be with this offer as its fallback; not a row to save."""
    if service.fallback_id == offer.pk:
        return service
    return Service(offer=service.offer, fallback=offer)
