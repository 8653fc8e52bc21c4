"""Offers that vanish, return, or vanish in suspicious numbers."""

from decimal import Decimal

import pytest

from orders import catalog
from orders.enums import ChangeKind, PauseReason, SyncOutcome
from orders.errors import StateChanged
from orders.models import AuditEntry, Offer, Service, SyncChange
from tests.orders.catalog.conftest import Reader, Upstream, offer, service
from tests.support import factories

pytestmark = pytest.mark.django_db

TEN = range(1, 11)


def test_a_vanished_offer_is_retired_never_deleted_and_its_service_paused(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(*TEN)
    read()
    upstream.drops(1)

    run = read()

    assert (run.outcome, run.retired, run.paused) == (SyncOutcome.CHANGED, 1, 1)
    assert run.detail == "1 gone, 1 service paused."
    assert offer(1).retired_at == read.now
    gone = service(1)
    assert (gone.pause, gone.paused_at) == (PauseReason.GONE, read.now)
    assert gone.pause_detail == "Not in the provider's catalog since 23 Nov 2026."
    assert run.changes.get().kind == ChangeKind.RETIRED
    assert not run.changes.get().held


def test_it_comes_back_by_itself_when_the_sync_retired_it(read: Reader, upstream: Upstream) -> None:
    upstream.lists(*TEN)
    read()
    number = service(1).pk
    upstream.drops(1)
    read()
    upstream.lists(1)

    run = read()

    assert (run.returned, run.new) == (1, 0)
    assert run.detail == "1 came back, 1 service back on sale."
    back = service(1)
    assert (back.pk, back.pause, back.paused_at, back.pause_detail) == (number, "", None, "")
    assert offer(1).retired_at is None


def test_what_a_person_paused_stays_paused_when_its_offer_returns(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(*TEN)
    read()
    catalog.pause(service(1), None, read.now, reason="Complaints")
    upstream.drops(1)
    read()
    upstream.lists(1)

    read()

    assert service(1).pause == PauseReason.STAFF


def test_what_a_refusal_paused_stays_paused_while_the_catalog_lists_it(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(*TEN)
    read()
    Service.objects.filter(pk=service(1).pk).update(
        pause=PauseReason.GONE, pause_detail="Disabled service ID"
    )
    upstream.lists(2, rate="1.01")

    read()
    read()

    assert service(1).pause == PauseReason.GONE
    assert service(1).pause_detail == "Disabled service ID"


def test_an_offer_that_returns_much_dearer_stays_paused_for_its_cost(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(*TEN)
    read()
    upstream.drops(1)
    read()
    upstream.lists(1, rate="2")

    read()

    assert offer(1).retired_at is None
    assert service(1).pause == PauseReason.COST_ROSE


def test_a_shrunken_catalog_holds_removals_and_nothing_else(
    read: Reader, upstream: Upstream, bulkhaus: object
) -> None:
    upstream.lists(*TEN)
    read()
    upstream.drops(1, 2, 3)
    upstream.lists(4, rate="1.1")
    upstream.lists(11)

    run = read()

    assert (run.outcome, run.held_removals, run.retired) == (SyncOutcome.HELD, 3, 0)
    assert (run.changed, run.new) == (1, 1)
    assert run.detail == "1 new, 1 changed, 3 seem to be gone and wait for a decision."
    assert offer(4).rate == Decimal("1.1")
    assert not Offer.objects.filter(retired_at__isnull=False).exists()
    assert not Service.objects.exclude(pause="").exists()
    assert run.changes.filter(held=True).count() == 3
    assert list(catalog.held_runs()) == [run]


def test_exactly_the_threshold_is_not_yet_shrunken(read: Reader, upstream: Upstream) -> None:
    upstream.lists(*TEN)
    read()
    upstream.drops(1, 2)

    run = read()

    assert (run.outcome, run.retired) == (SyncOutcome.CHANGED, 2)


def test_a_person_releases_held_removals(read: Reader, upstream: Upstream) -> None:
    person = factories.user()
    upstream.lists(*TEN)
    read()
    upstream.drops(1, 2, 3)
    run = read()

    retired = catalog.release_removals(run, person, read.now, "They closed that part")

    assert retired == 3
    assert service(1).pause == PauseReason.GONE
    assert offer(1).retired_at == read.now
    assert (run.outcome, run.retired, run.held_removals) == (SyncOutcome.CHANGED, 3, 0)
    assert set(run.changes.values_list("decided_by", "decided_at")) >= {(person.pk, read.now)}
    assert not catalog.held_runs()
    entry = AuditEntry.objects.get()
    assert (entry.person, entry.reason) == (person, "They closed that part")
    with pytest.raises(StateChanged):
        catalog.release_removals(run, person, read.now)


def test_a_person_keeps_what_the_catalog_no_longer_lists(read: Reader, upstream: Upstream) -> None:
    person = factories.user()
    upstream.lists(*TEN)
    read()
    upstream.drops(1, 2, 3)
    run = read()

    assert catalog.dismiss_removals(run, person, read.now) == 3

    assert not Offer.objects.filter(retired_at__isnull=False).exists()
    assert not catalog.held_runs()
    assert read().outcome == SyncOutcome.UNCHANGED


def test_a_newer_reading_settles_what_an_older_one_held(read: Reader, upstream: Upstream) -> None:
    upstream.lists(*TEN)
    read()
    upstream.drops(1, 2, 3)
    old = read()
    upstream.lists(*TEN)

    run = read()

    assert run.outcome == SyncOutcome.UNCHANGED
    assert not catalog.held_runs()
    with pytest.raises(StateChanged):
        catalog.release_removals(old, None, read.now)
    assert not Offer.objects.filter(retired_at__isnull=False).exists()


def test_removals_that_are_still_missing_are_held_once_not_twice(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(*TEN)
    read()
    upstream.drops(1, 2, 3)
    read()
    upstream.lists(5, rate="1.2")

    run = read()

    assert list(catalog.held_runs()) == [run]
    assert SyncChange.objects.filter(held=True, decided_at=None).count() == 3


def test_a_catalog_of_only_other_numbers_holds_every_removal(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(*TEN)
    read()
    upstream.drops(*TEN)
    upstream.lists(*range(101, 111))

    run = read()

    assert (run.outcome, run.new, run.held_removals) == (SyncOutcome.HELD, 10, 10)


def test_removals_are_decided_one_by_one_and_the_rest_waits(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(*TEN)
    read()
    upstream.drops(1, 2, 3)
    run = read()
    first, second, _ = run.changes.filter(held=True).order_by("pk").values_list("pk", flat=True)

    assert catalog.release_removals(run, None, read.now, "Seen there", changes=[first]) == 1
    run.refresh_from_db()
    assert (run.outcome, run.held_removals, run.retired) == (SyncOutcome.HELD, 2, 1)
    assert [service(n).pause for n in (1, 2, 3)] == [PauseReason.GONE, "", ""]
    with pytest.raises(StateChanged):
        catalog.dismiss_removals(run, None, read.now, changes=[first, second])
    assert catalog.dismiss_removals(run, None, read.now, changes=[second]) == 1
    assert catalog.release_removals(run, None, read.now) == 1
    run.refresh_from_db()
    assert (run.outcome, run.held_removals, run.retired) == (SyncOutcome.CHANGED, 0, 2)
    assert offer(3).retired_at == read.now and offer(2).retired_at is None
    line = AuditEntry.objects.filter(action="catalog.removals_released").first()
    assert line is not None and line.reason == "Seen there"
    assert line.after == {"offers": 1, "which": [offer(1).pk]}
