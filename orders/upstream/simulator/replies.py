"""The small pieces that answers are made of."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .kinds import Refusal


def count_ids(params: Mapping[str, str]) -> int:
    """How many ids a call names."""
    return sum(len(ids_of(params, name)) for name in ("order", "orders", "refill", "refills"))


def ids_of(params: Mapping[str, str], name: str) -> list[str]:
    """The ids of a parameter, written `1,2`."""
    return [one for one in re.split(r"[,\s]+", params.get(name, "")) if one]


def or_error(work: Callable[..., Any], *about: Any) -> Any:
    """What `work` gives, or its refusal as one item's error."""
    try:
        return work(*about)
    except Refusal as refusal:
        return {"error": str(refusal)}


def id_of(number: str) -> int | str:
    """An id as an answer shows it; what is no id comes back as it came."""
    return int(number) if number.isdigit() else number


def text(amount: Decimal) -> str:
    """A decimal without an exponent and without zeros after its second place."""
    text = f"{amount:f}"
    whole, point, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}" if point else text
