"""How a provider's report changes an order: `apply` is the only way.

`consequence` decides, without a database, what follows from one report; `apply` carries it out for
many orders at once, with their money and their history, in one transaction.
"""

from orders.progress.applying import Applied, Lease, LeaseLost, apply, apply_to_children
from orders.progress.consequence import Change, consequence
from orders.progress.families import NO_RUNS, last_said
from orders.progress.rates import unsure_posts
from orders.progress.reports import (
    MISSING,
    UNREADABLE,
    Report,
    Row,
    Said,
    digest,
    repeats,
    says_nothing_new,
)

__all__ = [
    "MISSING",
    "NO_RUNS",
    "UNREADABLE",
    "Applied",
    "Change",
    "Lease",
    "LeaseLost",
    "Report",
    "Row",
    "Said",
    "apply",
    "apply_to_children",
    "consequence",
    "digest",
    "last_said",
    "repeats",
    "says_nothing_new",
    "unsure_posts",
]
