"""One of several processes that sweep the parts of one provider's orders side by side.

`python -m tests.benchmarks.sweeper NUMBER OF`, with the database in the environment. Once it has
said that it is ready it sweeps its part at a line of its input, and says in JSON what came of it.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


@dataclass(frozen=True)
class Part:
    """What one process did: orders asked about and changed, and its CPU seconds meanwhile."""

    state: str
    asked: int
    changed: int
    cpu: float


class Sweepers:
    """Processes that wait for the word, each with a part of the orders."""

    def __init__(self, processes: list[subprocess.Popen[str]]):
        self._processes = processes
        self.parts: list[Part] = []

    def sweep(self) -> None:
        """All parts at once; returns when the last one is done."""
        for one in self._processes:
            _write(one, "now\n")
        self.parts = [Part(**_read(one)) for one in self._processes]


@contextmanager
def sweepers(of: int, environment: dict[str, str]) -> Iterator[Sweepers]:
    """So many processes at the environment's database, ready."""
    with ExitStack() as stack:
        started = [stack.enter_context(_process(n, of, environment)) for n in range(of)]
        for one in started:
            assert _read(one) == {"ready": True}
        yield Sweepers(started)


@contextmanager
def _process(number: int, of: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.benchmarks.sweeper", str(number), str(of)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environment, **pipes) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(OSError):
                process.communicate(timeout=30)


def _write(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin
    process.stdin.write(text)
    process.stdin.flush()


def _read(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    said = json.loads(process.stdout.readline())
    assert isinstance(said, dict)
    return said


def main(number: int, of: int) -> None:
    django.setup()
    from django.db import connection
    from django.utils import timezone

    from orders import polling
    from orders.models import Provider
    from orders.polling.shards import Shard

    (provider,) = Provider.objects.values_list("pk", flat=True)
    connection.ensure_connection()
    _say(ready=True)
    for _ in sys.stdin:
        spent = time.process_time()
        done = polling.sweep(
            provider,
            now=timezone.now(),
            budget_seconds=3600,
            every_tier=True,
            shard=Shard(number, of),
        )
        cpu = time.process_time() - spent
        _say(state=done.state, asked=done.asked, changed=done.changed, cpu=cpu)


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    number, of = map(int, sys.argv[1:])
    main(number, of)
