"""Top-ups: asked for and approved by a person, or paid at a gateway and credited once."""

from orders.topups.asking import (
    MOST_OPEN,
    ask,
    fee_of,
    offered,
    to_decide,
    visible,
    withdraw,
)
from orders.topups.checkouts import begin, follow, hear, look
from orders.topups.deciding import approve, decline
from orders.topups.methods import (
    EDITABLE,
    add_method,
    change_method,
    change_secrets,
    gateway_of,
)
from orders.topups.proofs import MOST_BYTES, Upload

__all__ = [
    "EDITABLE",
    "MOST_BYTES",
    "MOST_OPEN",
    "Upload",
    "add_method",
    "approve",
    "ask",
    "begin",
    "change_method",
    "change_secrets",
    "decline",
    "fee_of",
    "follow",
    "gateway_of",
    "hear",
    "look",
    "offered",
    "to_decide",
    "visible",
    "withdraw",
]
