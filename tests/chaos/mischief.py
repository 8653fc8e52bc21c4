"""Carrying out the plan's trouble, act by act."""

import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import psycopg
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from orders import doorbell
from orders.models import Child, Order, ProviderState
from tests.chaos.ambush import Ambush
from tests.chaos.cast import Cast
from tests.chaos.plan import WORKERS, Act, Plan
from tests.chaos.upstreams import Upstream

SPELL_FAULTS = {
    "silence": {"timeout_before": 1},
    "no funds": {"no_funds": 1},
    "bad key": {"bad_key": {"probability": 1}},
}
OUTAGES = ("refuse", "silence")
RISE = "1.5"
TICK, BETWEEN = 0.25, 2.0
MOST_TRIES = 330
"""Of a catalog's reading: whoever was killed with one in hand bars the next for ten minutes."""


@dataclass(frozen=True)
class Outage:
    """A provider did not answer from `began` to `ended`."""

    provider_id: int
    kind: str
    began: datetime
    ended: datetime


class Mischief:
    """The acts of one run, and what was done."""

    def __init__(self, cast: Cast, upstreams: list[Upstream], seed: int):
        self._cast, self._upstreams, self._seed = cast, upstreams, seed
        self.done: Counter[str] = Counter()
        self.cut = 0
        self.outages: list[Outage] = []
        self._moved: dict[int, datetime] = {}
        """Since when each provider's rates have been what they are."""
        self._ends: list[tuple[float, Callable[[], None]]] = []
        self._ambushes: list[Ambush] = []

    def play(self, plan: Plan, placing: Callable[[], float], between: Callable[[], None]) -> None:
        """Do everything at its second, to the plan's end; `between` is called now and then.

        `placing` is the second of the next order: where the machine is too slow to place in
        time, trouble waits for the orders that it is meant for. Raises `Stopped`.
        """
        acts = deque(plan.acts)
        second, last, counted = 0.0, time.monotonic(), 0.0
        while second < plan.seconds or self._ends or any(a.is_alive() for a in self._ambushes):
            while acts and acts[0].at <= second:
                self._begin(acts.popleft())
            self._end_what_is_over()
            if last - counted > BETWEEN:
                between()
                counted = last
            self._cast.pause(TICK)
            passed, last = time.monotonic() - last, time.monotonic()
            second = min(second + passed, max(placing(), second))

    def _end_what_is_over(self) -> None:
        for end in [end for end in self._ends if end[0] <= time.monotonic()]:
            self._ends.remove(end)
            end[1]()

    def _after(self, seconds: float, what: Callable[[], None]) -> None:
        self._ends.append((time.monotonic() + seconds, what))

    def _begin(self, act: Act) -> None:
        self.done[act.name] += 1
        verb, _, whom = act.name.partition(" ")
        if verb == "kill":
            self._cast.kill(self._worker(act) if whom == "worker" else whom)
        elif verb == "stall":
            if group := self._cast.stall(self._worker(act)):
                self._after(act.seconds, partial(self._cast.wake, group))
        elif verb == "strand":
            self._ambush(act)
        elif verb == "cut":
            with suppress(psycopg.Error):  # it has just been killed
                self.cut += self._cast.database.cut()
        elif act.name == "taken id":
            self._give_taken_id(self._upstreams[act.target])
        elif act.name == "service gone":
            self._take_away(self._upstreams[act.target], act.seconds)
        else:
            self._spell(act, self._upstreams[act.target])

    def _worker(self, act: Act) -> str:
        """The one that the plan names, or the next one while that has an answer to bring."""
        stranded = {one.worker for one in self._ambushes}
        numbers = [(act.target + more) % WORKERS for more in range(WORKERS)]
        names = [f"worker-{number}" for number in numbers]
        return next((name for name in names if name not in stranded), names[0])

    def _ambush(self, act: Act) -> None:
        thread = Ambush(self._cast, self._seed, act.seconds)
        self._ambushes.append(thread)
        thread.start()

    @property
    def stranded(self) -> int:
        """How many workers were cut off with an answer on its way to them."""
        return sum(one.struck for one in self._ambushes)

    @property
    def strandings(self) -> list[tuple[datetime, datetime]]:
        """When some worker's sessions at the database stood still, with what they had locked."""
        return [span for one in self._ambushes for span in one.spans]

    def _give_taken_id(self, upstream: Upstream, tries: int = 5) -> None:
        """The next order gets the id of one that we hold; later, while there is none or the
        provider cannot be told."""
        held = _id_that_we_hold(upstream, of_a_run=self.done["taken id"] % 2 == 0)
        with suppress(OSError):
            if held:
                upstream.simulator.faults(taken_id={"next": 1, "value": held})
                return
        if tries:
            self._after(BETWEEN, partial(self._give_taken_id, upstream, tries - 1))

    def _take_away(self, upstream: Upstream, seconds: float) -> None:
        """Its first service is gone for a while; later, while it refuses connections."""
        try:
            upstream.offer_first(is_gone=True)
        except OSError:
            self._after(BETWEEN, partial(self._take_away, upstream, seconds))
            return
        self._after(seconds, partial(self._bring_back, upstream))

    def _bring_back(self, upstream: Upstream) -> None:
        try:
            upstream.offer_first(is_gone=False)
        except OSError:
            self._after(BETWEEN, partial(self._bring_back, upstream))
            return
        read_catalog(upstream)

    def _move_rates(self, upstream: Upstream, factor: str, tries: int = MOST_TRIES) -> None:
        """Later, while its catalog has not been read since they moved last: of a rate that moved
        and moved back between two readings no panel can know."""
        since = self._moved.get(upstream.provider_id)
        try:
            if since is None or tries == 0 or was_read(upstream, since):
                upstream.set_rates(factor)
                self._moved[upstream.provider_id] = timezone.now()
                read_catalog(upstream)
                return
        except OSError:  # it refuses connections
            pass
        read_catalog(upstream)
        self._after(BETWEEN, partial(self._move_rates, upstream, factor, max(tries - 1, 0)))

    # ── Spells of a provider ─────────────────────────────────────────────────────────────────

    def _spell(self, act: Act, upstream: Upstream) -> None:
        if act.name == "price rise":
            self._move_rates(upstream, RISE)
        elif act.name == "refuse":
            upstream.simulator.refuse(act.seconds)
        else:
            upstream.misbehave(**SPELL_FAULTS[act.name])
        end = partial(self._end_spell, act, upstream, timezone.now())
        self._after(act.seconds, end)

    def _end_spell(self, act: Act, upstream: Upstream, began: datetime) -> None:
        if act.name in OUTAGES:
            outage = Outage(upstream.provider_id, act.name, began, timezone.now())
            self.outages.append(outage)
        if act.name == "price rise":
            self._move_rates(upstream, "1")
        elif act.name != "refuse":  # that one ends by itself
            upstream.misbehave()


