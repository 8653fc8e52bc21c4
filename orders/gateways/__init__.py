"""Payment gateways: the only code that speaks to one. It knows no table and no ledger.

A gateway takes a customer to a payment page of its own (`begin`), tells us of payments by news
that it signs (`read_news`), and answers when it is asked (`ask`). Another one is a module with a
class of the same shape and a line in `GATEWAYS`; `orders.topups` carries out what follows
(docs/guides/add-a-gateway.md).
"""

from orders.gateways.checkout import Checkout
from orders.gateways.contract import (
    BadNews,
    Gateway,
    GatewayError,
    Outcome,
    Payment,
    Signposts,
    Started,
)

GATEWAYS: dict[str, type[Gateway]] = {"checkout": Checkout}

__all__ = [
    "GATEWAYS",
    "BadNews",
    "Checkout",
    "Gateway",
    "GatewayError",
    "Outcome",
    "Payment",
    "Signposts",
    "Started",
]
