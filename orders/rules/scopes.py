"""What each level speaks about: the columns of a rule or bound that it fills."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, Q

from orders.enums import PriceLevel

COLUMNS = ("service", "category", "customer", "staff")

MARKUP_LEVELS: Mapping[PriceLevel, frozenset[str]] = {
    PriceLevel.CUSTOMER_SERVICE: frozenset({"customer", "service"}),
    PriceLevel.CUSTOMER_CATEGORY: frozenset({"customer", "category"}),
    PriceLevel.CUSTOMER: frozenset({"customer"}),
    PriceLevel.STAFF: frozenset({"staff"}),
    PriceLevel.SERVICE: frozenset({"service"}),
    PriceLevel.CATEGORY: frozenset({"category"}),
    PriceLevel.PANEL: frozenset(),
}
BOUND_LEVELS = {
    level: MARKUP_LEVELS[level]
    for level in (PriceLevel.STAFF, PriceLevel.SERVICE, PriceLevel.CATEGORY, PriceLevel.PANEL)
}


def columns_of(
    level: PriceLevel, scope: Mapping[str, Model], levels: Mapping[PriceLevel, frozenset[str]]
) -> dict[str, Any]:
    """Every scope column with its row or null. Raises `TypeError` for a scope that does not fit."""
    if level not in levels:
        raise TypeError(f"no rule stands on the level {level}")
    if set(scope) != levels[level]:
        wanted = ", ".join(sorted(levels[level])) or "nothing"
        raise TypeError(f"the level {level} speaks about {wanted}, not {sorted(scope)}")
    return {name: scope.get(name) for name in COLUMNS}


def exactly(level: PriceLevel, columns: Mapping[str, Any]) -> Q:
    """The acting row of just this scope."""
    filled = {name: row for name, row in columns.items() if row is not None}
    empty = {f"{name}__isnull": True for name, row in columns.items() if row is None}
    return Q(level=level, ended_at=None, **filled, **empty)
