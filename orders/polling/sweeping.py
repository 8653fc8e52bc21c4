"""A sweep: take a provider's lease, walk its due tiers for a while, give the lease back."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import product

import structlog

from orders import connections, panel_settings, provider_health, rate
from orders.enums import SweepKind, Tier
from orders.models import Provider
from orders.moments import Stopwatch
from orders.polling import leases
from orders.polling.asking import Asker, NoTurn
from orders.polling.conversation import Conversation, Ended
from orders.polling.shards import WHOLE, Shard, shards
from orders.polling.walking import Walk
from orders.progress import Applied, LeaseLost
from orders.statuses import EVERY
from orders.upstream.client import Client

log = structlog.get_logger(__name__)

BUDGET_SECONDS = 30.0
"""How long one sweep goes on; an unfinished round is continued by the next one."""

WHOLE_ROUNDS_SECONDS = 3600.0

_ORDERS = SweepKind.ORDERS


@dataclass(frozen=True)
class SweepResult:
    """How a sweep went. `state` is `done`, `budget` (time was over), `busy` (somebody else is at
    it), `stopped` (by a switch), `resting`, `key unreadable`, `slowed`, `failing` or
    `taken_over`."""

    provider_id: int
    state: str
    asked: int = 0
    calls: int = 0
    failed_calls: int = 0
    applied: Applied = field(default_factory=Applied)

    @property
    def changed(self) -> int:
        return self.applied.changed

    def __add__(self, other: "SweepResult") -> "SweepResult":
        """Of two parts of one provider's orders: the state is that of what did not go well."""
        return SweepResult(
            self.provider_id,
            other.state if self.state == "done" else self.state,
            self.asked + other.asked,
            self.calls + other.calls,
            self.failed_calls + other.failed_calls,
            self.applied + other.applied,
        )

    def __str__(self) -> str:
        if self.state in {"busy", "stopped", "resting", "key unreadable"}:
            return self.state
        said = f"{self.asked} orders in {self.calls} calls, {self.changed} changed"
        if self.applied.refunds:
            said += f", {self.applied.refunds} refunds of {self.applied.amount:f}"
        if self.failed_calls:
            said += f", {self.failed_calls} calls failed"
        return said if self.state == "done" else f"{said} ({self.state})"


def sweep(
    provider_id: int,
    *,
    now: datetime,
    budget_seconds: float = BUDGET_SECONDS,
    every_tier: bool = False,
    shard: Shard = WHOLE,
) -> SweepResult:
    """Ask a provider about the open orders that are due, and apply what changed.

    Safe twice at once and after a kill: one process holds the lease at a time, and a dead one's
    runs out. `every_tier` asks about all of them once, whatever their pace and the provider's
    rest; `shard` about a part of them. Nothing that a provider does raises.
    """
    provider = Provider.objects.select_related("state").get(pk=provider_id)
    if provider.not_polled or panel_settings.current().not_polled:
        return SweepResult(provider_id, "stopped")
    if provider_health.resting(provider, now) and not every_tier:
        return SweepResult(provider_id, "resting")
    if not connections.opens(provider):
        return SweepResult(provider_id, "key unreadable")
    with connections.client_for(provider) as client:
        patience = provider.total_timeout
        held = leases.take(provider_id, _ORDERS, shard.number, patience_seconds=patience)
        if held is None:
            return SweepResult(provider_id, "busy")
        return _sweep(_walk(provider, client, held, now, shard), budget_seconds, every_tier)


class Sweeps(list[SweepResult]):
    """Several sweeps; as text, one line."""

    def __str__(self) -> str:
        return "; ".join(f"provider {one.provider_id}: {one}" for one in self) or "no provider"


def sweep_all(now: datetime, *, budget_seconds: float = BUDGET_SECONDS) -> Sweeps:
    """A sweep of every provider in turn, sharing the time. Several processes at it share the
    providers, and the parts of each: what one is at, the others find busy and pass by."""
    parts = list(product(_provider_ids(), shards()))
    watch, results = Stopwatch(now), Sweeps()
    for place, (pk, shard) in enumerate(parts):
        share = max(budget_seconds - watch.seconds, 1) / (len(parts) - place)
        results.append(sweep(pk, now=watch.now, budget_seconds=share, shard=shard))
    return results


def poll_once(provider_id: int, now: datetime) -> SweepResult:
    """Every open order of a provider asked about once, whatever its pace."""
    found = [
        sweep(
            provider_id,
            now=now,
            budget_seconds=WHOLE_ROUNDS_SECONDS,
            every_tier=True,
            shard=shard,
        )
        for shard in shards()
    ]
    return reduce(SweepResult.__add__, found)


def poll_everything(now: datetime) -> Sweeps:
    """Every open order of every provider asked about once."""
    return Sweeps(poll_once(pk, now) for pk in _provider_ids())


def _provider_ids() -> list[int]:
    return list(Provider.objects.order_by("pk").values_list("pk", flat=True))


def _walk(
    provider: Provider, client: Client, held: leases.HeldSweep, now: datetime, shard: Shard
) -> Walk:
    pace = rate.pace_of(provider, now)
    asker = Asker(client.statuses, pace, max(provider.requests_at_once, 1), Stopwatch(now))
    talk = Conversation(provider.pk, asker, keep=held.keep)
    return Walk(provider.pk, provider.batch_size, held, talk, shard)


def _sweep(walk: Walk, budget_seconds: float, every_tier: bool) -> SweepResult:
    state = "done"
    try:
        if every_tier:
            _whole_rounds(walk, budget_seconds)
        elif not _due_rounds(walk, budget_seconds):
            state = "budget"
    except Ended as ended:
        state = ended.state
    except NoTurn:
        state = "budget"
    except LeaseLost:
        state = "taken_over"
    finally:
        at = walk.conversation.asker.watch.now
        walk.held.give_back(asked=walk.asked, changed=walk.applied.changed, at=at)
    talk = walk.conversation
    result = SweepResult(
        walk.provider_id, state, walk.asked, talk.calls, talk.failed_calls, walk.applied
    )
    log.info("sweep", provider=walk.provider_id, result=str(result))
    return result


def _due_rounds(walk: Walk, budget_seconds: float) -> bool:
    """Walk what is due, the fastest tier first; False when time was over before all was asked.

    The time left is shared among the tiers that are due, so that under load the slow ones are
    still walked; what one does not use goes to the next.
    """
    watch, rounds = walk.conversation.asker.watch, walk.held.rounds
    while due := rounds.due(watch.now, EVERY):
        for place, tier in enumerate(due):
            left = budget_seconds - watch.seconds
            if left <= 0:
                return False
            walk.tier(tier, until=watch.seconds + left / (len(due) - place))
    return True


def _whole_rounds(walk: Walk, budget_seconds: float) -> None:
    for tier in Tier:
        walk.held.rounds.abandon(tier)
        walk.tier(tier, until=budget_seconds)
