"""Sending orders: each one once, whatever crashes, stalls or times out.

`gate` says whether an order may go now; `claims` takes it; `sending` speaks to the provider;
`answers` writes down what came of it; `probing` finds out when a held provider works again.
"""

from orders.submission.answers import resolve_expired as expire_claims
from orders.submission.gate import Hold, why_held
from orders.submission.probing import probe_providers
from orders.submission.sending import Sent, submit_due, submit_order
from orders.submission.waiting import allow_loss, expire_waiting, hold, release

__all__ = [
    "Hold",
    "Sent",
    "allow_loss",
    "expire_claims",
    "expire_waiting",
    "hold",
    "probe_providers",
    "release",
    "submit_due",
    "submit_order",
    "why_held",
]
