"""Whose markup stands on an order, and how much it is: for staff who see costs."""

from decimal import Decimal

from django.utils.translation import gettext as _

from orders.enums import MarkupKind, PriceLevel
from orders.models import Order
from panel.display import money_text, percent


def markup_text(kind: str, value: Decimal) -> str:
    """ "35 %", "$0.3000 per 1000" or "at $9.4000"."""
    if kind == MarkupKind.PERCENT:
        return percent(value, None)
    amount = money_text(value)
    if kind == MarkupKind.PER_1000:
        return _("%(amount)s per 1000") % {"amount": amount}
    return _("at %(amount)s") % {"amount": amount}


def how_much(order: Order) -> str:
    """The markup as it was said; of a typed total, that total."""
    if not order.markup_kind:
        return _("total %(amount)s") % {"amount": money_text(order.markup_value)}
    return markup_text(order.markup_kind, order.markup_value)


def whose(order: Order) -> str:
    """The member whose markup it is; else what the rule speaks about."""
    if order.markup_of is not None:
        return order.markup_of.name
    return str(PriceLevel(order.markup_level).label)


def in_words(order: Order) -> str:
    """ "35 %, Mira Kovač"."""
    return f"{how_much(order)}, {whose(order)}"
