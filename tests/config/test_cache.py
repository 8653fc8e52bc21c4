"""The cache: in Redis while it answers, in this process's memory while it does not."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from config import embedded_broker
from config.cache import CacheWithSpare
from tests.config.test_supervisor import eventually
from tests.support.servers import redis

NOWHERE = "redis://127.0.0.1:1/0"


def test_without_redis_it_still_counts() -> None:
    cache = CacheWithSpare(NOWHERE, {})
    started = time.monotonic()
    cache.set("attempts", 1)
    for _ in range(100):
        cache.incr("attempts")
    assert cache.get("attempts") == 101
    assert cache.add("attempts", 5) is False
    assert cache.get_many(["attempts"]) == {"attempts": 101}
    assert time.monotonic() - started < 10


def test_it_goes_back_to_redis_when_that_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.cache.QUIET_SECONDS", 0.0)
    cache = CacheWithSpare(embedded_broker.url(tmp_path), {})
    cache.set("where", "here")
    with subprocess.Popen(embedded_broker.command(tmp_path), stdout=subprocess.DEVNULL) as broker:
        try:
            eventually(lambda: embedded_broker.is_running(tmp_path))
            assert cache.get("where") is None
            cache.set("where", "there")
            assert CacheWithSpare(embedded_broker.url(tmp_path), {}).get("where") == "there"
        finally:
            broker.terminate()
            broker.wait(timeout=10)
            embedded_broker.tidy(tmp_path)
    assert cache.get("where") == "here"


@pytest.mark.django_db
def test_the_panel_serves_and_says_that_the_broker_is_away(client: Client) -> None:
    caches: dict[str, Any] = {
        "default": {"BACKEND": "config.cache.CacheWithSpare", "LOCATION": NOWHERE}
    }
    with override_settings(REDIS_URL=NOWHERE, CACHES=caches):
        probe = client.get("/readyz")
        answer = client.post("/account/login/", {"login": "a@example.com", "password": "wrong"})
    assert (probe.status_code, probe.json()["broker"]) == (200, "not answering")
    assert answer.status_code == 200


def test_clearing_leaves_what_others_keep_there() -> None:
    with redis() as url:
        ours = CacheWithSpare(url, {"KEY_PREFIX": "ours"})
        others = CacheWithSpare(url, {"KEY_PREFIX": "theirs"})
        ours.set("name", 1)
        others.set("name", 2)
        ours.clear()
        assert (ours.get("name"), others.get("name")) == (None, 2)
