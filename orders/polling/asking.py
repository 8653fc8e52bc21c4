"""Asking about many ids with several requests in flight. Threads here touch no database."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from orders.moments import Stopwatch
from orders.rate import Pace
from orders.upstream.errors import ReadFailed

AHEAD = 2
"""So many times the requests in flight lie ready, so that none waits while answers are written."""


class NoTurn(Exception):
    """The provider's calls are spoken for; go on later."""


@dataclass(frozen=True)
class Answer:
    """What came of one request: `replies` by id, or the `error` of the whole request."""

    ids: Sequence[str]
    asked_at: datetime
    replies: dict[str, Any]
    error: ReadFailed | None = None


class Turns:
    """Turns to call a provider, several taken at a time where its pace gives many a second: each
    taking is a call of its own, to Redis."""

    def __init__(self, pace: Pace, wait_seconds: float):
        self._pace, self._wait = pace, wait_seconds
        self._left, self._lock = 0, Lock()

    def take(self) -> bool:
        """False when a turn does not come in time."""
        if self._pace.at_once == 1:
            return self._pace.take(wait_seconds=self._wait)
        with self._lock:
            self._left = self._left or self._pace.take_several(wait_seconds=self._wait)
            if not self._left:
                return False
            self._left -= 1
            return True


@dataclass(frozen=True)
class Asker:
    """Asks one question about batches of ids, within the provider's pace."""

    question: Callable[[Sequence[str]], dict[str, Any]]
    pace: Pace
    at_once: int
    watch: Stopwatch
    wait_seconds: float = 10.0

    @cached_property
    def _turns(self) -> Turns:
        return Turns(self.pace, self.wait_seconds)

    def one(self, ids: Sequence[str]) -> Answer:
        """One request. Raises `NoTurn` when its turn does not come."""
        if not self._turns.take():
            raise NoTurn
        asked_at = self.watch.now
        try:
            return Answer(ids, asked_at, self.question(ids))
        except ReadFailed as error:
            return Answer(ids, asked_at, {}, error)

    def all(self, batches: Iterable[Sequence[str]]) -> Generator[Answer]:
        """An answer to each batch, in order, with the next ones already on their way. Batches are
        taken as they are needed, in the caller's thread.

        A caller that stops iterating leaves the rest unasked. Raises `NoTurn`.
        """
        with (
            ThreadPoolExecutor(max_workers=self.at_once) as pool,
            closing(self._ahead(pool, batches)) as answers,
        ):
            yield from answers

    def _ahead(
        self, pool: ThreadPoolExecutor, batches: Iterable[Sequence[str]]
    ) -> Generator[Answer]:
        waiting = iter(batches)
        under_way: deque[Future[Answer]] = deque()
        try:
            while True:
                while len(under_way) < AHEAD * self.at_once and (ids := next(waiting, None)):
                    under_way.append(pool.submit(copy_context().run, self.one, ids))
                if not under_way:
                    return
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
