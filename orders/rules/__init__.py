"""Whose markup acts on what, and within which bounds."""

from orders.rules.changes import BoundChange, Change, MarkupChange, Scope, TermsChange
from orders.rules.foresight import Preview, preview
from orders.rules.handing import Handing, handing
from orders.rules.lines import Fate, Line, Side
from orders.rules.prices import Costed, acting, price_list, priced, rate_list
from orders.rules.reading import Place, cost_of, markups_for, terms_for
from orders.rules.repricing import reprice
from orders.rules.saving import PricesMoved, save
from orders.rules.setting import (
    DEFAULT_FLOOR,
    DEFAULT_MARKUP,
    end_markup,
    set_bound,
    set_defaults,
    set_markup,
)
from orders.rules.standing import Standing, Watched, ruled, standings, watched
from orders.rules.undoing import LastChange, last_change

__all__ = [
    "DEFAULT_FLOOR",
    "DEFAULT_MARKUP",
    "BoundChange",
    "Change",
    "Costed",
    "Fate",
    "Handing",
    "LastChange",
    "Line",
    "MarkupChange",
    "Place",
    "Preview",
    "PricesMoved",
    "Scope",
    "Side",
    "Standing",
    "TermsChange",
    "Watched",
    "acting",
    "cost_of",
    "end_markup",
    "handing",
    "last_change",
    "markups_for",
    "preview",
    "price_list",
    "priced",
    "rate_list",
    "reprice",
    "ruled",
    "save",
    "set_bound",
    "set_defaults",
    "set_markup",
    "standings",
    "terms_for",
    "watched",
]
