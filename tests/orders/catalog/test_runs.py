"""Two readings at once, and ones that died."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from orders import catalog, moments, rounds
from orders.catalog import runs, syncing
from orders.enums import SyncOutcome
from orders.models import Offer, Provider, SyncRun
from tests.orders.catalog.conftest import Reader, Upstream, offer
from tests.support import factories
from tests.support.factories import NOW
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


def test_a_second_reading_returns_the_one_under_way(
    read: Reader, upstream: Upstream, bulkhaus: Provider
) -> None:
    upstream.lists(1)
    second: list[SyncRun] = []

    def meanwhile() -> None:
        upstream.meanwhile = lambda: None
        second.append(catalog.sync(bulkhaus, now=read.now + timedelta(minutes=2, seconds=59)))

    upstream.meanwhile = meanwhile

    first = read()

    assert second == [first]
    assert upstream.asked == 1
    assert first.outcome == SyncOutcome.CHANGED


@pytest.mark.parametrize(("total_timeout", "minutes"), [(30, 3), (120, 4)])
def test_a_reading_that_died_while_asking_gives_way(
    upstream: Upstream, bulkhaus: Provider, total_timeout: int, minutes: int
) -> None:
    """After as long as the provider is waited for, and two minutes of work."""
    upstream.lists(1)
    bulkhaus.total_timeout = total_timeout
    bulkhaus.save()
    _dies_while_asking(upstream)
    with pytest.raises(SystemExit):
        catalog.sync(bulkhaus, now=NOW)
    dead = SyncRun.objects.get()
    given_up = NOW + timedelta(minutes=minutes)

    assert catalog.sync(bulkhaus, now=given_up - timedelta(seconds=1)) == dead
    run = catalog.sync(bulkhaus, now=given_up)

    assert run.outcome == SyncOutcome.CHANGED
    dead.refresh_from_db()
    assert (dead.outcome, dead.detail) == (SyncOutcome.FAILED, "It stopped in the middle.")


def test_a_long_reading_keeps_its_lease_with_each_step(bulkhaus: Provider) -> None:
    run, _ = runs.begin(bulkhaus, by=None, now=NOW, asking=60)

    for minutes in (2, 3, 4):
        with runs.step(run, 1, NOW + timedelta(minutes=minutes)):
            pass

    almost = NOW + timedelta(minutes=5, seconds=59)
    assert runs.begin(bulkhaus, by=None, now=almost) == (run, False)
    assert runs.begin(bulkhaus, by=None, now=NOW + timedelta(minutes=6))[1]


def test_each_of_several_readings_has_its_lease_by_the_clock(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [0.0]
    monkeypatch.setattr(moments, "time", SimpleNamespace(monotonic=lambda: passed[0]))
    factories.provider("First")
    factories.provider("Second")
    upstream.lists(1)
    upstream.meanwhile = lambda: passed.append(passed.pop() + 240)

    rounds.sync_catalogs(NOW)

    found = SyncRun.objects.order_by("pk").values_list("started_at", "leased_until")
    assert [((start - NOW).seconds, (end - NOW).seconds) for start, end in found] == [
        (0, 240 + 120),
        (240, 480 + 120),
    ]


def _dies_while_asking(upstream: Upstream) -> None:
    """As a killed process does: nothing is written any more."""

    def meanwhile() -> None:
        upstream.meanwhile = lambda: None
        raise SystemExit

    upstream.meanwhile = meanwhile


def test_a_reading_that_was_given_up_writes_nothing_when_it_wakes(
    read: Reader, upstream: Upstream, bulkhaus: Provider
) -> None:
    upstream.lists(1)

    def meanwhile() -> None:
        """It stalls for eleven minutes, and another one does its work."""
        upstream.meanwhile = lambda: None
        upstream.lists(2)
        catalog.sync(bulkhaus, now=read.now + timedelta(minutes=11))
        upstream.drops(2)
        upstream.lists(3)

    upstream.meanwhile = meanwhile

    run = read()

    assert run.outcome == SyncOutcome.FAILED
    assert set(Offer.objects.values_list("upstream_id", flat=True)) == {"1", "2"}


def test_a_fault_of_ours_ends_the_run_and_is_not_hidden(
    read: Reader, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.lists(1)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(syncing, "compare", broken)

    with pytest.raises(ZeroDivisionError):
        read()

    assert SyncRun.objects.get().outcome == SyncOutcome.FAILED


def test_what_a_dead_run_had_written_goes_when_the_catalog_is_the_old_one_again(
    read: Reader, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those bytes had been read before, and the cache no longer holds what they say."""

    def dies(*args: object) -> None:
        raise MemoryError

    upstream.lists(1, 2, rate="1.00")
    read()
    upstream.lists(1, 2, rate="0.50")
    finish = syncing._finish
    monkeypatch.setattr(syncing, "_finish", dies)
    with pytest.raises(MemoryError):
        read()
    monkeypatch.setattr(syncing, "_finish", finish)
    assert offer(1).rate == Decimal("0.50"), "what was committed stands"
    upstream.lists(1, 2, rate="1.00")

    assert read().changed == 2

    assert (offer(1).rate, offer(2).rate) == (Decimal("1.00"), Decimal("1.00"))


def test_what_a_dead_run_had_written_is_found_and_the_rest_is_completed(
    read: Reader, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.catalog.writing.BATCH", 2)
    upstream.lists(1, 2, 3, 4, 5)
    step, steps = runs.step, iter(range(100))

    def dies(*args: object) -> object:
        if next(steps) == 3:
            raise MemoryError
        return step(*args)

    monkeypatch.setattr("orders.catalog.writing.step", dies)
    with pytest.raises(MemoryError):
        read()
    written = Offer.objects.count()
    monkeypatch.setattr("orders.catalog.writing.step", step)

    run = read()

    assert 0 < written < 5
    assert (run.outcome, run.new) == (SyncOutcome.CHANGED, 5 - written)
    assert Offer.objects.count() == 5


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_readings_that_start_at_one_moment_are_one(
    upstream: Upstream,
) -> None:
    provider = factories.provider()
    upstream.lists(*range(1, 50))

    runs = at_once(*[lambda: catalog.sync(provider, now=NOW)] * 4)

    assert len({run.pk for run in runs}) == 1
    assert SyncRun.objects.get().outcome == SyncOutcome.CHANGED
    assert Offer.objects.count() == 49
