"""Figures: live ones of a short period, daily roll-ups for long ones, providers' accounts.

Revenue and refunds are the ledger's, by the day on which the money moved. The charge is that of
the orders placed in the period, because only orders know it.
"""

from orders.reports.accounts import PACE_OVER, hours_left, spending
from orders.reports.figures import DayFigures, Period, Totals, by_day, totals

__all__ = [
    "PACE_OVER",
    "DayFigures",
    "Period",
    "Totals",
    "by_day",
    "hours_left",
    "spending",
    "totals",
]
