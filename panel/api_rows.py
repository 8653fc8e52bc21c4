"""How the API writes figures and lists a service; its page shows the same."""

from decimal import Decimal
from typing import Any

from orders.shop import Listed


def figure(amount: Decimal) -> str:
    """A plain decimal, as clients parse it: no exponent, no grouping, no zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def service_row(row: Listed) -> dict[str, Any]:
    """One item of the action `services`."""
    return {
        "service": row.service,
        "name": row.name,
        "type": row.type,
        "category": row.category,
        "rate": figure(row.rate),
        "min": str(row.least),
        "max": str(row.most),
        "refill": row.refill,
        "cancel": row.cancel,
    }
