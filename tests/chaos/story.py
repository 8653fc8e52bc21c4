"""One run from its beginning to its verdict."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections

from tests.chaos import plan as plans
from tests.chaos.books import Books
from tests.chaos.cast import Cast
from tests.chaos.crowd import Crowd
from tests.chaos.facts import Facts, gather
from tests.chaos.gateway import Gateway
from tests.chaos.mischief import Mischief, have_read
from tests.chaos.plan import Plan
from tests.chaos.presses import Shop
from tests.chaos.settling import Settling, let_be_sent
from tests.chaos.staff import Decider, Shift
from tests.chaos.stage import Stage, furnish
from tests.chaos.table import Done, lines
from tests.chaos.upstreams import Upstream
from tests.chaos.verdict import judge


def say(text: str) -> None:
    """How far it is, with the time."""
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)


def run(plan: Plan, cast: Cast, gateway: Gateway, folder: Path) -> int:
    """Play the plan; the exit status: 1 if anything was found wrong.

    Raises `ChildFailed`, `Stopped`.
    """
    with ExitStack() as stack:
        upstreams = [
            _provider(stack, number, plan.seed, folder) for number in range(plans.UPSTREAMS)
        ]
        with cast, closing_connections():
            cast.start_database()
            cast.start_broker()
            cast.migrate()
            stage = furnish(upstreams)
            for upstream in upstreams:
                upstream.misbehave()
            cast.start_others()
            say(f"Everybody is there; {plan.seconds:.0f} s of trouble begin.")
            facts, done = _play(plan, cast, gateway, stage)
            books = Books(facts)
            violations = judge(books)
            print("\n".join(["", *lines(plan, books, done, violations)]))
    return 1 if violations else 0


@contextmanager
def closing_connections() -> Iterator[None]:
    """PostgreSQL ends when nobody is connected any more."""
    try:
        yield
    finally:
        connections.close_all()


def _provider(stack: ExitStack, number: int, seed: int, folder: Path) -> Upstream:
    upstream = Upstream(number, seed, folder)
    stack.callback(upstream.simulator.stop)
    return upstream


def _play(plan: Plan, cast: Cast, gateway: Gateway, stage: Stage) -> tuple[Facts, Done]:
    mischief, decider = Mischief(cast, stage.upstreams, plan.seed), Decider(stage, plan.seed)
    crowd = Crowd(plan, stage, gateway, cast.web)
    with crowd.at_work(Shift(decider)):
        watch = Watch(cast, crowd.shop, stage.upstreams)
        mischief.play(plan, placing=lambda: crowd.shop.next_at, between=watch.look)
        while crowd.is_busy:
            cast.pause(0.5)
        say("No more trouble from our side; what waits is sent.")
        have_read(stage.upstreams, cast.pause)  # rates as they are while they misbehave
        let_be_sent(cast.pause, plan.seconds / 4)
        crowd.finish()
        watch.look()
    say("Calm again; letting everything come to its end.")
    settling = Settling(stage.upstreams, gateway, decider, stage.admin.user)
    took = settling.run(cast.pause)
    crowd.reader.look_at_all()
    struck: Counter[str] = sum((one.struck for one in stage.upstreams), start=Counter())
    news, tries = crowd.courier.heard, crowd.courier.tries
    done = Done(
        kills=cast.kills,
        stalls=cast.stalls,
        stranded=mischief.stranded,
        cuts=mischief.cut,
        acts=mischief.done,
        struck=struck,
        settled_in=took,
        news=news,
        news_brought=tries,
        trades=crowd.merchant.done,
    )
    facts = crowd.facts(mischief.outages, settling.calls, gateway.book())
    facts.strandings = mischief.strandings
    return gather(facts, stage.upstreams, cast.logs), done


class Watch:
    """Counts the faults that strike, and says each minute how far it is."""

    def __init__(self, cast: Cast, shop: Shop, upstreams: list[Upstream]):
        self._cast, self._shop, self._upstreams = cast, shop, upstreams
        self._began, self._minutes = time.monotonic(), 0

    def look(self) -> None:
        for upstream in self._upstreams:
            with suppress(OSError):  # it refuses connections at the moment
                upstream.read_calls()
        if (minutes := int(time.monotonic() - self._began) // 60) > self._minutes:
            self._minutes = minutes
            pressed, kills = len(self._shop.presses), self._cast.kills
            say(f"  {minutes} min: {pressed} orders, {kills} kills")
