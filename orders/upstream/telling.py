"""Telling a listener of each call: which action, how long it took, and what came of it."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from orders.upstream.errors import UpstreamError

log = logging.getLogger(__name__)


class Call(NamedTuple):
    """One call that has ended; `seconds` from asking until the answer was understood."""

    action: str
    seconds: float
    error: UpstreamError | None


Listener = Callable[[Call], None]


class Speaker(Protocol):
    """Who makes calls, and is listened to."""

    listener: Listener | None


P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=Speaker)


def told_as(
    action: str,
) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], T]]:
    """A method whose calls the speaker's listener is told of; an ill listener spoils none."""

    def told(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
        @wraps(method)
        def wrapper(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
            began = time.monotonic()
            try:
                answer = method(self, *args, **kwargs)
            except UpstreamError as error:
                _tell(self.listener, Call(action, time.monotonic() - began, error))
                raise
            _tell(self.listener, Call(action, time.monotonic() - began, None))
            return answer

        return wrapper

    return told


def _tell(listener: Listener | None, call: Call) -> None:
    if listener is None:
        return
    try:
        listener(call)
    except Exception as bug:
        log.error("telling of %s ended in %s", call.action, type(bug).__name__)
