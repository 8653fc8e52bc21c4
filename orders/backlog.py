"""How far behind the machinery is: what waited longest, what was not asked about longest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, QuerySet

from orders.enums import OrderStatus, SweepKind, Tier
from orders.models import Order, Sweep
from orders.polling.rounds import Rounds
from orders.statuses import EVERY

MOST_COUNTED = 1000
MOST_SWEEPS = 1000


@dataclass(frozen=True)
class Waiting:
    """Orders that wait to be sent: how many (no further than one beyond 1,000) and since when."""

    count: int
    since: datetime | None


@dataclass(frozen=True)
class Unchecked:
    """The open orders that are the furthest behind their pace: asked last at `since`."""

    since: datetime
    pace: timedelta

    def is_late(self, now: datetime) -> bool:
        """Whether two rounds of their pace were missed."""
        return now - self.since > 2 * self.pace


def waiting(orders: QuerySet[Order]) -> Waiting:
    """What waits among these orders."""
    oldest = orders.filter(status=OrderStatus.WAITING).order_by("pk")[: MOST_COUNTED + 1]
    return Waiting(**oldest.aggregate(count=Count("pk"), since=Min("waiting_since")))


def unchecked(now: datetime) -> Unchecked | None:
    """Told from the sweeps, so that no order is looked at; None before anything was asked.

    Providers that are not to be asked are left out.
    """
    sweeps = Sweep.objects.filter(
        kind=SweepKind.ORDERS, provider__not_polled=False, shard__lt=settings.POLL_SHARDS
    )
    columns = ("cursors", "rounds", "started")
    found = [
        Unchecked(since, EVERY[tier])
        for sweep in sweeps.only(*columns)[:MOST_SWEEPS]
        for tier in Tier
        if (since := _asked(Rounds.of(sweep), tier))
    ]
    return max(found, key=lambda one: (now - one.since) / one.pace, default=None)


def _asked(rounds: Rounds, tier: Tier) -> datetime | None:
    """When all of a tier had been asked about: those after the cursor in the round before."""
    return rounds.ended_at(tier) if rounds.on_its_way(tier) else rounds.began_at(tier)
