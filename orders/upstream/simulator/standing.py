"""Orders that always stood there: any number of open orders that take no memory, for benchmarks.

They are the ids from 1 on. One in twenty moves every minute, the others stand still.
"""

from typing import Any

DELIVERS = 1000


def item(number: int, at: float, currency: str) -> dict[str, Any]:
    """How the standing order with that id stands at the moment `at`."""
    minutes = int(at) // 60 if number % 20 == 0 else 0
    return {
        "charge": "0.90",
        "start_count": str(number % 40_000),
        "status": "In progress",
        "remains": str(DELIVERS - (minutes + number * 7919) % DELIVERS),
        "currency": currency,
    }
