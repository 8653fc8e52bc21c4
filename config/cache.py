"""The cache in Redis, with this process's own memory to fall back on while Redis is away.

What it holds (sign-in attempts, mostly) may be lost; that nobody can sign in may not be.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

QUIET_SECONDS = 10.0
"""After a failure Redis is left alone for this long, so that it slows no page."""


class _OwnKeys(RedisCache):
    """Redis, of which others have a part: the broker's queues, other panels."""

    def clear(self) -> None:
        """Forget what is in this cache, and nothing else. (Django's own empties the database.)"""
        client = self._cache.get_client(None, write=True)
        if keys := list(client.scan_iter(match=self.make_key("*"), count=1000)):
            client.delete(*keys)


class CacheWithSpare(_OwnKeys):
    """Redis, or the memory of this process."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._spare = LocMemCache("spare", {**params, "OPTIONS": {}})
        self._quiet_until = 0.0

    def _or_spare(self, name: str, *args: Any, **options: Any) -> Any:
        if time.monotonic() >= self._quiet_until:
            try:
                return getattr(super(), name)(*args, **options)
            except (RedisError, OSError) as error:
                self._quiet_until = time.monotonic() + QUIET_SECONDS
                log.warning("cache.away", error=type(error).__name__)
        return getattr(self._spare, name)(*args, **options)


def _guarded(name: str) -> Callable[..., Any]:
    def method(self: CacheWithSpare, *args: Any, **options: Any) -> Any:
        return self._or_spare(name, *args, **options)

    return method


for _name in (
    *("add", "get", "set", "touch", "delete", "incr", "has_key", "clear"),
    *("get_many", "set_many", "delete_many"),
):
    setattr(CacheWithSpare, _name, _guarded(_name))
