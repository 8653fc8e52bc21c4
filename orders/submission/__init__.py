"""Sending orders: each one once, whatever crashes, stalls or times out.

`gate` says whether an order may go now; `claims` takes it; `sending` speaks to the provider;
`answers` writes down what came of it; `falling_back` moves what waits in vain to its service's
fallback; `repeating` sends a lost one again with the same key, where the provider declares that
this is harmless; `probing` finds out when a held provider works again; `doubting` is for what a
restored database no longer knows.
"""

from orders.submission.answers import resolve_expired as expire_claims
from orders.submission.doubting import doubt
from orders.submission.falling_back import fall_back
from orders.submission.gate import Hold, why_held
from orders.submission.probing import probe_providers
from orders.submission.repeating import repeat_lost
from orders.submission.repeats import Outlook, outlook
from orders.submission.sending import Sent, submit_due, submit_order
from orders.submission.waiting import allow_loss, expire_waiting, hold, release

__all__ = [
    "Hold",
    "Outlook",
    "Sent",
    "allow_loss",
    "doubt",
    "expire_claims",
    "expire_waiting",
    "fall_back",
    "hold",
    "outlook",
    "probe_providers",
    "release",
    "repeat_lost",
    "submit_due",
    "submit_order",
    "why_held",
]
