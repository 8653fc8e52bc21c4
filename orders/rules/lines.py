"""Each service's price before and after a change."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import NamedTuple

from orders.enums import MarkupKind
from orders.pricing import units
from orders.pricing.quote import PERCENT_STEP
from orders.pricing.terms import HUNDRED
from orders.pricing.units import UnitCost, UnitTerms
from orders.rules.book import Book, Buyer, Said
from orders.rules.changes import Change, Key, MarkupChange
from orders.rules.concerned import Facts


class Fate(StrEnum):
    """What becomes of one service's price."""

    RISES = "rises"
    FALLS = "falls"
    NEW = "new"
    LOST = "lost"
    SAME = "same"
    HELD = "held"


MOVED = frozenset({Fate.RISES, Fate.FALLS, Fate.NEW, Fate.LOST})


class Side(NamedTuple):
    """A price of 1000 (or of one package) and how it comes about, before or after the change."""

    price: Decimal
    margin: Decimal | None
    """Profit in per cent of the price; null when that is zero."""
    below: bool
    """The markup alone would be below the floor."""
    level: Key
    """The scope of the markup that acts."""
    said: Said
    floor: Decimal | None
    """The highest floor, in per cent over cost."""
    fixed_below: bool
    """A fixed rate of the price list that lies below the floor: not sold."""


class Line(NamedTuple):
    """One service's price before and after; null where no markup speaks about it."""

    service: int
    cost: Decimal
    before: Side | None
    after: Side | None
    fate: Fate


def lines_of(
    sales: Sequence[tuple[Facts, UnitCost]],
    before: Book,
    after: Book,
    buyer: Buyer,
    changes: Sequence[Change],
) -> Iterator[Line]:
    changed = {change.scope.key for change in changes if isinstance(change, MarkupChange)}
    for facts, cost in sales:
        was, will = acting_on(facts, before, buyer), acting_on(facts, after, buyer)
        old = side(cost, was)
        new = old if was == will else side(cost, will)
        yield Line(facts.service, cost.whole, old, new, _fate(old, new, changed))


def acting_on(facts: Facts, book: Book, buyer: Buyer) -> tuple[Key, Said, UnitTerms] | None:
    """What makes the price of a service: the markup that acts, and the terms."""
    key = book.acting(facts.service, facts.category, buyer)
    if key is None:
        return None
    return key, book.markups[key], book.terms(facts.service, facts.category, buyer.staff)


def side(cost: UnitCost, acting: tuple[Key, Said, UnitTerms] | None) -> Side | None:
    if acting is None:
        return None
    key, said, terms = acting
    unit = units.price(cost, said.kind, said.value, terms)
    fixed = said.kind == MarkupKind.FIXED_RATE
    return Side(
        price=unit.price,
        margin=margin_of(unit.price, cost.whole),
        below=units.below(cost, said.kind, said.value, terms.floor),
        level=key,
        said=said,
        floor=terms.floor,
        fixed_below=fixed and said.value < units.least(cost.exact, terms.floor),
    )


def margin_of(price: Decimal, cost: Decimal) -> Decimal | None:
    """Profit in per cent of a price, rounded down: a margin must not flatter."""
    if not price:
        return None
    share = (price - cost) * HUNDRED / price
    return share.quantize(PERCENT_STEP, rounding=ROUND_FLOOR)


def _fate(old: Side | None, new: Side | None, changed: set[Key]) -> Fate:
    if old is None or new is None:
        if old is None and new is None:
            return Fate.SAME
        return Fate.NEW if old is None else Fate.LOST
    if old.price != new.price:
        return Fate.RISES if new.price > old.price else Fate.FALLS
    return Fate.HELD if changed and not changed & {old.level, new.level} else Fate.SAME
