"""The services whose prices a change could move, as plain rows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from orders.models import Provider, Service
from orders.pricing import units
from orders.pricing.units import UnitCost
from orders.rules.changes import Change
from orders.rules.reading import MOST_NAMED


class Facts(NamedTuple):
    """One service, as far as its price depends on it."""

    service: int
    category: int
    offer: int
    rate: Decimal
    provider: int
    pause: str
    accepted: Decimal
    """The cost that a person accepted last."""
    gone: bool


class Costs:
    """What services cost us, by their provider's exchange rate and factor. One query."""

    def __init__(self) -> None:
        rows = Provider.objects.values_list("pk", "exchange_rate", "factor")
        self.terms = {pk: (exchange, factor) for pk, exchange, factor in rows}

    def of(self, facts: Facts) -> UnitCost:
        """Within `units.exactly`."""
        return units.cost(facts.rate, *self.terms[facts.provider])


def concerned(changes: Sequence[Change]) -> list[Facts]:
    """The services that these changes speak about and that have a price at all. One query.

    Those in the shop; hidden ones where a change names them.
    """
    scopes = [change.scope for change in changes]
    named = {scope.service for scope in scopes if scope.service is not None}
    shelves = {scope.category for scope in scopes if scope.category is not None}
    about = Q(is_visible=True)
    if len(named) > MOST_NAMED:
        about |= Q(pk__gte=min(named), pk__lte=max(named))
    elif named:
        about = Q(pk__in=named)
    if shelves and not named:
        about &= Q(category__in=shelves)
    found = facts(about)
    if not named:
        return found
    return [each for each in found if each.service in named or each.category in shelves]


def facts(about: Q) -> list[Facts]:
    """These services, by number; those of an unknown type have no price and are left out."""
    rows = Service.objects.filter(about).exclude(offer__service_type="").order_by("pk")
    columns = ("pk", "category_id", "offer_id", "offer__rate", "offer__provider_id", "pause")
    listed = rows.values_list(*columns, "accepted_cost", "offer__retired_at")
    return [Facts._make((*row[:-1], row[-1] is not None)) for row in listed]
