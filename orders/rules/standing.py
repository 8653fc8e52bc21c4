"""How services stand on the price list now, and which of them want a look."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from orders.catalog.costs import rise_threshold
from orders.models import MarkupRule, Provider
from orders.panel_settings import current
from orders.pricing import units
from orders.pricing.terms import HUNDRED
from orders.rules import book
from orders.rules.book import ANYBODY, Book
from orders.rules.concerned import Costs, Facts, facts
from orders.rules.lines import Side, acting_on, side


@dataclass(frozen=True)
class Standing:
    """One service on the price list of everybody."""

    facts: Facts
    cost: Decimal
    """Of 1000, or of one package, in the panel's currency."""
    least: Decimal
    """The lowest price that the floor allows; the cost where there is none."""
    acting: Side | None

    @property
    def risen(self) -> Decimal | None:
        """By how many per cent the cost stands above what a person accepted; below it: negative."""
        accepted = self.facts.accepted
        return (self.cost - accepted) * HUNDRED / accepted if accepted else None


@dataclass(frozen=True)
class Watched:
    """Services in the shop that want a look, by number."""

    below: tuple[int, ...]
    """The markup that acts says less than the floor."""
    risen: tuple[int, ...]
    """The cost stands above what a person accepted last by more than the threshold in force: its
    provider's, else the panel's. These are paused until somebody decides."""


def standings(about: Q) -> dict[int, Standing]:
    """How these services stand, by number. Five queries, for one and for thousands."""
    rules, costs, found = book.read(current()), Costs(), facts(about)
    with units.exactly():
        return {each.service: _standing(each, rules, costs) for each in found}


def watched() -> Watched:
    """Over all that is in the shop. Six queries."""
    panel = current()
    rules, costs, limits = book.read(panel), Costs(), _limits(panel.rise_threshold)
    below, risen = [], []
    with units.exactly():
        for each in facts(Q(is_visible=True)):
            cost = costs.of(each)
            if cost.whole * HUNDRED > each.accepted * limits[each.provider]:
                risen.append(each.service)
            acting = acting_on(each, rules, ANYBODY)
            if acting is None:
                continue
            _, said, terms = acting
            if units.below(cost, said.kind, said.value, terms.floor):
                below.append(each.service)
    return Watched(tuple(below), tuple(risen))


def _limits(usual: Decimal) -> dict[int, Decimal]:
    """How much a cost may be at most of what was accepted, in per cent, by provider."""
    providers = Provider.objects.only("rise_threshold")
    return {row.pk: HUNDRED + rise_threshold(row, usual) for row in providers}


def ruled() -> Q:
    """The services that have a rule of their own or of their category. One query."""
    rows = MarkupRule.objects.filter(ended_at=None, customer=None, staff=None)
    scopes = set(rows.values_list("service_id", "category_id"))
    services = [service for service, _ in scopes if service is not None]
    return Q(pk__in=services) | Q(category__in=[shelf for _, shelf in scopes if shelf is not None])


def _standing(each: Facts, rules: Book, costs: Costs) -> Standing:
    cost = costs.of(each)
    acting = side(cost, acting_on(each, rules, ANYBODY))
    floor = acting.floor if acting else None
    return Standing(each, cost.whole, units.least(cost.exact, floor) or cost.whole, acting)
