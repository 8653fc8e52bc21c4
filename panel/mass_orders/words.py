"""Why a line makes no order, in words for whoever reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from orders import service_types
from orders.enums import NotPlaced, NotSold
from orders.mass_orders import Checked
from panel.display import money_text

NOT_LISTED = "There is no service with this number on your list."
NOT_NOW = "This service is not available right now."
BLOCKED = "Your account cannot place orders at the moment."
FAILED = "It could not be placed. Nothing was charged for it."
STOPPED = "Stopped before it was placed."

_OFF_THE_LIST = {NotSold.UNKNOWN, NotSold.HIDDEN, NotSold.NO_PRICE, NotSold.TYPE}
_LABELS = {field.name: field.label for kind in service_types.ALL for field in kind.fields}


def words(why: str, detail: Mapping[str, Any], *, is_staff: bool, is_maker: bool = True) -> str:
    """A sentence or two; "" for a line that was placed, or may be. Orders that stand in the way
    are named to whom they were told to: who typed the lines."""
    if why == NotPlaced.WRONG:
        return " ".join(_field_words(name, text) for name, text in detail["errors"].items())
    if why == NotPlaced.NOT_SOLD and not is_staff:
        return NOT_LISTED if detail["way"] in _OFF_THE_LIST else NOT_NOW
    if why == NotPlaced.BLOCKED and not is_staff:
        return BLOCKED
    if why == NotPlaced.FUNDS:
        return f"{money_text(detail['missing'])} was missing."
    if why == NotPlaced.PRICE:
        was, price = money_text(detail["expected"]), money_text(detail["price"])
        return f"The price changed from {was} to {price}."
    if why == NotPlaced.OVERLAP:
        orders = detail.get("orders", []) if is_maker else []
        return overlap_words(orders, detail.get("line")) or "An order on this link is still open."
    if why == NotPlaced.STOPPED:
        return STOPPED
    return str(detail.get("text", FAILED)) if is_staff and why else FAILED if why else ""


def _field_words(name: str, text: str) -> str:
    label = _LABELS.get(name, "")
    if not label or label.casefold() in text.casefold():
        return text
    return f"{label}: {text[0].lower()}{text[1:]}"


def checked_words(one: Checked, *, is_staff: bool) -> str:
    """What there is to say about a line before it is placed."""
    if one.refusal is not None:
        return words(one.refusal.why, one.refusal.detail, is_staff=is_staff)
    return overlap_words(one.orders, one.earlier, repeats=one.repeats)


def overlap_words(orders: Sequence[int], earlier: int | None, *, repeats: bool = False) -> str:
    """What else is on the link of a line."""
    said = []
    if earlier is not None:
        said.append(f"{'The same as' if repeats else 'On the same link as'} line {earlier}.")
    if orders:
        numbers = ", ".join(map(str, orders))
        several = "s" if len(orders) > 1 else ""
        said.append(
            f"Order{several} {numbers} on this link {'are' if several else 'is'} still open."
        )
    return " ".join(said)
