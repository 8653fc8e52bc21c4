"""When an order was last asked about, told from its sweep's rounds: no order row is written."""

from collections.abc import Iterable
from datetime import datetime

from orders.enums import SweepKind, Tier
from orders.models import Order, Sweep
from orders.polling.rounds import Rounds
from orders.polling.shards import shard_of


def sweeps_of(orders: Iterable[Order]) -> dict[int, Sweep]:
    """The sweeps over these orders, by order, in one query."""
    parts = {order.pk: (order.provider_id, shard_of(order.pk)) for order in orders}
    providers = {provider_id for provider_id, _ in parts.values()}
    found = Sweep.objects.filter(provider_id__in=providers, kind=SweepKind.ORDERS)
    sweeps = {(sweep.provider_id, sweep.shard): sweep for sweep in found}
    return {pk: sweeps[part] for pk, part in parts.items() if part in sweeps}


def last_checked(order: Order) -> datetime | None:
    """When the provider was last asked about this order (at the latest); None: not yet."""
    return checked_in(sweeps_of([order]).get(order.pk), order)


def checked_in(sweep: Sweep | None, order: Order) -> datetime | None:
    """The same for a page of orders: give it the order's sweep from `sweeps_of`."""
    if not order.upstream_status:
        return None  # nothing was ever reported about it
    asked = _round_that_asked(sweep, order) if sweep and order.tier else None
    # What changed the order was an answer too.
    return max(asked, order.changed_at) if asked else order.changed_at


def _round_that_asked(sweep: Sweep, order: Order) -> datetime | None:
    rounds, tier = Rounds.of(sweep), Tier(order.tier or Tier.AFTERCARE)
    if rounds.on_its_way(tier) and order.pk > rounds.cursor(tier):
        return rounds.ended_at(tier)
    return rounds.began_at(tier)
