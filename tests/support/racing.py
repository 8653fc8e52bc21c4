"""Two or more calls, each in a thread with a connection of its own, halted at one place between a
check and a write, then let go one after the other: whoever comes second is known, nothing is left
to luck.

No clock decides. A call has come as far as it can when it stands at its place, has ended, or waits
for a lock that another of them holds: PostgreSQL is asked which of its sessions blocks whom. On
SQLite, which tells nobody, a call that waits for the one writer ends by itself with "busy".
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.db import connection, connections

PATIENCE = 20.0
LOOK_EVERY = 0.002

_here = threading.local()


@dataclass(frozen=True)
class Place:
    """Where a call halts, the first time it comes by: at the named function of a module or class,
    before it runs or after."""

    owner: Any
    name: str
    after: bool = False


def before(owner: Any, name: str) -> Place:
    """Halt before the function runs."""
    return Place(owner, name)


def after(owner: Any, name: str) -> Place:
    """Halt when the function has run, with what it found in hand."""
    return Place(owner, name, after=True)


def race(*calls: Callable[[], Any], at: Place | Sequence[Place | None]) -> list[Any]:
    """Bring every call as far as its place, each in turn; then let them go, each in turn.

    `at` is one place for all, or one for each (None: runs through). Returns what each returned or
    raised, in their order. A call that a lock keeps from its place passes it later. The first must
    come to its place, or there would be no race.
    """
    places = [at] * len(calls) if isinstance(at, Place) else list(at)
    racers = [_Racer(call, place) for call, place in zip(calls, places, strict=True)]
    with _halting(places):
        try:
            for racer in racers:
                racer.start()
                _settled(racer, racers)
            assert racers[0].stands.is_set(), f"it never came there: {racers[0].result!r}"
            for racer in racers:
                racer.go.set()
                _settled(racer, racers)
        finally:
            for racer in racers:
                racer.go.set()
            for racer in racers:
                racer.join(PATIENCE)
    return [racer.result for racer in racers]


class _Racer(threading.Thread):
    def __init__(self, call: Callable[[], Any], place: Place | None):
        super().__init__(daemon=True)
        self.call, self.place = call, place
        self.stands, self.go, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.session: int | None = None
        self.result: Any = None

    def run(self) -> None:
        _here.racer = self
        try:
            connection.ensure_connection()
            if connection.vendor == "postgresql":
                self.session = connection.connection.info.backend_pid
            self.result = self.call()
        except Exception as error:  # a result like any other: the test looks at it
            self.result = error
        finally:
            connections.close_all()
            self.ended.set()

    def passes(self, place: Place) -> None:
        if place == self.place and not self.stands.is_set():
            self.stands.set()
            assert self.go.wait(PATIENCE), "nobody let it go"

    @property
    def halts(self) -> bool:
        return self.ended.is_set() or (self.stands.is_set() and not self.go.is_set())


@contextmanager
def _halting(places: Sequence[Place | None]) -> Iterator[None]:
    with ExitStack() as stack:
        for place in dict.fromkeys(filter(None, places)):
            halting = _that_halts(getattr(place.owner, place.name), place)
            stack.enter_context(mock.patch.object(place.owner, place.name, halting))
        yield


def _that_halts(original: Callable[..., Any], place: Place) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        racer = getattr(_here, "racer", None)
        if racer is not None and not place.after:
            racer.passes(place)
        found = original(*args, **kwargs)
        if racer is not None and place.after:
            racer.passes(place)
        return found

    return function


def _settled(racer: _Racer, racers: Sequence[_Racer]) -> None:
    """Wait until this one goes no further without another one."""
    give_up = time.monotonic() + PATIENCE
    while not racer.halts and not _is_blocked(racer, racers):
        assert time.monotonic() < give_up, "it neither ended nor came to its place"
        time.sleep(LOOK_EVERY)


def _is_blocked(racer: _Racer, racers: Sequence[_Racer]) -> bool:
    """Whether it waits for a lock of another one. All the others halt or wait, so it stays so."""
    others = [one.session for one in racers if one is not racer and one.session is not None]
    if racer.session is None or not others:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_blocking_pids(%s) && %s::int[]", [racer.session, others])
        return bool(cursor.fetchone()[0])
