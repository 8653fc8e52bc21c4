"""The price of 1000 (or of one package) without its stages, for lists of thousands.

To the last digit what `quote` says, at a tenth of the time; a test holds the two together.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import NamedTuple

from orders.enums import MarkupKind
from orders.money import QUANTUM, ZERO
from orders.pricing.terms import HUNDRED

PRECISION = 100


class UnitCost(NamedTuple):
    """What one unit costs us: exactly, and rounded up as it is charged."""

    exact: Decimal
    whole: Decimal


class UnitTerms(NamedTuple):
    """The highest floor and the lowest ceiling in per cent, and the panel's rounding."""

    floor: Decimal | None
    ceiling: Decimal | None
    step: Decimal
    minimum: Decimal


class Unit(NamedTuple):
    """One unit's price, and whether the floor made it dearer than the markup says."""

    price: Decimal
    lifted: bool


@contextmanager
def exactly() -> Iterator[None]:
    """Where `cost` and `price` may be called, as often as wanted: they round in this context."""
    with localcontext(prec=PRECISION, rounding=ROUND_CEILING):
        yield


def cost(rate: Decimal, exchange_rate: Decimal, factor: Decimal) -> UnitCost:
    """rate × exchange × factor. Within `exactly`."""
    exact = rate * exchange_rate * factor
    return UnitCost(exact, exact.quantize(QUANTUM))


def price(cost: UnitCost, kind: MarkupKind, value: Decimal, terms: UnitTerms) -> Unit:
    """What a markup makes of it under these terms. Within `exactly`."""
    amount = _marked_up(cost.exact, kind, value)
    most = None
    if terms.ceiling is not None:
        over = cost.exact * (HUNDRED + terms.ceiling) / HUNDRED
        most = over.quantize(QUANTUM, rounding=ROUND_FLOOR)
        amount = min(amount, most)
    lowest = least(cost.exact, terms.floor)
    lifted = amount < lowest
    rate = _on_step(max(amount, lowest), max(terms.step, QUANTUM), most)
    return Unit(max(rate, least(cost.whole, terms.floor), terms.minimum), lifted)


def below(cost: UnitCost, kind: MarkupKind, value: Decimal, floor: Decimal | None) -> bool:
    """Whether a markup says less than the floor, digits that are rounded away aside. Within
    `exactly`."""
    if floor is None:
        return False
    if kind == MarkupKind.PERCENT:
        return value < floor
    return _marked_up(cost.exact, kind, value) * HUNDRED < cost.exact * (HUNDRED + floor)


def _marked_up(cost: Decimal, kind: MarkupKind, value: Decimal) -> Decimal:
    if kind == MarkupKind.PERCENT:
        return cost * (HUNDRED + value) / HUNDRED
    return cost + value if kind == MarkupKind.PER_1000 else value


def least(cost: Decimal, floor: Decimal | None) -> Decimal:
    """The lowest price that a floor allows at this cost; 0 without one. Within `exactly`."""
    return ZERO if floor is None else (cost * (HUNDRED + floor) / HUNDRED).quantize(QUANTUM)


def _on_step(rate: Decimal, step: Decimal, most: Decimal | None) -> Decimal:
    rounded = (rate / step).to_integral_value() * step
    return most if most is not None and rate <= most < rounded else rounded
