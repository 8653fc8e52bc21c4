"""Several workers at the same sweeps: Celery's own processes, as an installation starts them.

Their provider takes its time, so that what is measured is how they share the waiting; what they
share of the machine's two cores would tell of this machine alone.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks import answering, polled, stage
from tests.benchmarks.figures import Figure, Size

LATE = 200
AT_ONCE = 8
PROVIDERS = 4
ORDERS = 80_000
"""Of all providers together, when there are a million."""

PATIENCE = 5
"""The longest that a request may take, in seconds: so much longer a lease lasts than a minute."""

KILL_FROM = 100_000
"""In a smaller trial nobody is killed: a lease runs out in a minute whatever the size."""


def figures(size: Size) -> Iterator[Figure]:
    from django.utils import timezone

    orders = size.of(ORDERS, least=PROVIDERS)
    with answering.provider() as origin:
        with stage.database("shared") as loaded:
            polled.plant(orders, timezone.now(), providers=PROVIDERS)
            yield _side_by_side(origin, loaded, "providers", orders, PROVIDERS, 1)
        with stage.database("sharded") as loaded:
            polled.plant(orders // 2, timezone.now())
            yield _side_by_side(origin, loaded, "shards", orders // 2, 1, 2)
            if size.orders >= KILL_FROM:
                yield _killed(origin, loaded, orders // 2)


def _side_by_side(
    origin: str, loaded: str, what: str, orders: int, providers: int, shards: int
) -> Figure:
    alone, _ = _swept(origin, loaded, 1, shards=1, orders=orders)
    both, asked = _swept(origin, loaded, 2, shards=shards, orders=orders)
    shares = " + ".join(f"{share:,}" for share in sorted(asked.values(), reverse=True))
    whose = f"{providers} providers" if what == "providers" else "two shards of one provider"
    return Figure(
        f"two workers at {whose}, against one",
        ours=f"{both:.1f} s ({shares} orders)",
        baseline=f"{alone:.1f} s",
        ratio=alone / both,
        notes=f"Celery workers for the queue `poll`, one process each; {orders:,} orders, 30 %"
        f" changed, {LATE} ms an answer, {AT_ONCE} requests in flight a sweep. From the first"
        " `orders.sweep_orders` until every order was asked about and stands as was told; each was"
        " asked about once.",
    )


def _swept(
    origin: str, loaded: str, workers: int, *, shards: int, orders: int
) -> tuple[float, Counter[str]]:
    """Seconds until all was asked about, and how many orders each worker asked about."""
    with stage.database("swept", like=loaded), ExitStack() as stack:
        _tell(origin)
        started = [stack.enter_context(_worker(shards)) for _ in range(workers)]
        for one in started:
            one.wait_until_ready()
        began = time.monotonic()
        _ring_until(lambda: _is_done(shards))
        seconds = time.monotonic() - began
        _check(orders)  # takes longer than a worker needs to say what it did
        asked = Counter({one.name: one.asked() for one in started})
        assert asked.total() == orders, asked
        return seconds, asked


def _killed(origin: str, loaded: str, orders: int) -> Figure:
    from orders.models import Sweep

    with stage.database("swept", like=loaded), ExitStack() as stack:
        _tell(origin)
        first = stack.enter_context(_worker(1))
        first.wait_until_ready()
        _ring_until(_is_under_way)
        held = Sweep.objects.get(kind="orders")
        first.kill()
        began = time.monotonic()
        second = stack.enter_context(_worker(1))
        second.wait_until_ready()
        _ring_until(lambda: Sweep.objects.filter(pk=held.pk).exclude(token=held.token).exists())
        taken_over = time.monotonic() - began
        _ring_until(lambda: _is_done(1))
        _check(orders)
        assert second.asked()
    return Figure(
        "a sweep whose worker was killed, until another one has taken it over",
        ours=f"{taken_over:.0f} s",
        baseline=f"{60 + PATIENCE} s (the lease)",
        accept="the lease",
        met=taken_over <= 60 + PATIENCE + 10,
        notes=f"`SIGKILL` in the middle of {orders:,} orders; another worker is rung for once a"
        " second. It went on from where the dead one had come to, and every order then stood as was"
        " told, the ledger in order.",
    )


def _tell(origin: str) -> None:
    from orders.models import Provider

    values = {"requests_at_once": AT_ONCE, "total_timeout": PATIENCE, "read_timeout": PATIENCE}
    Provider.objects.update(url=f"{origin}/moved/{LATE}", **values)


def _ring_until(done: Any, seconds: float = 600) -> None:
    """Ask for a sweep as beat does, more often."""
    from config.celery import app

    give_up = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up
        app.send_task("orders.sweep_orders", queue="poll", expires=10)
        time.sleep(0.5)


def _is_done(shards: int) -> bool:
    """Whether every part of every provider has had a whole round of the quickest pace."""
    from orders.models import Provider, Sweep

    sweeps = Sweep.objects.filter(kind="orders", shard__lt=shards, token=None)
    rounds = sweeps.values_list("rounds", flat=True)
    return sum("1" in one for one in rounds) == Provider.objects.count() * shards


def _is_under_way() -> bool:
    """Whether a sweep has come some way, and is held."""
    from orders.models import Sweep

    held = Sweep.objects.filter(kind="orders").exclude(token=None).values_list("cursors", flat=True)
    return any(cursor for cursors in held for cursor in cursors.values())


def _check(orders: int) -> None:
    from orders import ledger_check

    assert polled.wrong(orders) == 0
    assert not ledger_check.check()


class Worker:
    """A Celery worker in a process group of its own, and its log."""

    def __init__(self, folder: Path, shards: int):
        self.name = f"poller{id(self)}"
        self.log = folder / "log"
        program = [sys.executable, "-m", "celery", "--app=config", "worker"]
        options = ["--queues=poll", "--concurrency=1", f"--hostname={self.name}@localhost"]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [*program, *options, "--loglevel=INFO"],
                stdout=output,
                stderr=output,
                env=stage.environment(POLL_SHARDS=str(shards), LOG_FORMAT="json"),
                start_new_session=True,
            )

    def wait_until_ready(self, seconds: float = 120) -> None:
        give_up = time.monotonic() + seconds
        while "ready." not in self.log.read_text():
            assert time.monotonic() < give_up and self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)

    def kill(self) -> None:
        """End it and every process of its pool, which has a group of its own, at once."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                _, _, session = stat.read_text().rpartition(")")[2].split()[1:4]
                if int(session) == self.process.pid:
                    os.kill(int(stat.parent.name), signal.SIGKILL)

    def asked(self) -> int:
        """How many orders its sweeps asked about, as it tells."""
        found = (line for line in self.log.read_text().splitlines() if line.startswith("{"))
        said = (json.loads(line) for line in found)
        results = (one["result"] for one in said if one.get("event") == "sweep")
        return sum(int(one.split()[0]) for one in results if " orders in " in one)


@contextmanager
def _worker(shards: int) -> Iterator[Worker]:
    with tempfile.TemporaryDirectory(prefix="halfpenny-worker-") as folder:
        worker = Worker(Path(folder), shards)
        try:
            yield worker
        finally:
            if worker.process.poll() is None:
                os.killpg(worker.process.pid, signal.SIGTERM)
            worker.process.wait(timeout=150)
