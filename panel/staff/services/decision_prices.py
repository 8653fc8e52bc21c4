"""What a service would sell for at a cost, and at a markup: rules and bounds read once for all."""

from collections.abc import Sequence
from decimal import Decimal

from orders import pricing, service_types
from orders.enums import MarkupKind, PriceLevel
from orders.models import Service
from orders.panel_settings import current
from orders.people import Person
from orders.rules import reading

PER = 1000


class Prices:
    """The price list's rules and bounds about some services; three queries."""

    def __init__(self, services: Sequence[Service], who: Person):
        staff = who.staff.pk if who.staff else None
        self._rules = reading.acting_rules(services, None, staff)
        self._bounds = reading.acting_bounds(services, staff)
        self._panel = current()

    def at_cost(self, service: Service, cost: Decimal) -> pricing.Quote | None:
        """By the rules, at this cost in the panel's currency; None: no rule or type known."""
        markups = reading.markups_of(self._rules, service)
        return self._quote(service, cost, pricing.choose(markups)) if markups else None

    def at_markup(self, service: Service, cost: Decimal, percent: Decimal) -> pricing.Quote | None:
        """With a markup of its own at this cost."""
        markup = pricing.Markup(PriceLevel.SERVICE, MarkupKind.PERCENT, percent)
        return self._quote(service, cost, markup)

    def _quote(
        self, service: Service, cost: Decimal, markup: pricing.Markup
    ) -> pricing.Quote | None:
        if not service.offer.service_type:
            return None
        package = service_types.by_slug(service.offer.service_type).package
        whole = pricing.Cost(
            rate=cost,
            currency=self._panel.currency,
            exchange_rate=Decimal(1),
            factor=Decimal(1),
            provider=service.offer.provider.name,
        )
        terms = reading.terms_of(self._bounds, service, self._panel)
        return pricing.quote(whole, markup, terms, 1 if package else PER, package=package)
