"""What every test gets: a clean cache and a doorbell that has forgotten old silences."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import hypothesis
import pytest
from django.core.cache import cache
from django.core.management.commands import flush

from config import catalogs
from orders import call_times, doorbell, rate
from tests.support import emptying

catalogs.compile_stale()

pytest_plugins = [
    "tests.support.collecting",
    "tests.support.guards",
    "tests.support.pretend",
    "tests.support.simulator",
    "tests.support.top_ups",
]


# A busy machine is slow and a build must not fail by luck: no example has a time limit, and every
# run plays the same ones. `--hypothesis-profile=other` plays others.
hypothesis.settings.register_profile(
    "other", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "same", hypothesis.settings.get_profile("other"), derandomize=True
)
hypothesis.settings.load_profile("same")


def pytest_collection_finish() -> None:
    """Garbage is looked for less often, and never among what all tests share: a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(autouse=True)
def _nothing_left_of_the_test_before() -> None:
    cache.clear()
    doorbell.forget_silence()
    call_times.forget()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a turn to call a provider, where it is not about that."""
    monkeypatch.setattr(rate, "ALONE_PER_SECOND", 1e6)


@pytest.fixture(autouse=True, scope="session")
def _flush_empties_what_has_rows() -> Iterator[None]:
    """For tests that commit: quicker than Django's, and allowed to empty append-only tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", emptying.empty)
        yield


@pytest.fixture
def now() -> datetime:
    """A fixed moment for verbs that take `now`."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
