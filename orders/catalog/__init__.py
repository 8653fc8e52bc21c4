"""The catalog: what providers offer, cached, and what we sell of it.

`sync` reads a provider's list and writes only what changed. What people decided (names, prices,
hidden, paused) survives every reading.
"""

from orders.catalog.accepting import accept_costs_now
from orders.catalog.arrivals import Arrivals, arrivals, services_new_since, week_began
from orders.catalog.arrivals import waiting as new_waiting
from orders.catalog.bulk import MOST as MOST_CHANGED
from orders.catalog.bulk import Bulk, Difference, change_many, preview, refilled
from orders.catalog.choosing import BATCH, Chosen, choose
from orders.catalog.costs import cost_per_1000
from orders.catalog.deciding import MOST as MOST_DECIDED
from orders.catalog.deciding import RISES as HELD_RISES
from orders.catalog.deciding import (
    Decided,
    accept_costs,
    keep_paused,
    moved_since,
    priced_out,
    rises,
)
from orders.catalog.fallbacks import choose_fallback, falls_short
from orders.catalog.fallbacks import concerns as fallback_concerns
from orders.catalog.holds import dismiss_removals, held_changes, held_runs, release_removals
from orders.catalog.likeness import alike, candidates
from orders.catalog.naming import provider_named_by, provider_named_in
from orders.catalog.ordering import Step, move_category, move_service
from orders.catalog.pauses import Measure, Reassessed, reassess, reassess_fixed_prices
from orders.catalog.repointing import MOST as MOST_POINTED
from orders.catalog.repointing import Move, point_at, point_many
from orders.catalog.runs import under_way
from orders.catalog.searching import fitting, search_services
from orders.catalog.selling import accept_rate, describe, hide, pause, resume, show
from orders.catalog.shelves import Shelf, stock
from orders.catalog.syncing import sync
from orders.catalog.touched import DAYS as DAYS_TOUCHED
from orders.catalog.touched import Touched, agreed_prices, touched
from orders.catalog.windows import proposed as proposed_refill_days

__all__ = [
    "BATCH",
    "DAYS_TOUCHED",
    "HELD_RISES",
    "MOST_CHANGED",
    "MOST_DECIDED",
    "MOST_POINTED",
    "Arrivals",
    "Bulk",
    "Chosen",
    "Decided",
    "Difference",
    "Measure",
    "Move",
    "Reassessed",
    "Shelf",
    "Step",
    "Touched",
    "accept_costs",
    "accept_costs_now",
    "accept_rate",
    "agreed_prices",
    "alike",
    "arrivals",
    "candidates",
    "change_many",
    "choose",
    "choose_fallback",
    "cost_per_1000",
    "describe",
    "dismiss_removals",
    "fallback_concerns",
    "falls_short",
    "fitting",
    "held_changes",
    "held_runs",
    "hide",
    "keep_paused",
    "move_category",
    "move_service",
    "moved_since",
    "new_waiting",
    "pause",
    "point_at",
    "point_many",
    "preview",
    "priced_out",
    "proposed_refill_days",
    "provider_named_by",
    "provider_named_in",
    "reassess",
    "reassess_fixed_prices",
    "refilled",
    "release_removals",
    "resume",
    "rises",
    "search_services",
    "services_new_since",
    "show",
    "stock",
    "sync",
    "touched",
    "under_way",
    "week_began",
]
