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
from orders.models import Child, Order, Provider
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
    """How long ago an order changed, or a child: that of an order which ended long ago is let go
    with it."""

    id: int
    status: str
    status_at: datetime
    changed_at: datetime
    finished_at: datetime | None
    order_finished_at: datetime | None = None


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
        changed += _move(Order, tier, page, watch.now)
        if page:
            rounds.move(tier, page[-1].id)
        if len(page) < PAGE:
            children = _children(provider_id, tier, rounds.child_cursor(tier))
            changed += _move(Child, tier, children, watch.now)
            if len(children) < PAGE:
                rounds.end(tier, watch.now)
                break
            rounds.move_child(tier, children[-1].id)
        held.save()
    return changed


def _page(provider_id: int, tier: Tier, after: int) -> list[Standing]:
    orders = Order.objects.filter(provider_id=provider_id, tier=tier, pk__gt=after)
    columns = Standing._fields[:-1]
    rows = orders.order_by("provider_id", "tier", "id").values_list(*columns)[:PAGE]
    return [Standing._make((*row, None)) for row in rows]


def _children(provider_id: int, tier: Tier, after: int) -> list[Standing]:
    children = Child.objects.filter(provider_id=provider_id, tier=tier, pk__gt=after)
    columns = (*Standing._fields[:-1], "order__finished_at")
    rows = children.order_by("provider_id", "tier", "id").values_list(*columns)[:PAGE]
    return [Standing._make(row) for row in rows]


def _move(
    model: type[Order] | type[Child], tier: Tier, page: Sequence[Standing], now: datetime
) -> int:
    moves: defaultdict[Tier | None, list[Standing]] = defaultdict(list)
    for one in page:
        if (slower := _slower(tier, one, now)) is not tier:
            moves[slower].append(one)
    return sum(_write(model, tier, to, found) for to, found in moves.items())


def _slower(tier: Tier, one: Standing, now: datetime) -> Tier | None:
    over = one.order_finished_at
    if over is not None and now - over >= statuses.AFTERCARE_FOR:
        return None
    since = now - (one.finished_at or max(one.changed_at, one.status_at))
    wanted = statuses.tier_for(one.status, since)
    return wanted if wanted is None or wanted > tier else tier


@sql.repeated_on_deadlock
def _write(
    model: type[Order] | type[Child], tier: Tier, to: Tier | None, found: Sequence[Standing]
) -> int:
    # What moved since the page was read keeps its pace: it changed later than all of these had.
    newest = max(one.changed_at for one in found)
    ids = [one.id for one in found]
    return model._default_manager.filter(pk__in=ids, tier=tier, changed_at__lte=newest).update(
        tier=to
    )
