"""Old readings get sparse and empty runs go; what somebody may still need stays."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from config.celery import TIMETABLE
from orders import pruning, rounds
from orders.enums import ChangeKind, SyncOutcome
from orders.models import BalanceReading, Provider, SyncChange, SyncRun
from tests.support import factories as make

pytestmark = pytest.mark.django_db
NOW = make.NOW


def read(provider: Provider, age: timedelta) -> BalanceReading:
    return BalanceReading.objects.create(provider=provider, at=NOW - age, amount=Decimal(1))


def kept() -> set[int]:
    return set(BalanceReading.objects.values_list("pk", flat=True))


def minutes(provider: Provider, since: timedelta) -> list[int]:
    """A reading each minute for an hour and a half, from a full hour on."""
    return [read(provider, since - timedelta(minutes=n)).pk for n in range(90)]


class TestReadings:
    def test_the_last_five_weeks_stay_whole(self) -> None:
        minutes(make.provider(), timedelta(days=34))
        assert pruning.thin_readings(NOW) == 0

    def test_older_ones_keep_the_first_of_each_hour(self) -> None:
        ids = minutes(make.provider(), timedelta(days=40))
        assert pruning.thin_readings(NOW) == 88
        assert kept() == {ids[0], ids[60]}

    def test_very_old_ones_keep_the_first_of_each_day(self) -> None:
        ids = minutes(make.provider(), timedelta(days=500))
        pruning.thin_readings(NOW)
        assert kept() == {ids[0]}

    def test_each_provider_keeps_its_own(self) -> None:
        first, second = make.provider(), make.provider()
        ids = {read(row, timedelta(days=40)).pk for row in (first, second)}
        assert pruning.thin_readings(NOW) == 0
        assert kept() == ids

    def test_a_run_is_bounded_and_the_next_goes_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pruning, "MOST_A_RUN", 50)
        minutes(make.provider(), timedelta(days=40))
        assert [pruning.thin_readings(NOW) for _ in range(3)] == [50, 38, 0]


class TestRuns:
    def run(self, provider: Provider, at: datetime, outcome: SyncOutcome) -> SyncRun:
        return SyncRun.objects.create(provider=provider, started_at=at, outcome=outcome)

    def test_old_runs_that_changed_nothing_go_but_the_latest(self) -> None:
        provider, old = make.provider(), NOW - timedelta(days=36)
        changed = self.run(provider, old, SyncOutcome.CHANGED)
        held = self.run(provider, old, SyncOutcome.HELD)
        gone = [self.run(provider, old, o) for o in (SyncOutcome.UNCHANGED, SyncOutcome.FAILED)]
        SyncChange.objects.create(run=gone[0], kind=ChangeKind.BAD_ROW)
        last = self.run(provider, old, SyncOutcome.UNCHANGED)
        assert pruning.drop_runs(NOW) == 2
        assert set(SyncRun.objects.all()) == {changed, held, last}
        assert not SyncChange.objects.exists()

    def test_young_runs_stay(self) -> None:
        provider = make.provider()
        for _ in range(2):
            self.run(provider, NOW - timedelta(days=34), SyncOutcome.UNCHANGED)
        assert pruning.drop_runs(NOW) == 0


def test_it_is_a_job_of_the_timetable() -> None:
    assert rounds.JOBS["orders.prune"] is pruning.prune
    assert "orders.prune" in TIMETABLE
    assert pruning.prune(NOW) == "0 readings, 0 runs"
