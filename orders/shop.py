"""What a customer can buy now, and at which rate: the shop as its pages and the API list it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, QuerySet, prefetch_related_objects

from orders import catalog, rules, service_types
from orders.models import Customer, Panel, Provider, Service
from orders.panel_settings import current

ORDER = ("category__position", "category__name", "position", "pk")
"""Shelf by shelf, as the house arranged them."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One service as a customer may know it: no cost, no provider, no offer behind it."""

    service: int
    name: str
    category: str
    category_id: int
    description: str
    type: str
    """The protocol's name of the type."""
    rate: Decimal
    """What this customer pays per 1000, or per package."""
    package: bool
    least: int
    most: int
    refill: bool
    refill_days: int | None
    cancel: bool
    dripfeed: bool


def listed(customer: Customer, panel: Panel | None = None) -> list[Listed]:
    """All that this customer can buy, shelf by shelf; bounded by the catalog.

    Left out is what has no price, is hidden or paused, is of a type that cannot be ordered, or
    whose offer or provider is not there. Without descriptions, which nobody reads in such a list.
    As many queries for one service as for thousands.
    """
    panel = panel or current()
    found = for_sale(customer, panel).order_by(*ORDER).values_list(*_COLUMNS)
    providers = Provider.objects.in_bulk()
    lines = [_Line._make((*row[:-1], providers[row[-1]], "")) for row in found]
    return _priced(lines, customer, panel)


def for_sale(customer: Customer, panel: Panel | None = None) -> QuerySet[Service]:
    """The services that this customer could order now. Two queries, one of them for the panel
    where it is not given, and the caller's own."""
    if (panel or current()).not_sold:
        return Service.objects.none()
    return Service.objects.filter(
        rules.priced(customer),
        is_visible=True,
        pause="",
        offer__retired_at=None,
        offer__provider__not_sold=False,
        offer__service_type__in=[kind.slug for kind in service_types.ALL if kind.orderable],
    )


class Shelf(NamedTuple):
    """A category with how many services this customer could order from it."""

    number: int
    name: str
    services: int


def shelves(services: QuerySet[Service], most: int = 500) -> list[Shelf]:
    """The shelves on which these services stand, in the shop's order. One query."""
    named = services.order_by("category__position", "category__name")
    counted = named.values_list("category_id", "category__name").annotate(services=Count("pk"))
    return [Shelf(*row) for row in counted[:most]]


def rows(services: Iterable[Service], customer: Customer) -> list[Listed]:
    """Services with this customer's rates, in their order; those without a price are left out.

    Four queries, for one service and for many, beside those that fetch the services.
    """
    if isinstance(services, QuerySet):
        services = services.select_related("offer__provider", "category")
    found = list(services)
    # Asks only where it was not joined.
    prefetch_related_objects(found, "category", "offer__provider")
    return _priced([_line(service) for service in found], customer, current())


class _Line(NamedTuple):
    """A service before it has a price, from one row that joins what it is made of."""

    pk: int
    name: str
    category_id: int
    category: str
    refill_days: int | None
    service_type: str
    rate: Decimal
    least: int
    most: int
    refill: bool
    cancel: bool
    offer_refill_days: int | None
    dripfeed: bool
    provider: Provider
    description: str


_OF_OFFER = ("service_type", "rate", "least", "most", "refill", "cancel", "refill_days", "dripfeed")
_COLUMNS = (
    *("pk", "name", "category_id", "category__name", "refill_days"),
    *(f"offer__{column}" for column in _OF_OFFER),
    "offer__provider_id",
)


def _line(service: Service) -> _Line:
    offer = service.offer
    own = (service.pk, service.name, service.category_id, service.category.name)
    bought = (getattr(offer, column) for column in _OF_OFFER)
    description = _plain(service.description, offer.provider)
    return _Line._make((*own, service.refill_days, *bought, offer.provider, description))


def _priced(lines: list[_Line], customer: Customer, panel: Panel) -> list[Listed]:
    costed = [
        rules.Costed(rules.Place(line.pk, line.category_id), line.rate, line.provider)
        for line in lines
    ]
    rates = rules.rate_list(costed, customer, panel=panel)
    priced = zip(lines, rates, strict=True)
    return [_listed(line, rate) for line, rate in priced if rate is not None]


def _listed(line: _Line, rate: Decimal) -> Listed:
    kind = service_types.by_slug(line.service_type)
    return Listed(
        service=line.pk,
        name=line.name,
        category=line.category,
        category_id=line.category_id,
        description=line.description,
        type=kind.name,
        rate=rate,
        package=kind.package,
        least=line.least,
        most=line.most,
        refill=line.refill and line.provider.has_refill and not kind.posts,
        refill_days=line.refill_days or line.offer_refill_days,
        cancel=line.cancel and line.provider.has_cancel,
        dripfeed=line.dripfeed,
    )


_PROMISED = re.compile(r"\W*(start|speed|average|avg|delivery|eta|time)\b.*\d", re.IGNORECASE)


def _plain(description: str, provider: Provider) -> str:
    """A description without the lines that came along from a provider: those that name it, and
    those that promise a time which nobody here measured."""
    return "\n".join(
        line
        for line in description.splitlines()
        if not catalog.provider_named_in(line, provider) and not _PROMISED.match(line)
    ).strip()
