"""The selling rate by itself, without the stages that explain it: for lists of thousands."""

from decimal import Decimal, localcontext

from orders.money import QUANTUM, round_up
from orders.pricing.quote import PRECISION
from orders.pricing.terms import Cost, Markup, Terms


def selling_rate(cost: Cost, markup: Markup, terms: Terms) -> Decimal:
    """The rate that `quote` arrives at, whatever the quantity: markup, ceiling, floor, step.

    Raises `ValueError` for a typed total, which knows no rate.
    """
    with localcontext(prec=PRECISION):
        cost_rate = cost.rate * cost.exchange_rate * cost.factor
        rate, most = markup.on(cost_rate), terms.most(cost_rate)
        if most is not None:
            rate = min(rate, most)
        rate = max(rate, terms.least(cost_rate))
        rounded = round_up(rate, max(terms.step, QUANTUM))
        return most if most is not None and rate <= most < rounded else rounded
