"""What refills and cancel requests share: each is sent at most once, a batch at a time.

Claim and commit, speak once, write down the answer. A lost answer is `unknown`, which only a
person (or, for a cancel request, the order's own end) settles.
"""

from orders.followups.answers import record
from orders.followups.asking import ask
from orders.followups.claims import claim, doubt_requested, expire_claims
from orders.followups.kinds import UNKNOWN, Batch, Kind, holder, tell, visible
from orders.followups.sending import send_requested

__all__ = [
    "UNKNOWN",
    "Batch",
    "Kind",
    "ask",
    "claim",
    "doubt_requested",
    "expire_claims",
    "holder",
    "record",
    "send_requested",
    "tell",
    "visible",
]
