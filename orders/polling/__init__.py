"""Asking providers how our orders stand, at each order's pace, in batches.

`sweep` walks one provider's open orders; `retier` sets the pace; `last_checked` tells a page when
an order was last asked about.
"""

from orders.polling.checked import checked_in, last_checked, sweeps_of
from orders.polling.sweeping import SweepResult, poll_everything, poll_once, sweep, sweep_all
from orders.polling.tiers import retier

__all__ = [
    "SweepResult",
    "checked_in",
    "last_checked",
    "poll_everything",
    "poll_once",
    "retier",
    "sweep",
    "sweep_all",
    "sweeps_of",
]
