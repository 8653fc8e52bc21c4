"""Whose markup acts on what, and within which bounds."""

from orders.rules.prices import price_list
from orders.rules.reading import cost_of, markups_for, terms_for
from orders.rules.setting import (
    DEFAULT_FLOOR,
    DEFAULT_MARKUP,
    end_markup,
    set_bound,
    set_defaults,
    set_markup,
)

__all__ = [
    "DEFAULT_FLOOR",
    "DEFAULT_MARKUP",
    "cost_of",
    "end_markup",
    "markups_for",
    "price_list",
    "set_bound",
    "set_defaults",
    "set_markup",
    "terms_for",
]
