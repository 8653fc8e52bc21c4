"""The catalog: what providers offer, cached, and what we sell of it.

`sync` reads a provider's list and writes only what changed. What people decided (names, prices,
hidden, paused) survives every reading.
"""

from orders.catalog.choosing import BATCH, Chosen, choose
from orders.catalog.costs import cost_per_1000
from orders.catalog.deciding import MOST as MOST_DECIDED
from orders.catalog.deciding import RISES as HELD_RISES
from orders.catalog.deciding import Decided, accept_costs, keep_paused, rises
from orders.catalog.holds import dismiss_removals, held_runs, release_removals
from orders.catalog.pauses import Reassessed, reassess, reassess_fixed_prices
from orders.catalog.searching import fitting, search_services
from orders.catalog.selling import (
    accept_rate,
    describe,
    hide,
    pause,
    point_at,
    resume,
    show,
)
from orders.catalog.shelves import Shelf, stock
from orders.catalog.syncing import sync

__all__ = [
    "BATCH",
    "HELD_RISES",
    "MOST_DECIDED",
    "Chosen",
    "Decided",
    "Reassessed",
    "Shelf",
    "accept_costs",
    "accept_rate",
    "choose",
    "cost_per_1000",
    "describe",
    "dismiss_removals",
    "fitting",
    "held_runs",
    "hide",
    "keep_paused",
    "pause",
    "point_at",
    "reassess",
    "reassess_fixed_prices",
    "release_removals",
    "resume",
    "rises",
    "search_services",
    "show",
    "stock",
    "sync",
]
