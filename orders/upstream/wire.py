"""One request: its limits in time, whether its first byte was written, and what came back."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from urllib3.exceptions import DecodeError

SHORTEST_WAIT = 0.001
LATE_READS = 16


@dataclass(frozen=True)
class Limits:
    """Seconds for connecting (with TLS), for one wait while reading, and for the whole request."""

    connect: float
    read: float
    total: float


@dataclass(frozen=True)
class Wire:
    """What was seen. `failure` is "" or a word of `errors`; `body` then holds what had come."""

    written: bool
    status: int | None
    body: bytes
    failure: str
    elapsed_ms: int


class Late(Exception):
    """The moment to send by, or the whole deadline, passed before the first byte."""


class TooLarge(Exception):
    """The answer grew beyond its limit."""


class Attempt:
    """One request while it happens. Times are `time.monotonic()` seconds.

    `may_reach` is asked about each IP address that the host's name stands for.
    """

    def __init__(
        self,
        limits: Limits,
        send_before: float = float("inf"),
        may_reach: Callable[[str], bool] = lambda address: True,
    ):
        self.limits = limits
        self.may_reach = may_reach
        self.started = time.monotonic()
        self.deadline = self.started + limits.total
        self.send_before = min(send_before, self.deadline)
        self.stage = "request"
        self.connected_anew = False
        self.written = False
        self.status: int | None = None
        self.body = bytearray()
        self.received = 0
        self.timed_out = False
        self.closed = False
        self._connect_by = self.deadline
        self._late_reads = 0

    def starts_connecting(self) -> None:
        self._connect_by = min(self.deadline, time.monotonic() + self.limits.connect)

    def connect_wait(self) -> float:
        """Seconds left to connect in."""
        return max(self._connect_by - time.monotonic(), SHORTEST_WAIT)

    def wait(self) -> float:
        """Seconds to wait for the next bytes at most.

        Past the deadline a little is still read, without waiting: a process that was stopped and
        wakes late finds the answer that came meanwhile. Raises `TimeoutError` when that is used up.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            self._late_reads += 1
            if self._late_reads > LATE_READS:
                raise TimeoutError("the whole request took too long")
        return max(min(left, self.limits.read), SHORTEST_WAIT)

    def check_in_time(self) -> None:
        """Raises `Late` when the request must not be written any more."""
        if time.monotonic() >= self.send_before:
            raise Late

    def failure(self, error: Exception) -> str:
        """The word for what went wrong."""
        if isinstance(error, TooLarge):
            return "too_large"
        if not self.written:
            return "late" if isinstance(error, Late) else self.stage
        if self.timed_out:
            return "timeout"
        if isinstance(error, DecodeError) or (self.received and not self.closed):
            return "noise"
        return "reset"

    def wire(self, failure: str) -> Wire:
        elapsed = round((time.monotonic() - self.started) * 1000)
        return Wire(self.written, self.status, bytes(self.body), failure, elapsed)
