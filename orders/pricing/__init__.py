"""From what a service costs us to what a customer pays, stage by stage. Pure: no model, no clock.

cost rate × exchange × factor → markup → ceiling and floor → rounded up to the step
→ × billable / 1000 (× 1 for a package) → minimum charge → price.
"""

from orders.pricing.quote import Quote, choose, expected_charge, expected_cost, least_price, quote
from orders.pricing.rates import selling_rate
from orders.pricing.stages import Stage
from orders.pricing.terms import Bound, Cost, Markup, Terms

__all__ = [
    "Bound",
    "Cost",
    "Markup",
    "Quote",
    "Stage",
    "Terms",
    "choose",
    "expected_charge",
    "expected_cost",
    "least_price",
    "quote",
    "selling_rate",
]
