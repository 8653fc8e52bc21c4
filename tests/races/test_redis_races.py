"""One client of Redis in a process: a second one would be closed under whoever speaks over it."""

import time
from typing import Any

import pytest
import redis
from django.conf import settings

from orders import redis_clients
from tests.support.threads import at_once


def test_threads_that_ask_for_the_first_time_together_get_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slowly(url: str, **_: Any) -> object:
        time.sleep(0.05)
        return object()

    monkeypatch.setattr(redis.Redis, "from_url", slowly)
    url = "redis://nowhere.example/1"
    found = at_once(*[lambda: redis_clients.client_of(url)] * 4)
    assert len({id(client) for client in found}) == 1


@pytest.mark.services
def test_a_client_that_is_forgotten_cuts_the_line_of_whoever_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = redis.connection.AbstractConnection
    read = connection.read_response

    def forgotten(self: Any, **how: Any) -> Any:
        redis_clients._made.cache_clear()  # as a second client does that takes the place of a first
        return read(self, **how)

    redis_clients._made.cache_clear()
    monkeypatch.setattr(connection, "read_response", forgotten)
    asking = redis_clients.client_of(settings.REDIS_URL).pipeline().ping()
    with pytest.raises(AttributeError, match="readline"):
        asking.execute()
