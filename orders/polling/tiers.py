"""Setting the pace of orders that have grown quiet, old, or ended long ago.

A job of its own, so that asking about an order never writes it. Orders get slower here and faster
only in `progress.apply`, with movement.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from orders import sql, statuses
from orders.enums import SweepKind, Tier
from orders.models import Order, Provider
from orders.moments import Stopwatch
from orders.polling import leases
from orders.progress import LeaseLost

EVERY = {
    Tier.FAST: timedelta(minutes=1),
    Tier.QUIET: timedelta(minutes=10),
    Tier.OLD: timedelta(hours=1),
    Tier.AFTERCARE: timedelta(hours=1),
}
"""How often each tier is looked through."""

PAGE = 5000
BUDGET_SECONDS = 10.0


class Standing(NamedTuple):
    """How long ago an order changed."""

    id: int
    status: str
    status_at: datetime
    changed_at: datetime
    finished_at: datetime | None


def retier(now: datetime, *, budget_seconds: float = BUDGET_SECONDS) -> int:
    """Slow down what has not changed for long, and let go of what ended long ago.

    Walks `(provider, tier, id)` from where it stopped, for a bounded time. Returns how many
    orders changed their pace.
    """
    watch = Stopwatch(now)
    ids = Provider.objects.order_by("pk").values_list("pk", flat=True)
    return sum(_retier(pk, watch, budget_seconds) for pk in list(ids))


def _retier(provider_id: int, watch: Stopwatch, budget_seconds: float) -> int:
    held = leases.take(provider_id, SweepKind.TIERS)
    if held is None:
        return 0
    changed = 0
    try:
        for tier in held.rounds.due(watch.now, EVERY):
            changed += _round(held, provider_id, tier, watch, budget_seconds)
    except LeaseLost:
        pass
    finally:
        held.give_back(asked=0, changed=changed, at=watch.now)
    return changed


def _round(
    held: leases.HeldSweep, provider_id: int, tier: Tier, watch: Stopwatch, budget_seconds: float
) -> int:
    changed, rounds = 0, held.rounds
    if not rounds.on_its_way(tier):
        rounds.begin(tier, watch.now)
    while watch.seconds < budget_seconds:
        page = _page(provider_id, tier, rounds.cursor(tier))
        changed += _move(tier, page, watch.now)
        if len(page) < PAGE:
            rounds.end(tier, watch.now)
            break
        rounds.move(tier, page[-1].id)
        held.save()
    return changed


def _page(provider_id: int, tier: Tier, after: int) -> list[Standing]:
    orders = Order.objects.filter(provider_id=provider_id, tier=tier, pk__gt=after)
    rows = orders.order_by("provider_id", "tier", "id").values_list(*Standing._fields)[:PAGE]
    return [Standing._make(row) for row in rows]


def _move(tier: Tier, page: Sequence[Standing], now: datetime) -> int:
    moves: defaultdict[Tier | None, list[int]] = defaultdict(list)
    for order in page:
        if (slower := _slower(tier, order, now)) is not tier:
            moves[slower].append(order.id)
    return sum(_write(tier, to, ids, now) for to, ids in moves.items())


def _slower(tier: Tier, order: Standing, now: datetime) -> Tier | None:
    since = now - (order.finished_at or max(order.changed_at, order.status_at))
    wanted = statuses.tier_for(order.status, since)
    return wanted if wanted is None or wanted > tier else tier


@sql.repeated_on_deadlock
def _write(tier: Tier, to: Tier | None, ids: Sequence[int], now: datetime) -> int:
    # What moved since the page was read keeps its pace.
    return Order.objects.filter(pk__in=ids, tier=tier, changed_at__lte=now).update(tier=to)
