"""How often a provider is asked about an order."""

from datetime import timedelta

from orders.enums import OrderStatus, Tier
from orders.statuses.graph import POLLED

EVERY = {
    Tier.FAST: timedelta(minutes=1),
    Tier.QUIET: timedelta(minutes=10),
    Tier.OLD: timedelta(hours=1),
    Tier.AFTERCARE: timedelta(days=1),
}
"""The pace of each tier, about."""

MOVING_FOR = timedelta(hours=1)
"""So long after its last change an order counts as young or moving."""

QUIET_FOR = timedelta(days=1)
"""So long after its last change an order counts as quiet; then it is old."""

AFTERCARE_FOR = timedelta(days=7)
"""So long after its end a provider's change of mind is still looked for and honoured."""

_AFTERCARE = frozenset({OrderStatus.COMPLETED, OrderStatus.PARTIAL, OrderStatus.CANCELED})


def tier_for(
    status: OrderStatus | str, since_change: timedelta, *, at_provider: bool = True
) -> Tier | None:
    """The pace for an order whose last change lies so far back; None: no longer asked about.

    `at_provider` says whether it has an upstream id: without one there is nothing to ask about.
    """
    status = OrderStatus(status)
    if not at_provider:
        return None
    if status in _AFTERCARE:
        return Tier.AFTERCARE if since_change < AFTERCARE_FOR else None
    if status not in POLLED:
        return None
    if since_change < MOVING_FOR:
        return Tier.FAST
    return Tier.QUIET if since_change < QUIET_FOR else Tier.OLD


def first_tier(status: OrderStatus | str, *, at_provider: bool = True) -> Tier | None:
    """The pace right after a change: the order was accepted, moved, or ended."""
    return tier_for(status, timedelta(0), at_provider=at_provider)


def slower(tier: Tier | int) -> Tier:
    """The next slower pace, for an item whose answer cannot be used; never out of sight."""
    return {Tier.FAST: Tier.QUIET, Tier.QUIET: Tier.OLD}.get(Tier(tier), Tier(tier))
