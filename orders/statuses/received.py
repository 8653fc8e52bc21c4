"""Upstream's words, in any case and with spaces, underscores or hyphens."""

import re
from functools import lru_cache

from orders.enums import OrderStatus, RefillStatus

_ORDER_WORDS = {
    "awaiting": OrderStatus.PENDING,
    "pending": OrderStatus.PENDING,
    "processing": OrderStatus.PROCESSING,
    "inprogress": OrderStatus.IN_PROGRESS,
    "completed": OrderStatus.COMPLETED,
    "partial": OrderStatus.PARTIAL,
    "canceled": OrderStatus.CANCELED,
    "cancelled": OrderStatus.CANCELED,
    "refunded": OrderStatus.CANCELED,
    "fail": OrderStatus.FAILED,
    "failed": OrderStatus.FAILED,
    "error": OrderStatus.FAILED,
}

_REFILL_WORDS = {
    "awaiting": RefillStatus.PENDING,
    "pending": RefillStatus.PENDING,
    "processing": RefillStatus.IN_PROGRESS,
    "inprogress": RefillStatus.IN_PROGRESS,
    "completed": RefillStatus.COMPLETED,
    "rejected": RefillStatus.REJECTED,
    "canceled": RefillStatus.CANCELED,
    "cancelled": RefillStatus.CANCELED,
    "fail": RefillStatus.FAILED,
    "failed": RefillStatus.FAILED,
    "error": RefillStatus.FAILED,
}


@lru_cache(maxsize=1000)
def from_upstream(word: str) -> OrderStatus | None:
    """The status that upstream's word means; unknown words give None and change nothing."""
    return _ORDER_WORDS.get(_key(word))


def refill_from_upstream(word: str) -> RefillStatus | None:
    """The refill's status that upstream's word means; unknown words give None."""
    return _REFILL_WORDS.get(_key(word))


def _key(word: str) -> str:
    return re.sub(r"[\s_\-]+", "", word).casefold()
