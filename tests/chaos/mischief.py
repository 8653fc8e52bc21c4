"""Carrying out the plan's trouble, act by act."""

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import connection
from django.utils import timezone

from orders import doorbell
from tests.chaos.cast import Cast
from tests.chaos.plan import Act, Plan
from tests.chaos.upstreams import Upstream

SPELL_FAULTS = {
    "silence": {"timeout_before": 1},
    "no funds": {"no_funds": 1},
    "bad key": {"bad_key": {"probability": 1}},
}
OUTAGES = ("refuse", "silence")
RISE = "1.5"
TICK, BETWEEN = 0.25, 2.0
CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Outage:
    """A provider did not answer from `began` to `ended`."""

    provider_id: int
    kind: str
    began: datetime
    ended: datetime


class Mischief:
    """The acts of one run, and what was done."""

    def __init__(self, cast: Cast, upstreams: list[Upstream]):
        self._cast, self._upstreams = cast, upstreams
        self.done: Counter[str] = Counter()
        self.cut = 0
        self.outages: list[Outage] = []
        self._ends: list[tuple[float, Callable[[], None]]] = []

    def play(self, plan: Plan, placing: Callable[[], float], between: Callable[[], None]) -> None:
        """Do everything at its second, to the plan's end; `between` is called now and then.

        `placing` is the second of the next order: where the machine is too slow to place in
        time, trouble waits for the orders that it is meant for. Raises `Stopped`.
        """
        acts = deque(plan.acts)
        second, last, counted = 0.0, time.monotonic(), 0.0
        while second < plan.seconds or self._ends:
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
            self._cast.kill(f"worker-{act.target}" if whom == "worker" else whom)
        elif verb == "stall":
            if group := self._cast.stall(f"worker-{act.target}"):
                self._after(act.seconds, partial(self._cast.wake, group))
        elif verb == "cut":
            self.cut += cut_connections()
        else:
            self._spell(act, self._upstreams[act.target])

    # ── Spells of a provider ─────────────────────────────────────────────────────────────────

    def _spell(self, act: Act, upstream: Upstream) -> None:
        if act.name == "price rise":
            upstream.set_rates(RISE)
            read_catalog(upstream)
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
            upstream.set_rates("1")
            read_catalog(upstream)
        elif act.name != "refuse":  # that one ends by itself
            upstream.misbehave()


def read_catalog(upstream: Upstream) -> None:
    """As when somebody presses the button on the provider's page."""
    doorbell.ring("orders.sync_catalog", upstream.provider_id)


def cut_connections() -> int:
    """End every other connection to the database; how many there were."""
    import psycopg

    values = settings.DATABASES["default"]
    with psycopg.connect(
        host=values["HOST"], port=values["PORT"], user=values["USER"], dbname=values["NAME"]
    ) as own:
        row = own.execute(CUT).fetchone()
    connection.close()  # this thread's is gone too
    return int(row[0]) if row else 0
