"""One run from its beginning to its verdict."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from django.db import connections

from tests.chaos import plan as plans
from tests.chaos.books import Books
from tests.chaos.cast import Cast
from tests.chaos.facts import Facts, gather
from tests.chaos.mischief import Mischief
from tests.chaos.plan import Plan
from tests.chaos.presses import Shop
from tests.chaos.settling import Settling, let_be_sent
from tests.chaos.staff import Decider, Shift
from tests.chaos.stage import Stage, furnish
from tests.chaos.table import Done, lines
from tests.chaos.upstreams import Upstream
from tests.chaos.verdict import judge


def run(plan: Plan, cast: Cast, folder: Path) -> int:
    """Play the plan; the exit status: 1 if anything was found wrong.

    Raises `ChildFailed`, `Stopped`.
    """
    with ExitStack() as stack:
        stack.callback(connections.close_all)
        upstreams = [
            _provider(stack, number, plan.seed, folder) for number in range(plans.UPSTREAMS)
        ]
        with cast:
            cast.start_broker()
            cast.migrate()
            stage = furnish(upstreams)
            for upstream in upstreams:
                upstream.misbehave()
            cast.start_others()
            print(f"Everybody is there; {plan.seconds:.0f} s of trouble begin.", flush=True)
            facts, done = _play(plan, cast, stage)
        books = Books(facts)
        violations = judge(books)
    print("\n".join(["", *lines(plan, books, done, violations)]))
    return 1 if violations else 0


def _provider(stack: ExitStack, number: int, seed: int, folder: Path) -> Upstream:
    upstream = Upstream(number, seed, folder)
    stack.callback(upstream.simulator.stop)
    return upstream


def _play(plan: Plan, cast: Cast, stage: Stage) -> tuple[Facts, Done]:
    mischief, decider = Mischief(cast, stage.upstreams), Decider(stage, plan.seed)
    shop = Shop(stage, plan, cast.web)
    with _at_work(shop, Shift(decider)):
        watch = Watch(cast, shop, stage.upstreams)
        mischief.play(plan, placing=lambda: shop.next_at, between=watch.look)
        while shop.is_busy:
            cast.pause(0.5)
        let_be_sent(cast.pause)
        watch.look()
    print("Calm again; letting everything come to its end.", flush=True)
    took = Settling(stage.upstreams, decider, stage.admin.user).run(cast.pause)
    struck: Counter[str] = sum((one.struck for one in stage.upstreams), start=Counter())
    done = Done(cast.kills, cast.stalls, mischief.cut, mischief.done, struck, took)
    return gather(stage.upstreams, shop.presses, mischief.outages), done


@contextmanager
def _at_work(shop: Shop, shift: Shift) -> Iterator[None]:
    """People place and decide meanwhile."""
    shift.start()
    try:
        shop.open()
        yield
    finally:
        shop.close()
        shift.end()


class Watch:
    """Counts the faults that strike, and says each minute how far it is."""

    def __init__(self, cast: Cast, shop: Shop, upstreams: list[Upstream]):
        self._cast, self._shop, self._upstreams = cast, shop, upstreams
        self._began, self._minutes = time.monotonic(), 0

    def look(self) -> None:
        for upstream in self._upstreams:
            with suppress(OSError):  # it refuses connections at the moment
                upstream.count_faults()
        if (minutes := int(time.monotonic() - self._began) // 60) > self._minutes:
            self._minutes = minutes
            pressed, kills = len(self._shop.presses), self._cast.kills
            print(f"  {minutes} min: {pressed} orders, {kills} kills", flush=True)
