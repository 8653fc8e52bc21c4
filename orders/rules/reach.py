"""Whom a change of prices reaches: clients by their agreements, by who manages them, or by the
price list."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from orders.enums import PriceLevel
from orders.models import Customer, MarkupRule
from orders.pricing import units
from orders.rules.book import Book, Buyer, Said
from orders.rules.changes import Key
from orders.rules.movement import Movement, covered

AGREED = (PriceLevel.CUSTOMER, PriceLevel.CUSTOMER_CATEGORY, PriceLevel.CUSTOMER_SERVICE)
MOST_NAMED = 5


class Member(NamedTuple):
    """A member of the house with prices of their own that move, and for how many clients."""

    staff: int
    clients: int


@dataclass(frozen=True)
class Reach:
    """How many clients pay other prices after a change."""

    listed: int = 0
    """Those who pay the list that the change is about, and have agreed on nothing."""
    agreed: tuple[int, ...] = ()
    """Those with an agreed price that moves, by number."""
    besides: int = 0
    """Those with an agreed price that stays, while others of their prices move."""
    members: tuple[Member, ...] = ()
    """Members with a markup or bounds of their own, whose clients' prices move."""

    @property
    def clients(self) -> int:
        of_members = sum(member.clients for member in self.members)
        return self.listed + len(self.agreed) + self.besides + of_members

    def names(self) -> list[str]:
        """The first few of the clients with an agreed price that moves. One query."""
        found = Customer.objects.filter(pk__in=self.agreed[:MOST_NAMED]).order_by("name")
        return list(found.values_list("name", flat=True))


def reach(before: Book, after: Book, movement: Movement, moved: Set[int], buyer: Buyer) -> Reach:
    """Whom a change reaches that moves the prices of these services on the buyer's list.

    `before` and `after` hold the rules of everybody. Two queries, or none about one client.
    """
    if buyer.customer is not None:
        return Reach(agreed=(buyer.customer,) if moved else ())
    with units.exactly():
        return _Clients(before, after, movement, moved, buyer.staff).reach()


class _Clients:
    """All clients of a list: those who agreed on nothing by number, the others one by one."""

    def __init__(
        self, before: Book, after: Book, movement: Movement, moved: Set[int], staff: int | None
    ):
        self._movement, self._moved, self._staff, self._after = movement, moved, staff, after
        self._rules: defaultdict[int, dict[Key, Said]] = defaultdict(dict)
        for key, said in after.markups.items():
            if key.customer is not None:
                self._rules[key.customer][key] = said
        keys = (*after.markups, *before.bounds, *after.bounds)
        own = {key.staff for key in keys if key.staff is not None} if staff is None else set()
        self._members = {member: Key(staff=member) in after.markups for member in sorted(own)}
        """Members whose clients pay other prices than the list's, and whether by a markup."""
        self._bounded: dict[int, Set[int]] = {}

    def reach(self) -> Reach:
        agreed, besides = [], 0
        for customer, manager in self._managers().items():
            rules = self._rules[customer]
            if self._movement.terms_change and self._movement.of_agreement(rules, manager):
                agreed.append(customer)
            elif Key(customer=customer) not in rules:
                besides += self._moves(manager, rules)
        plain = self._plain()
        members = [
            Member(member, plain.get(member, 0))
            for member in self._members
            if self._moves(member, {})
        ]
        listed = plain.get(self._staff, 0) if self._moved else 0
        return Reach(listed, tuple(agreed), besides, tuple(members))

    def _moves(self, manager: int | None, rules: Mapping[Key, Said]) -> bool:
        """Whether a price moves that none of these rules makes, for clients of this manager."""
        if manager is None or manager not in self._members:
            return self._movement.uncovered(self._moved, rules)
        if not self._members[manager]:
            if manager not in self._bounded:
                self._bounded[manager] = self._movement.of_member(manager)
            return self._movement.uncovered(self._bounded[manager], rules)
        said = self._after.markups[Key(staff=manager)]
        return self._movement.terms_change and self._movement.of_rule(
            said, manager, *covered(rules)
        )

    def _list(self, manager: int | None) -> int | None:
        """Whose prices somebody with this manager pays: the manager's, or those of the list."""
        return manager if manager in self._members else self._staff

    def _managers(self) -> Mapping[int, int | None]:
        """Who manages each client of the list who has agreed on something. One query."""
        rows = Customer.objects.order_by("pk")
        if self._staff is not None:
            rows = rows.filter(manager=self._staff)
        found = dict(rows.filter(pk__in=_agreeing()).values_list("pk", "manager"))
        return {pk: manager for pk, manager in found.items() if pk in self._rules}

    def _plain(self) -> dict[int | None, int]:
        """How many clients have agreed on nothing, by whose prices they pay. One query."""
        rows = Customer.objects.exclude(pk__in=_agreeing()).order_by()
        if self._staff is not None:
            rows = rows.filter(manager=self._staff)
        counts: defaultdict[int | None, int] = defaultdict(int)
        for manager, number in rows.values_list("manager").annotate(n=Count("pk")):
            counts[self._list(manager)] += number
        return counts


def _agreeing() -> QuerySet[MarkupRule, Any]:
    return MarkupRule.objects.filter(ended_at=None, level__in=AGREED).values("customer")
