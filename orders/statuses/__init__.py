"""What a status means: where it leads, what is owed, how often to ask, what people read. Pure."""

from orders.statuses.charge import charge_kept
from orders.statuses.customer_words import CustomerFacts, customer_reads
from orders.statuses.graph import ALLOWED, FINAL, OPEN, POLLED, may_become
from orders.statuses.pace import AFTERCARE_FOR, EVERY, first_tier, slower, tier_for
from orders.statuses.readings import (
    API_WORDS,
    REFILL_API_WORDS,
    Reading,
    api_word,
    refill_api_word,
)
from orders.statuses.received import from_upstream, refill_from_upstream
from orders.statuses.refund import refund_owed
from orders.statuses.staff_words import StaffFacts, staff_reads
from orders.statuses.subscriptions import (
    Standing,
    is_size_sure,
    post_size,
    standing_from_upstream,
    subscription_word,
    while_under_way,
)

__all__ = [
    "AFTERCARE_FOR",
    "ALLOWED",
    "API_WORDS",
    "EVERY",
    "FINAL",
    "OPEN",
    "POLLED",
    "REFILL_API_WORDS",
    "CustomerFacts",
    "Reading",
    "StaffFacts",
    "Standing",
    "api_word",
    "charge_kept",
    "customer_reads",
    "first_tier",
    "from_upstream",
    "is_size_sure",
    "may_become",
    "post_size",
    "refill_api_word",
    "refill_from_upstream",
    "refund_owed",
    "slower",
    "staff_reads",
    "standing_from_upstream",
    "subscription_word",
    "tier_for",
    "while_under_way",
]
