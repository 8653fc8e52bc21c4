"""Asking one provider about many ids, minding its health: when to stop, and which item spoils a
batch."""

import random
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import structlog

from orders import provider_health
from orders.enums import RefusalFamily
from orders.polling.asking import Answer, Asker
from orders.upstream.errors import ReadFailed

log = structlog.get_logger(__name__)

FAILURES_THAT_DOUBT = 3
"""After so many failed requests in a row, one about a single sound item must succeed."""

MOST_SEARCH_CALLS = 60
"""Requests spent on one spoiled batch; what is not found then is looked for in the next round."""

WRITE_EVERY = 5.0
"""Seconds between two notes that the provider answers."""

_ACCOUNT = frozenset(
    {RefusalFamily.KEY, RefusalFamily.SUSPENDED, RefusalFamily.FUNDS, RefusalFamily.REQUEST}
)


class Ended(Exception):
    """Nothing more can be asked now: the provider is `failing`, or asked to be `slowed`."""

    def __init__(self, state: str):
        self.state = state
        super().__init__(state)


@dataclass
class Conversation:
    """Requests to one provider, one kind of question. Raises `Ended` and `NoTurn`."""

    provider_id: int
    asker: Asker
    keep: Callable[[], None] = lambda: None
    """Called after each request: renews what must not run out meanwhile."""
    calls: int = 0
    failed_calls: int = 0
    _failures: int = 0
    _last_good: str = ""
    _noted_at: float = field(default=float("-inf"))

    def ask(self, batches: Iterable[Sequence[str]]) -> Generator[Answer]:
        """An answer to each batch, in order; one with an `error` was not answered."""
        with closing(self.asker.all(batches)) as answers:
            for answer in answers:
                self._note(answer)
                if self._failures >= FAILURES_THAT_DOUBT:
                    self._make_sure_it_answers(answer.ids)
                yield answer

    def search(self, ids: Sequence[str]) -> Generator[Answer]:
        """Ask about a spoiled batch again, and halve what fails: answers for the sound items, and
        for each rotten one an answer about it alone that has an `error`.

        An item is rotten only when the provider answers about others meanwhile.
        """
        parts, rotten = deque([ids]), list[Answer]()
        self._failures = 0
        last_call = self.calls + MOST_SEARCH_CALLS
        while parts and self.calls < last_call:
            answer = self.asker.one(parts.popleft())
            self._note(answer)
            if answer.error is None:
                yield answer
            elif len(answer.ids) > 1:
                middle = len(answer.ids) // 2
                parts += [answer.ids[:middle], answer.ids[middle:]]
            else:
                rotten.append(answer)
            if self._failures >= FAILURES_THAT_DOUBT:
                self._make_sure_it_answers(ids)
        if rotten and self._failures:
            self._make_sure_it_answers(ids)
        yield from rotten

    def _make_sure_it_answers(self, ids: Sequence[str]) -> None:
        """Tell a batch that fails from a provider that does: one item that went well before, or
        any, must bring an answer."""
        answer = self.asker.one([self._last_good or random.choice(ids)])
        self._note(answer)
        if answer.error is not None:
            raise Ended("failing")

    def _note(self, answer: Answer) -> None:
        self.calls += 1
        self.keep()
        if answer.error is not None:
            self._failed(answer.error)
            return
        self._failures, self._last_good = 0, answer.ids[0]
        watch = self.asker.watch
        if watch.seconds - self._noted_at > WRITE_EVERY:
            self._noted_at = watch.seconds
            provider_health.answered(self.provider_id, watch.now)

    def _failed(self, error: ReadFailed) -> None:
        self.failed_calls += 1
        self._failures += 1
        self._noted_at = float("-inf")
        log.info("polling.call_failed", provider=self.provider_id, reason=error.reason)
        if error.family == RefusalFamily.RATE_LIMIT:
            provider_health.rate_limited(self.provider_id, error, self.asker.watch.now)
            raise Ended("slowed")
        provider_health.failed(self.provider_id, error, self.asker.watch.now)
        if error.family in _ACCOUNT:
            raise Ended("failing")
