"""The prices of many services at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple, TypeVar

from django.db.models import Q, prefetch_related_objects

from orders import pricing, service_types
from orders.models import Bound, Customer, MarkupRule, Panel, Provider, Service, Staff
from orders.panel_settings import current
from orders.rules.reading import (
    Place,
    about_customer,
    acting_bounds,
    acting_rules,
    cost_at,
    cost_of,
    markups_of,
    staff_id_for,
    terms_of,
)

PER = 1000
R = TypeVar("R", MarkupRule, Bound)


def priced(customer: Customer) -> Q:
    """The services that some acting markup gives this customer a price for. One query."""
    acting = MarkupRule.objects.filter(about_customer(customer), ended_at=None)
    scopes = set(acting.values_list("service_id", "category_id"))
    if (None, None) in scopes:
        return Q()
    by_service = [service for service, _ in scopes if service is not None]
    by_category = [category for _, category in scopes if category is not None]
    return Q(pk__in=by_service) | Q(category__in=by_category)


def price_list(
    services: Iterable[Service],
    customer: Customer | None = None,
    staff: Staff | None = None,
    *,
    panel: Panel | None = None,
) -> dict[int, pricing.Quote]:
    """What 1000 (or one package) of each service costs this customer, by the service's number.

    A service without a markup or of an unknown type has no price and is left out. The number of
    queries is the same for one service and for many: three, and those for offers not yet fetched.
    """
    listed = list(services)
    prefetch_related_objects(listed, "offer__provider")
    places = [Place(service.pk, service.category_id) for service in listed]
    acting = _acting(places, customer, staff_id_for(customer, staff), panel or current())
    prices = {}
    for service, place in zip(listed, places, strict=True):
        found = acting(place) if service.offer.service_type else None
        if found is not None:
            prices[service.pk] = _quote(service, *found)
    return prices


class Costed(NamedTuple):
    """A service of a known type, as far as its price depends on it."""

    place: Place
    rate: Decimal
    """What the provider asks, in its currency."""
    provider: Provider


def rate_list(
    services: Sequence[Costed], customer: Customer, *, panel: Panel | None = None
) -> list[Decimal | None]:
    """What 1000 (or one package) of each service costs this customer, in their order; None without
    a price. The rates of `price_list`, many times quicker. Two queries, for one and for many."""
    staff_id = staff_id_for(customer, None)
    acting = _acting([one.place for one in services], customer, staff_id, panel or current())
    rates: list[Decimal | None] = []
    for place, rate, provider in services:
        found = acting(place)
        rates.append(found and pricing.selling_rate(cost_at(rate, provider), *found))
    return rates


Acting = Callable[[Place], tuple[pricing.Markup, pricing.Terms] | None]


def acting(
    services: Iterable[Service], customer: Customer, staff: Staff | None, panel: Panel
) -> Callable[[Service], tuple[pricing.Markup, pricing.Terms] | None]:
    """What tells the markup and terms of a sale of one of these services to this customer; None
    without a price. `staff` is the member who places. Two queries, for one service and for many.
    """
    places = {service.pk: Place(service.pk, service.category_id) for service in services}
    found = _acting(list(places.values()), customer, staff_id_for(customer, staff), panel)
    return lambda service: found(places[service.pk])


def _acting(
    places: Sequence[Place], customer: Customer | None, staff_id: int | None, panel: Panel
) -> Acting:
    """What tells the markup and terms of a service; worked out once for all of a shelf that no
    rule names. Two queries."""
    rules = acting_rules(places, customer, staff_id)
    bounds = acting_bounds(places, staff_id)
    rules_of, bounds_of = _shared_out(rules), _shared_out(bounds)
    named = {rule.service_id for rule in (*rules, *bounds)}

    @cache
    def found(place: Place) -> tuple[pricing.Markup, pricing.Terms] | None:
        markups = markups_of(rules_of(place), place)
        if not markups:
            return None
        return pricing.choose(markups), terms_of(bounds_of(place), place, panel)

    return lambda place: found(place if place.pk in named else Place(None, place.category_id))


def _shared_out(rules: Iterable[R]) -> Callable[[Place], list[R]]:
    """Those that can speak about a service, without a look at every other service's rule."""
    about: defaultdict[tuple[int | None, int | None], list[R]] = defaultdict(list)
    for rule in rules:
        about[rule.service_id, rule.category_id].append(rule)

    def of(place: Place) -> list[R]:
        scopes = dict.fromkeys(((place.pk, None), (None, place.category_id), (None, None)))
        return [rule for scope in scopes for rule in about[scope]]

    return of


def _quote(service: Service, markup: pricing.Markup, terms: pricing.Terms) -> pricing.Quote:
    offer = service.offer
    package = service_types.by_slug(offer.service_type).package
    billable = 1 if package else PER
    return pricing.quote(cost_of(offer, offer.provider), markup, terms, billable, package=package)
