"""What a piece of work costs: CPU seconds of this process and of its database, wall time, queries.

CPU time stays the same whatever else the machine does; wall time does not. The database's is known
where PostgreSQL runs on this machine, with its parallel workers; SQLite's is this process's own.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import sysconf
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import sql

TIMES = 5
_TICKS = sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Of one run; medians of several where there were several."""

    own: float
    server: float
    wall: float
    queries: int = 0
    slowest: float = 0.0

    @property
    def cpu(self) -> float:
        return self.own + self.server

    def __str__(self) -> str:
        return (
            f"CPU {self.cpu:.3f} s (ours {self.own:.3f}, database {self.server:.3f}),"
            f" wall {self.wall:.2f} s, {self.queries} queries, slowest {self.slowest:.3f} s"
        )


def of(work: Callable[[], Any], times: int = TIMES) -> Cost:
    """Of the median run."""
    runs = [once(work) for _ in range(times)]
    middles = {
        name: statistics.median(getattr(run, name) for run in runs)
        for name in ("own", "server", "wall", "slowest")
    }
    return Cost(queries=runs[-1].queries, **middles)


def once(work: Callable[[], Any]) -> Cost:
    """Of one run."""
    with CaptureQueriesContext(connection) as seen:
        cost = spent(work)
    asked = seen.captured_queries
    slowest = max((float(each["time"]) for each in asked), default=0.0)
    return replace(cost, queries=len(asked), slowest=slowest)


def spent(work: Callable[[], Any]) -> Cost:
    """Of one run whose queries are not looked at: what Django notes of each costs time too."""
    before = time.process_time(), _server_seconds(), time.perf_counter()
    work()
    after = time.process_time(), _server_seconds(), time.perf_counter()
    own, server, wall = (then - now for now, then in zip(before, after, strict=True))
    return Cost(own, server, wall)


def middle(costs: Sequence[Cost]) -> Cost:
    """The run whose wall time is the median."""
    return sorted(costs, key=lambda one: one.wall)[len(costs) // 2]


_postmaster: list[int] = []


def _server_seconds() -> float:
    """CPU seconds of every process of the server up to now, those that have ended included."""
    if not sql.is_postgresql():
        return 0.0
    if not _postmaster:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = int(cursor.fetchone()[0])
        _postmaster.append(int(_stat(Path(f"/proc/{backend}"))[1]))
    folders = [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    found = [(folder.name, _stat(folder)) for folder in folders]
    parent = str(_postmaster[0])
    running = sum(_spent(stat, 11, 12) for _, stat in found if stat and stat[1] == parent)
    ended = sum(_spent(stat, 13, 14) for name, stat in found if stat and name == parent)
    return running + ended


def _stat(folder: Path) -> list[str]:
    """What the kernel tells of a process, after its name; nothing of one that has ended."""
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _spent(stat: list[str], *places: int) -> float:
    return sum(int(stat[place]) for place in places) / _TICKS
