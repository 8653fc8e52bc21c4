"""How often programs may call, by the minute: each key, and how often the list of services,
each address, wrong keys from an address.

It keeps one customer from slowing the others, never anything correct. The counters are in Redis,
one round trip a call; without it each process counts by itself.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from threading import Lock

import redis
import structlog
from django.conf import settings

from orders.redis_clients import client_of
from panel.api.refusals import Refusal
from panel.api_errors import RATE_LIMIT
from panel.origins import network

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60
QUIET_SECONDS = 10.0
"""After Redis has failed nobody asks it again for so long."""


def spend_call(key: str, address: str | None) -> None:
    """Count a call before anything is looked up. Raises `Refusal` when there were too many."""
    _spend(
        (f"key:{_digest(key)}", settings.API_CALLS_PER_KEY),
        (f"from:{network(address)}", settings.API_CALLS_PER_ADDRESS),
    )


def spend_list(key: int) -> None:
    """Count a call that asks for the whole list of services, which is long and the same for a
    while. Raises `Refusal` when there were too many."""
    _spend((f"list:{key}", settings.API_LISTS_PER_KEY))


def spend_wrong_key(address: str | None) -> None:
    """Count a key that opens nothing. Raises `Refusal` when there were too many.

    The address is not shut: others behind it may have a key that is right.
    """
    _spend((f"wrong:{network(address)}", settings.API_WRONG_KEYS_PER_ADDRESS))


def _spend(*counted: tuple[str, int]) -> None:
    minute = int(time.time() // WINDOW_SECONDS)
    names = [f"{name}:{minute}" for name, _ in counted]
    calls = _shared.count(names)
    if calls is None:
        calls = _alone.count(minute, names)
    if any(made > most for made, (_, most) in zip(calls, counted, strict=True)):
        raise Refusal(RATE_LIMIT)


class _Shared:
    """Counters in Redis."""

    def __init__(self) -> None:
        self._quiet_until = 0.0

    def count(self, names: Sequence[str]) -> list[int] | None:
        """How often each was counted in its minute, this time included; None: Redis is away."""
        if not settings.REDIS_URL or time.monotonic() < self._quiet_until:
            return None
        prefix = settings.CACHES["default"].get("KEY_PREFIX") or "halfpenny"
        try:
            with client_of(settings.REDIS_URL).pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.incr(f"{prefix}:api:{name}").expire(
                        f"{prefix}:api:{name}", 2 * WINDOW_SECONDS
                    )
                return [int(made) for made in pipe.execute()[::2]]
        # ValueError: a line was cut while it was read from.
        except (redis.RedisError, OSError, ValueError) as error:
            self._quiet_until = time.monotonic() + QUIET_SECONDS
            log.warning("api.limits_alone", error=type(error).__name__)
            return None

    def forget(self) -> None:
        self._quiet_until = 0.0


class _Alone:
    """Counters of this process, for one minute at a time."""

    def __init__(self) -> None:
        self._minute = 0
        self._calls: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, minute: int, names: Sequence[str]) -> list[int]:
        with self._lock:
            if minute != self._minute:
                self._minute, self._calls = minute, Counter()
            self._calls.update(names)
            return [self._calls[name] for name in names]

    def forget(self) -> None:
        self._calls.clear()


_shared, _alone = _Shared(), _Alone()


def forget() -> None:
    """Start anew, as a process that nobody has called yet. For tests."""
    _shared.forget()
    _alone.forget()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]
