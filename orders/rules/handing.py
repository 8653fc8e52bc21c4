"""What clients would pay under another manager, worked out without writing anything."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeVar

from django.db.models import Q, QuerySet

from orders.models import Customer
from orders.panel_settings import current
from orders.pricing import units
from orders.pricing.units import UnitCost
from orders.rules import book
from orders.rules.book import Book, Buyer, Said, Within
from orders.rules.changes import Key
from orders.rules.concerned import Costs, Facts, facts
from orders.rules.movement import Movement

MOST_MOVES = 8
OF_NOBODY = 0
"""Stands for the manager of clients whom nobody manages; no member has this number."""
Sale = tuple[Facts, UnitCost]
R = TypeVar("R", Said, Within)


class Move(NamedTuple):
    """One service's price for a former manager's clients, and under the new one; null: none."""

    service: int
    manager: int | None
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class Handing:
    """What a change of manager would do to the prices of the clients who are given away."""

    clients: int
    """How many change hands."""
    moved: int
    """How many of them pay another price for something."""
    agreed: int
    """How many of them have an agreed price for something."""
    agreed_moved: int
    """How many of those would pay another one all the same: a floor or ceiling moves it."""
    services: int
    """How many services have another price for any of them."""
    rises: int
    falls: int
    lost: int
    """Prices that there would not be any more, or not before: no markup speaks about them."""
    biggest: tuple[Move, ...]
    """The biggest moves, the biggest share first."""
    fingerprint: str
    """Of everything that this was worked out from."""


NOTHING = Handing(0, 0, 0, 0, 0, 0, 0, 0, (), "")


def handing(clients: QuerySet[Customer], to: int | None) -> Handing:
    """What these clients would pay as those of the member `to` (None: of nobody).

    Of nobody's clients the price is that which they pay when they order themselves; when staff
    order, the markup of whoever places acts. Six queries, however many clients.
    """
    managers = dict(clients.order_by("pk").values_list("pk", "manager"))
    moving = {pk: manager for pk, manager in managers.items() if manager != to}
    standing, costs, found = book.read(current()), Costs(), facts(Q(is_visible=True))
    agreements = _agreements(standing, moving)
    with units.exactly():
        sales = [(each, costs.of(each)) for each in found]
        pairs = {old: _Giving(standing, sales, old, to) for old in set(moving.values())}
        touched = {pk: pairs[moving[pk]].touched(rules) for pk, rules in agreements.items()}
    moves = {old: giving.moves for old, giving in pairs.items()}
    ways = Counter(_way(move) for each in moves.values() for move in each)
    every = [move for each in moves.values() for move in each]
    return Handing(
        clients=len(moving),
        moved=sum(
            touched[pk].anything if pk in touched else bool(moves[old])
            for pk, old in moving.items()
        ),
        agreed=len(touched),
        agreed_moved=sum(each.agreed for each in touched.values()),
        services=len({move.service for move in every}),
        rises=ways[Way.RISES],
        falls=ways[Way.FALLS],
        lost=ways[Way.LOST],
        biggest=tuple(sorted(every, key=_size, reverse=True)[:MOST_MOVES]),
        fingerprint=_fingerprint(
            sorted(managers.items()),
            to,
            [tuple(each) for each in found],
            sorted(costs.terms.items()),
            _rows(standing, {*moving.values(), to}, agreements),
            (standing.step, standing.minimum_charge),
        ),
    )


class Way(StrEnum):
    """Which way a price goes."""

    RISES = "rises"
    FALLS = "falls"
    LOST = "lost"


class _Touched(NamedTuple):
    """Whether anything moves for a client with agreed prices, and whether one of these does."""

    anything: bool
    agreed: bool


class _Giving:
    """The clients of one manager under another one: what they pay moves as if their manager's own
    rules became those of the other."""

    def __init__(self, standing: Book, sales: Sequence[Sale], old: int | None, to: int | None):
        self._old, self._as = old, OF_NOBODY if old is None else old
        self._before, self._sales = standing, sales
        self._after = _with_rules_of(standing, self._as, to)
        self._movement = Movement(standing, self._after, sales)
        self.moves = list(self._moves())
        self._moved = {move.service for move in self.moves}

    def touched(self, rules: Mapping[Key, Said]) -> _Touched:
        """What moves for a client with these agreed prices, and whether one of them does."""
        bounds_move = self._movement.terms_change
        agreed = bounds_move and self._movement.of_agreement(rules, self._as)
        on_everything = any(key.service is None and key.category is None for key in rules)
        others = not on_everything and self._movement.uncovered(self._moved, rules)
        return _Touched(agreed or others, agreed)

    def _moves(self) -> Iterator[Move]:
        for facts_of, cost in self._sales:
            before = self._listed(self._before, facts_of, cost)
            after = self._listed(self._after, facts_of, cost)
            if before != after:
                yield Move(facts_of.service, self._old, before, after)

    def _listed(self, of: Book, facts_of: Facts, cost: UnitCost) -> Decimal | None:
        service, category = facts_of.service, facts_of.category
        key = of.acting(service, category, Buyer(None, self._as))
        if key is None:
            return None
        said, terms = of.markups[key], of.terms(service, category, self._as)
        return units.price(cost, said.kind, said.value, terms).price


def _with_rules_of(standing: Book, old: int, to: int | None) -> Book:
    """The book in which one manager's own rules are those of another (None: there are none)."""
    mine, theirs = Key(staff=old), Key(staff=OF_NOBODY if to is None else to)
    return Book(
        _moved_to(mine, theirs, standing.markups),
        _moved_to(mine, theirs, standing.bounds),
        standing.step,
        standing.minimum_charge,
    )


def _moved_to(mine: Key, theirs: Key, rules: Mapping[Key, R]) -> dict[Key, R]:
    others = {key: rule for key, rule in rules.items() if key != mine}
    return others | ({mine: rules[theirs]} if theirs in rules else {})


def _agreements(standing: Book, moving: Iterable[int]) -> dict[int, dict[Key, Said]]:
    """The agreed prices of each client who has any."""
    theirs, found = set(moving), defaultdict[int, dict[Key, Said]](dict)
    for key, said in standing.markups.items():
        if key.customer is not None and key.customer in theirs:
            found[key.customer][key] = said
    return dict(found)


def _way(move: Move) -> Way:
    if move.before is None or move.after is None:
        return Way.LOST
    return Way.RISES if move.after > move.before else Way.FALLS


def _size(move: Move) -> Decimal:
    """How large a share of the price moves; what gets or loses its price is the largest."""
    if not move.before or not move.after:
        return Decimal("Infinity")
    return abs(move.after - move.before) / move.before


def _rows(
    standing: Book, members: set[int | None], agreements: Mapping[int, Mapping[Key, Said]]
) -> list[int]:
    """The rows that speak to these members' clients. Rows are never edited."""
    markups = [
        said.row or 0
        for key, said in standing.markups.items()
        if (key.staff is None or key.staff in members)
        and (key.customer is None or key.customer in agreements)
    ]
    return sorted(markups) + sorted(within.row or 0 for within in standing.bounds.values())


def _fingerprint(*parts: object) -> str:
    seen = hashlib.sha256()
    for part in parts:
        seen.update(repr(part).encode())
    return seen.hexdigest()[:40]
