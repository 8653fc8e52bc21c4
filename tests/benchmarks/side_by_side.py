"""Processes of one module that do their shares at once, each told by lines and answering in JSON.

The module is run as `python -m MODULE ARGUMENT …` with the database in its environment. It says
that it is ready, then answers each line of its input with a line of JSON (`say`).
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.benchmarks import stage

ENDS_WITHIN = 30
"""Seconds after which a process that goes on without any input is killed."""


class Processes:
    """Several that wait for a word."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]]):
        self._processes = processes

    def told(self, lines: Sequence[str]) -> list[dict[str, Any]]:
        """To each its line, all at once; returns what each answered when the last one has."""
        for process, line in zip(self._processes, lines, strict=True):
            assert process.stdin
            process.stdin.write(line + "\n")
            process.stdin.flush()
        return [_heard(process) for process in self._processes]


@contextmanager
def started(module: str, shares: Sequence[Sequence[str]]) -> Iterator[Processes]:
    """One process of the module for each share, its arguments; all of them ready."""
    with ExitStack() as stack:
        processes = [stack.enter_context(_process(module, share)) for share in shares]
        for process in processes:
            assert _heard(process) == {"ready": True}
        yield Processes(processes)


def say(**what: Any) -> None:
    """What a process of the module answers."""
    print(json.dumps(what), flush=True)


@contextmanager
def _process(module: str, arguments: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", module, *arguments]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=stage.environment(), **pipes) as process:
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    # One that died has closed the pipe.
    with contextlib.suppress(OSError):
        assert process.stdin
        process.stdin.close()
    try:
        process.wait(timeout=ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()


def _heard(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    line = process.stdout.readline()
    assert line, f"{process.args} has ended"
    said = json.loads(line)
    assert isinstance(said, dict)
    return said
