"""One bucket of calls per provider, shared by every process that speaks to it.

It keeps us polite, never correct: when Redis is not there, each process goes at the slowest pace,
and nothing here ever raises.
"""

import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

import redis
import structlog
from django.conf import settings
from django.utils import timezone

from orders.models import Provider
from orders.redis_clients import client_of

log = structlog.get_logger(__name__)

FOR_URGENT_CALLS = 0.2
"""The share of a provider's calls that only `add` may use."""

SLOWED = 4
"""A provider that asked us to slow down gets so many times fewer calls for a while."""

LONGEST_WAIT = 5.0
"""Seconds that a caller waits for its turn unless it says otherwise."""

ALONE_PER_SECOND = 1.0
ALONE_BURST = 5
"""Without Redis: calls a second and calls at once, for each process."""

QUIET_SECONDS = 10.0
"""After Redis has failed nobody asks it again for so long."""

# Each key holds the moment (microseconds) up to which its calls are spoken for; a call that may
# not be made leaves both as they were and is told how long to wait.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local wait, spoken_for = 0, {}
for i, key in ipairs(KEYS) do
    local step, ahead = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local from = math.max(tonumber(redis.call('GET', key) or '0'), now)
    wait = math.max(wait, from - ahead - now)
    spoken_for[i] = from + step
end
if wait > 0 then return string.format('%.0f', wait) end
for i, key in ipairs(KEYS) do
    local life = math.ceil((spoken_for[i] - now) / 1000) + 1000
    redis.call('SET', key, string.format('%.0f', spoken_for[i]), 'PX', life)
end
return '0'
"""


@dataclass(frozen=True)
class Pace:
    """How often a provider may be called; usable from any thread, touches no database."""

    provider_id: int
    per_second: float

    @property
    def at_once(self) -> int:
        """Turns that are worth taking together: a fiftieth of a second's, or one."""
        return max(int(self.per_second / 50), 1)

    def take(self, *, urgent: bool = False, wait_seconds: float = LONGEST_WAIT) -> bool:
        """Wait for a turn; False when it would take longer than `wait_seconds`.

        `urgent` calls may use the share that is kept for them.
        """
        return self._taken(1, urgent, wait_seconds) > 0

    def take_several(self, *, wait_seconds: float = LONGEST_WAIT) -> int:
        """Wait likewise for as many turns as are worth taking together; returns how many were had:
        one where Redis is away, and none when it would take too long."""
        return self._taken(self.at_once, False, wait_seconds)

    def _taken(self, turns: int, urgent: bool, wait_seconds: float) -> int:
        give_up = time.monotonic() + wait_seconds
        while True:
            wait = _shared.take(self.provider_id, self.per_second, urgent, turns)
            if wait is None:
                turns, wait = 1, _alone.take(self.provider_id, self.per_second)
            if wait <= 0:
                return turns
            if time.monotonic() + wait > give_up:
                return 0
            time.sleep(wait)


def pace_of(provider: Provider, now: datetime | None = None) -> Pace:
    """The pace of a provider whose `state` has been fetched with it."""
    per_second = max(float(provider.requests_per_second), 0.01)
    state = getattr(provider, "state", None)
    if state is not None and state.slowed_until and state.slowed_until > (now or timezone.now()):
        per_second /= SLOWED
    return Pace(provider.pk, per_second)


def allow(provider: Provider, *, urgent: bool = False, wait_seconds: float = LONGEST_WAIT) -> bool:
    """Wait for a turn to call this provider; False: not now, others have spoken for it."""
    return pace_of(provider).take(urgent=urgent, wait_seconds=wait_seconds)


class _Shared:
    """The bucket in Redis."""

    def __init__(self) -> None:
        self._quiet_until = 0.0

    def take(self, provider_id: int, per_second: float, urgent: bool, turns: int) -> float | None:
        """Seconds to wait, 0 when taken, None when Redis cannot say."""
        if not settings.REDIS_URL or time.monotonic() < self._quiet_until:
            return None
        keys, limits = [f"{_prefix()}:rate:{provider_id}"], _limits(per_second, turns)
        if not urgent:
            keys.append(f"{keys[0]}:unhurried")
            limits += _limits(per_second * (1 - FOR_URGENT_CALLS), turns)
        try:
            return int(_script(settings.REDIS_URL)(keys=keys, args=limits)) / 1e6
        except (redis.RedisError, OSError, ValueError) as error:
            self._quiet_until = time.monotonic() + QUIET_SECONDS
            log.warning("rate.alone", error=type(error).__name__)
            return None

    def forget(self) -> None:
        self._quiet_until = 0.0


class _Alone:
    """The bucket of this process."""

    def __init__(self) -> None:
        self._spoken_for: defaultdict[int, float] = defaultdict(float)
        self._lock = Lock()

    def take(self, provider_id: int, per_second: float) -> float:
        """Seconds to wait, 0 when a turn is taken."""
        step = 1 / min(per_second, ALONE_PER_SECOND)
        with self._lock:
            now = time.monotonic()
            since = max(self._spoken_for[provider_id], now)
            wait = since - (ALONE_BURST - 1) * step - now
            if wait <= 0:
                self._spoken_for[provider_id] = since + step
            return max(wait, 0.0)

    def forget(self) -> None:
        self._spoken_for.clear()


_shared, _alone = _Shared(), _Alone()


def forget() -> None:
    """Start anew, as a process that has called nobody yet. For tests."""
    _shared.forget()
    _alone.forget()


def _limits(per_second: float, turns: int) -> list[str]:
    """Microseconds the calls take up, and how far ahead calls may be spoken for (one second's)."""
    step = turns * 1e6 / per_second
    return [f"{step:.0f}", f"{max(1e6 - step, 0):.0f}"]


def _prefix() -> str:
    return str(settings.CACHES["default"].get("KEY_PREFIX") or "halfpenny")


@cache
def _script(url: str) -> Any:
    return client_of(url).register_script(_TAKE)
