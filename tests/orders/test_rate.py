"""The rate bucket, with Redis and without."""

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import redis
from django.utils import timezone

from orders import rate
from orders.models import Provider, ProviderState
from orders.polling.asking import Turns
from orders.rate import Pace


@pytest.fixture(autouse=True)
def hurried() -> None:
    """Not here."""


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    rate.forget()
    yield
    rate.forget()


@pytest.fixture
def alone(settings: object) -> None:
    settings.REDIS_URL = ""  # type: ignore[attr-defined]


@pytest.fixture
def shared(settings: object) -> Iterator[redis.Redis]:
    """The Redis of these tests, under names of this one's own."""
    prefix = f"halfpenny-rate-test-{time.monotonic_ns()}"
    settings.CACHES = {"default": {"KEY_PREFIX": prefix}}  # type: ignore[attr-defined]
    server = redis.Redis.from_url(settings.REDIS_URL)  # type: ignore[attr-defined]
    yield server
    for key in server.scan_iter(f"{prefix}*"):
        server.delete(key)


def taken(pace: Pace, tries: int, **how: bool) -> int:
    """How many of so many calls at once may be made."""
    return sum(pace.take(wait_seconds=0, **how) for _ in range(tries))


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server's clock stands still, however long this machine takes for a few calls."""
    still = rate._TAKE.replace("redis.call('TIME')", "{1763899200, 0}")
    assert still != rate._TAKE
    monkeypatch.setattr(rate, "_TAKE", still)
    rate._script.cache_clear()
    yield
    rate._script.cache_clear()


@pytest.mark.services
@pytest.mark.usefixtures("no_time_passes")
def test_a_second_holds_as_many_calls_as_the_provider_allows(shared: redis.Redis) -> None:
    assert taken(Pace(1, 10), 30, urgent=True) == 10


@pytest.mark.services
@pytest.mark.usefixtures("no_time_passes")
def test_a_share_is_kept_for_urgent_calls(shared: redis.Redis) -> None:
    pace = Pace(2, 10)
    assert taken(pace, 30) == 8
    assert taken(pace, 30, urgent=True) == 2


@pytest.mark.services
@pytest.mark.usefixtures("no_time_passes")
def test_providers_have_buckets_of_their_own(shared: redis.Redis) -> None:
    assert taken(Pace(3, 5), 9, urgent=True) == taken(Pace(4, 5), 9, urgent=True) == 5


@pytest.mark.services
def test_a_caller_waits_for_its_turn(shared: redis.Redis) -> None:
    pace = Pace(5, 2)
    began = time.monotonic()
    taken(pace, 2, urgent=True)
    assert pace.take(urgent=True)
    assert 0.45 < time.monotonic() - began < 5


@pytest.mark.services
def test_a_bucket_that_nobody_uses_goes_away(shared: redis.Redis) -> None:
    Pace(6, 50).take()
    keys = [key for key in shared.scan_iter("halfpenny-rate-test-*") if b":6" in key]
    assert keys
    assert all(0 < shared.pttl(key) <= 2100 for key in keys)


def test_without_redis_each_process_goes_at_the_slowest_pace(alone: None) -> None:
    assert taken(Pace(1, 500), 30) == rate.ALONE_BURST
    assert taken(Pace(1, 500), 30, urgent=True) == 0
    assert taken(Pace(2, 500), 30) == rate.ALONE_BURST


@pytest.mark.services
@pytest.mark.usefixtures("no_time_passes")
def test_turns_of_a_quick_provider_are_taken_several_at_a_time(shared: redis.Redis) -> None:
    pace = Pace(7, 500)
    assert pace.take_several(wait_seconds=0) == 10
    assert taken(pace, 500) == 390  # of the four in five that are for all


def test_without_redis_no_turn_is_taken_that_others_could_use(alone: None) -> None:
    assert [Pace(1, 500).take_several(wait_seconds=0) for _ in range(6)] == [1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize(("had", "in_turn"), [([2, 1, 0], "TTTF"), ([0, 2], "FTT"), ([1], "T")])
def test_turns_are_used_up_before_more_are_taken(
    monkeypatch: pytest.MonkeyPatch, had: list[int], in_turn: str
) -> None:
    monkeypatch.setattr(Pace, "take_several", lambda self, wait_seconds: had.pop(0))
    turns = Turns(Pace(1, 100), 5)
    assert "".join("FT"[turns.take()] for _ in in_turn) == in_turn
    assert had == []


def test_a_redis_that_is_gone_never_raises(settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert taken(Pace(1, 500), 30) == rate.ALONE_BURST


@pytest.mark.django_db
def test_a_provider_that_asked_to_slow_down_is_called_less() -> None:
    provider = Provider(pk=9, requests_per_second=Decimal(8))
    provider.state = ProviderState(slowed_until=None)  # type: ignore[misc]
    assert rate.pace_of(provider).per_second == 8
    provider.state.slowed_until = timezone.now() + timedelta(minutes=1)
    assert rate.pace_of(provider).per_second == 2
    assert rate.pace_of(provider, timezone.now() + timedelta(hours=1)).per_second == 8