def _id_that_we_hold(upstream: Upstream, *, of_a_run: bool) -> str:
    """The provider's id of some order of ours, or of a run of one; "" where none is known just
    now."""
    orders = Order.objects.filter(provider=upstream.provider_id).exclude(upstream_id=None)
    runs = Child.objects.filter(provider=upstream.provider_id)
    try:
        for held in (runs, orders) if of_a_run else (orders,):
            if found := held.order_by("pk").values_list("upstream_id", flat=True).first():
                return str(found)
        return ""
    except (DatabaseError, InterfaceError):  # this connection was cut
        connection.close()
        return ""


def read_catalog(upstream: Upstream) -> None:
    """As when somebody presses the button on the provider's page; while the database is away
    nobody can, and the next reading comes by itself."""
    try:
        doorbell.ring("orders.sync_catalog", upstream.provider_id)
    except (DatabaseError, InterfaceError):
        connection.close()


def was_read(upstream: Upstream, since: datetime) -> bool:
    """Whether a reading of its catalog that began later was taken in."""
    read = ProviderState.objects.filter(provider=upstream.provider_id, catalog_read_at__gt=since)
    try:
        return read.exists()
    except (DatabaseError, InterfaceError):
        connection.close()
        return False


def have_read(upstreams: list[Upstream], pause: Callable[[float], None]) -> None:
    """Have every catalog read as it is now, for as long as that may take."""
    since, tries = timezone.now(), MOST_TRIES
    while tries and (left := [one for one in upstreams if not was_read(one, since)]):
        for upstream in left:
            read_catalog(upstream)
        pause(BETWEEN)
        tries -= 1
