"""The one client of Redis that a process has, whichever of its threads asks first."""

from functools import cache
from threading import Lock
from typing import Any

import redis

_making = Lock()


def client_of(url: str) -> Any:
    """The process's own client, for short questions: an answer that takes a second is not worth
    waiting for.

    Made once even when several threads ask for the first time together. redis-py closes a client's
    connections when nobody holds it any more; of two that were made, one is soon forgotten, and
    whoever speaks over it at that moment finds the line cut.
    """
    with _making:
        return _made(url)


@cache
def _made(url: str) -> Any:
    return redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=1)
