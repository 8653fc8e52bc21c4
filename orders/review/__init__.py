"""Decisions on orders that only a person can settle: unconfirmed, failed, refund unknown.

`rulings` says what can be decided, `checking` what stands against it, `acts` what each decision
does; `deciding` carries one out.
"""

from orders.review.checking import check
from orders.review.deciding import decide
from orders.review.rulings import CHOICES, ON_EVIDENCE, OPEN_CASES, Ruling, cases, choices

__all__ = ["CHOICES", "ON_EVIDENCE", "OPEN_CASES", "Ruling", "cases", "check", "choices", "decide"]
