"""Comparing what providers' balances did with what we know to have moved them.

`spans` compares two readings, `days` a row of days; `top_ups` writes down what we pay in;
`charges` finds the orders behind a difference.
"""

from orders.reconcile.charges import (
    NOTABLE_PERCENT,
    Difference,
    difference,
    differing,
    in_doubt,
    may_explain,
)
from orders.reconcile.days import MOST_DAYS, Account, Day, account
from orders.reconcile.spans import (
    CHECKED_OVER,
    TOLD_TO,
    Span,
    between,
    in_currency,
    spans,
    unexplained,
)
from orders.reconcile.top_ups import record_top_up, take_back, top_ups

__all__ = [
    "CHECKED_OVER",
    "MOST_DAYS",
    "NOTABLE_PERCENT",
    "TOLD_TO",
    "Account",
    "Day",
    "Difference",
    "Span",
    "account",
    "between",
    "difference",
    "differing",
    "in_currency",
    "in_doubt",
    "may_explain",
    "record_top_up",
    "spans",
    "take_back",
    "top_ups",
    "unexplained",
]
