"""Why a line makes no order: which way, and the figures that its sentence needs."""

from dataclasses import dataclass, field
from typing import Any

from orders.enums import NotPlaced
from orders.errors import (
    Declined,
    FieldErrors,
    InsufficientFunds,
    NotAllowed,
    NotForSale,
    OpenOverlap,
    PriceChanged,
)
from orders.mass_orders.reading import Line


@dataclass(frozen=True)
class Refusal:
    """`detail` is JSON: amounts as text, sentences of the engine, numbers of orders. Faces word it
    for whoever reads."""

    why: NotPlaced
    detail: dict[str, Any] = field(default_factory=dict)


def unread(line: Line) -> Refusal:
    """A line that could not be told apart."""
    return Refusal(NotPlaced.WRONG, {"errors": {"": line.error}})


def refusal_of(error: Declined) -> Refusal:
    """What the engine declined, to be kept with the line."""
    if isinstance(error, FieldErrors):
        return Refusal(NotPlaced.WRONG, {"errors": error.errors})
    if isinstance(error, NotForSale):
        return Refusal(NotPlaced.NOT_SOLD, {"way": str(error.why), "text": str(error)})
    if isinstance(error, InsufficientFunds):
        return Refusal(NotPlaced.FUNDS, {"missing": f"{error.missing:f}"})
    if isinstance(error, PriceChanged):
        prices = {"expected": f"{error.expected:f}", "price": f"{error.price:f}"}
        return Refusal(NotPlaced.PRICE, prices)
    if isinstance(error, OpenOverlap):
        return Refusal(NotPlaced.OVERLAP, {"orders": error.order_ids})
    if isinstance(error, NotAllowed):
        return Refusal(NotPlaced.BLOCKED, {"text": str(error)})
    return Refusal(NotPlaced.FAILED, {"text": str(error)})
