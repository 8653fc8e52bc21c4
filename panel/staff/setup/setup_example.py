"""What a markup and a floor come to, on one of the panel's own services."""

from dataclasses import dataclass
from decimal import Decimal

from orders import pricing, rules
from orders.enums import MarkupKind, PriceLevel
from orders.models import Panel, Service
from orders.panel_settings import current

SAMPLE = Decimal("1.2")
PER = 1000


@dataclass(frozen=True)
class Example:
    """One service at a markup and a floor; without a catalog, a made-up one without a name."""

    name: str
    quote: pricing.Quote
    is_real: bool
    number: int | None = None


def example(markup: Decimal, floor: Decimal) -> Example:
    """The first service on sale, else the first there is, per 1000, at these percentages."""
    panel, service = current(), _service()
    act = pricing.Markup(PriceLevel.PANEL, MarkupKind.PERCENT, markup)
    cost = (
        rules.cost_of(service.offer, service.offer.provider)
        if service
        else pricing.Cost(SAMPLE, panel.currency)
    )
    quote = pricing.quote(cost, act, _terms(floor, panel), PER)
    if service is None:
        return Example("", quote, is_real=False)
    return Example(service.name, quote, is_real=True, number=service.pk)


def _service() -> Service | None:
    """One that is sold per 1000, so that the figures are those of the lists."""
    priced = Service.objects.filter(
        offer__service_type="default", offer__rate__gt=0, offer__retired_at=None
    )
    shown = priced.select_related("offer__provider").order_by("-is_visible", "pk")
    return shown.first()


def _terms(floor: Decimal, panel: Panel) -> pricing.Terms:
    return pricing.Terms(
        floors=(pricing.Bound(floor, "panel"),),
        step=panel.price_step,
        minimum_charge=panel.minimum_charge,
        currency=panel.currency,
    )
