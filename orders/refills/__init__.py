"""Refills: asked for by a person, sent once in a batch, followed until the provider is done.

`windows` says until when one may be asked for; `asking` asks and sends; `following` hears how they
stand; `settling` is what people decide about those that nobody can ask the provider about.
"""

from orders.refills.asking import KIND, request, send_requested
from orders.refills.following import poll
from orders.refills.settling import renumber, settle
from orders.refills.states import AT_PROVIDER, ENDED, LOST, NUMBERED, overdue
from orders.refills.windows import Window, refill_until, why_not_refill, window

__all__ = [
    "AT_PROVIDER",
    "ENDED",
    "KIND",
    "LOST",
    "NUMBERED",
    "Window",
    "overdue",
    "poll",
    "refill_until",
    "renumber",
    "request",
    "send_requested",
    "settle",
    "why_not_refill",
    "window",
]
