"""Which prices a change moves for somebody: found out once for all to whom the same rule speaks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from typing import NamedTuple

from orders.enums import MarkupKind
from orders.money import QUANTUM
from orders.pricing import units
from orders.pricing.terms import HUNDRED
from orders.pricing.units import UnitCost, UnitTerms
from orders.rules.book import Book, Buyer, Said
from orders.rules.changes import Key
from orders.rules.concerned import Facts

Sale = tuple[Facts, UnitCost]
NO_ONE: frozenset[int] = frozenset()


class _Group(NamedTuple):
    """Sales of one shelf under the same terms before, and the same ones after."""

    before: UnitTerms
    after: UnitTerms
    least_cost: Decimal
    sales: list[Sale]


class Movement:
    """The services that a change is about, before and after. Within `units.exactly`."""

    def __init__(self, before: Book, after: Book, sales: Sequence[Sale]):
        self._before, self._after, self._sales = before, after, sales
        self.terms_change = before.all_terms != after.all_terms
        self._shelf = {facts.service: facts.category for facts, _ in sales}
        self._groups: dict[int | None, dict[int, list[_Group]]] = {}
        self._anywhere: dict[tuple[object, ...], bool] = {}

    def of_member(self, staff: int) -> frozenset[int]:
        """The services whose price moves for clients of a member with bounds but no markup."""
        buyer = Buyer(None, staff)
        return frozenset(
            facts.service for facts, cost in self._sales if self._moves(buyer, facts, cost)
        )

    def of_rule(
        self,
        rule: Said,
        staff: int | None,
        services: Set[int] = NO_ONE,
        shelves: Set[int] = NO_ONE,
    ) -> bool:
        """Whether other terms move a price that this rule makes, those services and shelves aside.

        `staff` manages the client, whose bounds hold.
        """
        own = staff if self._bounded(staff) else None
        asked = (rule.kind, rule.value, own, frozenset(services), frozenset(shelves))
        if asked not in self._anywhere:
            self._anywhere[asked] = any(
                self._moves_in(group, rule, services)
                for shelf, groups in self._grouped(own).items()
                if shelf not in shelves
                for group in groups
            )
        return self._anywhere[asked]

    def of_agreement(self, rules: Mapping[Key, Said], staff: int | None) -> bool:
        """Whether other terms move a price that a client's own rules make, the most specific
        first."""
        services, shelves = covered(rules)
        groups = self._grouped(staff if self._bounded(staff) else None)
        for key, rule in rules.items():
            if key.service is not None:
                moves = any(
                    self._moves_in(group, rule, NO_ONE, key.service)
                    for group in groups.get(self._shelf.get(key.service, 0), ())
                )
            elif key.category is not None:
                moves = any(
                    self._moves_in(group, rule, services) for group in groups.get(key.category, ())
                )
            else:
                moves = self.of_rule(rule, staff, services, shelves)
            if moves:
                return True
        return False

    def uncovered(self, moved: Iterable[int], rules: Mapping[Key, Said]) -> bool:
        """Whether one of these services is sold to a client by no rule of their own."""
        services, shelves = covered(rules)
        return any(
            service not in services and self._shelf[service] not in shelves for service in moved
        )

    def _bounded(self, staff: int | None) -> bool:
        key = Key(staff=staff)
        return staff is not None and (key in self._before.bounds or key in self._after.bounds)

    def _grouped(self, staff: int | None) -> dict[int, list[_Group]]:
        """The sales whose terms change, by shelf."""
        if staff not in self._groups:
            found: dict[tuple[int, UnitTerms, UnitTerms], list[Sale]] = defaultdict(list)
            for sale in self._sales:
                service, shelf = sale[0].service, sale[0].category
                before = self._before.terms(service, shelf, staff)
                after = self._after.terms(service, shelf, staff)
                if before != after:
                    found[shelf, before, after].append(sale)
            shelves: dict[int, list[_Group]] = defaultdict(list)
            for (shelf, before, after), sales in found.items():
                least = min(cost.exact for _, cost in sales)
                shelves[shelf].append(_Group(before, after, least, sales))
            self._groups[staff] = shelves
        return self._groups[staff]

    def _moves_in(
        self, group: _Group, rule: Said, services: Set[int], only: int | None = None
    ) -> bool:
        if _plainly_same(rule, group):
            return False
        return any(
            units.price(cost, rule.kind, rule.value, group.before).price
            != units.price(cost, rule.kind, rule.value, group.after).price
            for facts, cost in group.sales
            if facts.service not in services and only in (None, facts.service)
        )

    def _moves(self, buyer: Buyer, facts: Facts, cost: UnitCost) -> bool:
        service, shelf = facts.service, facts.category
        old = self._before.acting(service, shelf, buyer)
        new = self._after.acting(service, shelf, buyer)
        if old is None or new is None:
            return old is not new
        was, will = self._before.markups[old], self._after.markups[new]
        before = self._before.terms(service, shelf, buyer.staff)
        after = self._after.terms(service, shelf, buyer.staff)
        if was == will and before == after:
            return False
        earlier = units.price(cost, was.kind, was.value, before).price
        return earlier != units.price(cost, will.kind, will.value, after).price


def covered(rules: Iterable[Key]) -> tuple[set[int], set[int]]:
    """The services and the categories about which a client has agreed on something."""
    services = {key.service for key in rules if key.service is not None}
    return services, {key.category for key in rules if key.category is not None}


_DIGITS = 2 * QUANTUM


def _plainly_same(rule: Said, group: _Group) -> bool:
    """Whether prices need no working out to be known to stay: the markup lies clear of the floors,
    by more than what is rounded up."""
    before, after = group.before, group.after
    if rule.kind != MarkupKind.PERCENT or before[2:] != after[2:]:
        return False
    if before.ceiling is not None or after.ceiling is not None:
        return False
    floors = (floor for floor in (before.floor, after.floor) if floor is not None)
    return all(
        group.least_cost * (rule.value - floor) >= _DIGITS * (HUNDRED + floor) for floor in floors
    )
