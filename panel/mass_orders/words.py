"""Why a line makes no order, in words for whoever reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from orders import service_types
from orders.enums import NotPlaced, NotSold
from orders.kept_words import told
from orders.mass_orders import Checked
from panel.display import money_text

NOT_LISTED = gettext_lazy("There is no service with this number on your list.")
NOT_NOW = gettext_lazy("This service is not available right now.")
BLOCKED = gettext_lazy("Your account cannot place orders at the moment.")
FAILED = gettext_lazy("It could not be placed. Nothing was charged for it.")
STOPPED = gettext_lazy("Stopped before it was placed.")

_OFF_THE_LIST = {NotSold.UNKNOWN, NotSold.HIDDEN, NotSold.NO_PRICE, NotSold.TYPE}
_FIELDS = {field.name: field for kind in service_types.ALL for field in kind.fields}


def words(why: str, detail: Mapping[str, Any], *, is_staff: bool, is_maker: bool = True) -> str:
    """A sentence or two; "" for a line that was placed, or may be. Orders that stand in the way
    are named to whom they were told to: who typed the lines."""
    if why == NotPlaced.WRONG:
        return " ".join(_field_words(name, text) for name, text in detail["errors"].items())
    if why == NotPlaced.NOT_SOLD and not is_staff:
        return str(NOT_LISTED if detail["way"] in _OFF_THE_LIST else NOT_NOW)
    if why == NotPlaced.BLOCKED and not is_staff:
        return str(BLOCKED)
    if why == NotPlaced.FUNDS:
        return _("%(amount)s was missing.") % {"amount": money_text(detail["missing"])}
    if why == NotPlaced.PRICE:
        was, price = money_text(detail["expected"]), money_text(detail["price"])
        return _("The price changed from %(was)s to %(price)s.") % {"was": was, "price": price}
    if why == NotPlaced.OVERLAP:
        orders = detail.get("orders", []) if is_maker else []
        words = overlap_words(orders, detail.get("line"))
        return words or _("An order on this link is still open.")
    if why == NotPlaced.STOPPED:
        return str(STOPPED)
    if not why:
        return ""
    return told(str(detail["text"])) if is_staff and detail.get("text") else str(FAILED)


def _field_words(name: str, text: str) -> str:
    field, text = _FIELDS.get(name), told(text)
    label = str(field.label) if field else ""
    if not label or label.casefold() in text.casefold():
        return text
    begun = text if get_language() not in (None, "en") else f"{text[0].lower()}{text[1:]}"
    return _("%(field)s: %(problem)s") % {"field": label, "problem": begun}


def checked_words(one: Checked, *, is_staff: bool) -> str:
    """What there is to say about a line before it is placed."""
    if one.refusal is not None:
        return words(one.refusal.why, one.refusal.detail, is_staff=is_staff)
    return overlap_words(one.orders, one.earlier, repeats=one.repeats)


def overlap_words(orders: Sequence[int], earlier: int | None, *, repeats: bool = False) -> str:
    """What else is on the link of a line."""
    said = []
    if earlier is not None:
        words = (
            _("The same as line %(line)s.") if repeats else _("On the same link as line %(line)s.")
        )
        said.append(words % {"line": earlier})
    if orders:
        words = ngettext(
            "Order %(numbers)s on this link is still open.",
            "Orders %(numbers)s on this link are still open.",
            len(orders),
        )
        said.append(words % {"numbers": ", ".join(map(str, orders))})
    return " ".join(said)
