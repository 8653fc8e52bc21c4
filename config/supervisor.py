"""Runs a handful of child processes as one: started in order, kept alive, ended in reverse.

Each child leads a process group of its own, so that Ctrl-C in a terminal reaches the supervisor
alone and the children are ended in order. A watchdog process ends them if the supervisor is
killed. Output goes to one log file each.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config import watchdog

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STEADY_SECONDS = 60.0  # a child that ran this long starts its back-off anew
LONGEST_PAUSE = 30.0


class Stopped(Exception):
    """A person asked to stop while something was still being started."""


class ChildFailed(Exception):
    """A child did not get ready, or a step ended with an error; the message says where to look."""


@dataclass
class Child:
    """One process to run. `ready` says whether it serves yet; `grace` is in seconds."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] | None = None
    ready_within: float = 60.0
    grace: float = 10.0
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    restart_at: float | None = field(default=None, init=False)
    deaths: int = field(default=0, init=False)


class Supervisor:
    """Use as a context manager: leaving it ends every child, whatever happened inside."""

    def __init__(
        self,
        *,
        folder: Path,
        logs: Path,
        environment: Mapping[str, str],
        say: Callable[[str], None] = print,
    ) -> None:
        self.folder, self.logs, self.say = folder, logs, say
        self.environment = {**os.environ, **environment}
        self.children: list[Child] = []
        self._stop = threading.Event()
        self._signals = 0

    def __enter__(self) -> "Supervisor":
        self.logs.mkdir(parents=True, exist_ok=True)
        for old in self.logs.glob("*.log"):
            old.unlink()
        self._watchdog = subprocess.Popen(
            [sys.executable, watchdog.__file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        self._handlers = {number: signal.signal(number, self._asked) for number in STOP_SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self.children):
            self._end(child)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._watchdog.communicate()

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        self._stop.set()

    def _impatient(self) -> bool:
        return self._signals > 1

    # ── Starting ─────────────────────────────────────────────────────────────────────────────

    def run(self, name: str, command: Sequence[str], *, show: bool = False) -> None:
        """One step, to its end. With `show` its output is seen; its errors are in its log.

        Raises: ChildFailed, Stopped.
        """
        step = Child(name, command)
        process = self._spawn(step, show=show)
        try:
            while process.poll() is None:
                self._wait(0.05)
        finally:
            self._end(step)
        if process.returncode:
            raise ChildFailed(f"{name} failed; {self.log_file(name)} says why.")

    def start(self, child: Child) -> None:
        """Start a child, wait until it serves, and keep it running from then on.

        Raises: ChildFailed, Stopped.
        """
        self.children.append(child)
        process = self._spawn(child)
        deadline = time.monotonic() + child.ready_within
        while child.ready and not child.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise ChildFailed(
                    f"{child.name} did not start; {self.log_file(child.name)} says why."
                )
            self._wait(0.1)

    def log_file(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Stopped

    def _spawn(self, child: Child, *, show: bool = False) -> "subprocess.Popen[bytes]":
        with self.log_file(child.name).open("ab") as log:
            process = subprocess.Popen(
                child.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=None if show else log,
                stderr=log,
                start_new_session=True,
            )
        self._tell_watchdog(f"+{process.pid}")
        child.process, child.started_at, child.restart_at = process, time.monotonic(), None
        return process

    # ── Watching ─────────────────────────────────────────────────────────────────────────────

    def watch(self) -> None:
        """Return when asked to stop; until then, restart what dies, each time a little later."""
        while not self._stop.wait(0.5):
            for child in self.children:
                self._look_after(child, time.monotonic())

    def _look_after(self, child: Child, moment: float) -> None:
        if child.restart_at is not None:
            if moment >= child.restart_at:
                self._spawn(child)
        elif child.process and (code := child.process.poll()) is not None:
            self._end(child)
            child.deaths = 1 if moment - child.started_at > STEADY_SECONDS else child.deaths + 1
            pause = min(2.0 ** (child.deaths - 1), LONGEST_PAUSE)
            child.restart_at = moment + pause
            self.say(
                f"{child.name} ended ({_why(code)}); starting it again in {pause:.0f} s."
                f" Its log: {self.log_file(child.name)}"
            )

    # ── Ending ───────────────────────────────────────────────────────────────────────────────

    def _end(self, child: Child) -> None:
        """End one child and whatever it started. Its leader is asked first, alone, because it
        knows how to end its own children (a worker finishes the task in hand).
        """
        process = child.process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            deadline = time.monotonic() + child.grace
            while process.poll() is None and time.monotonic() < deadline and not self._impatient():
                time.sleep(0.05)
        watchdog.end([process.pid], grace=0.5)
        process.wait()
        child.process = None
        self._tell_watchdog(f"-{process.pid}")

    def _tell_watchdog(self, line: str) -> None:
        assert self._watchdog.stdin
        try:
            self._watchdog.stdin.write(line + "\n")
            self._watchdog.stdin.flush()
        except BrokenPipeError:
            pass  # it was killed; all goes on without it


def _why(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
