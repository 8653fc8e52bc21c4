"""Old readings get sparse and empty runs go; what somebody may still need stays."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.celery import TIMETABLE
from orders import moving_in, panel_settings, pruning, rounds, sql
from orders.catalog.batches import in_batches
from orders.enums import ChangeKind, ImportKind, SubmissionOutcome, SyncOutcome, TopUpStatus
from orders.models import (
    AuditEntry,
    BalanceReading,
    ImportFile,
    Panel,
    PaymentMethod,
    Provider,
    Submission,
    SyncChange,
    SyncRun,
    TopUp,
    TopUpProof,
    Transfer,
)
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

    def test_older_ones_keep_the_first_of_each_hour_and_the_last_of_the_day(self) -> None:
        ids = minutes(make.provider(), timedelta(days=40))
        assert pruning.thin_readings(NOW) == 87
        assert kept() == {ids[0], ids[60], ids[-1]}

    def test_very_old_ones_keep_the_first_and_the_last_of_each_day(self) -> None:
        ids = minutes(make.provider(), timedelta(days=500))
        pruning.thin_readings(NOW)
        assert kept() == {ids[0], ids[-1]}

    def test_a_day_ends_at_the_panels_midnight(self) -> None:
        Panel.objects.update(time_zone="Asia/Tokyo")
        noon = timedelta(days=40)  # NOW is noon in UTC; midnight in Tokyo is at 15:00
        provider = make.provider()
        ids = [read(provider, noon - timedelta(minutes=20 * n)).pk for n in range(12)]
        assert pruning.thin_readings(NOW) == 6
        assert kept() == {ids[n] for n in (0, 3, 6, 8, 9, 11)}

    def test_each_provider_keeps_its_own(self) -> None:
        first, second = make.provider(), make.provider()
        ids = {read(row, timedelta(days=40)).pk for row in (first, second)}
        assert pruning.thin_readings(NOW) == 0
        assert kept() == ids

    def test_a_run_is_bounded_and_the_next_goes_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pruning, "MOST_A_RUN", 50)
        minutes(make.provider(), timedelta(days=40))
        assert [pruning.thin_readings(NOW) for _ in range(3)] == [50, 37, 0]


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
    gone = (
        "0 readings, 0 runs, 0 answer times, 0 alerts, 0 answers, 0 proofs, 0 forms, "
        "0 mass orders, 0 uploaded files, 0 unfinished sign-ups"
    )
    assert pruning.prune(NOW) == gone


def test_an_uploaded_file_that_nobody_carried_out_is_forgotten_after_a_day() -> None:
    by = make.owner().user
    content = b"email,balance\npat@shop.example,1\n"
    kinds = (ImportKind.CUSTOMERS, "clients.csv", content)
    done = moving_in.keep(*kinds, by=by, now=NOW - timedelta(days=3))
    seen = moving_in.preview(done, by=by).fingerprint
    moving_in.start(done, seen, by=by, now=NOW)
    moving_in.keep(*kinds, by=by, now=NOW - timedelta(hours=25))
    young = moving_in.keep(*kinds, by=by, now=NOW - timedelta(hours=23))

    assert "1 uploaded files" in pruning.prune(NOW)
    assert set(ImportFile.objects.values_list("pk", flat=True)) == {done.pk, young.pk}
    assert ImportFile.objects.get(pk=done.pk).rows == []


def test_raw_answers_go_after_their_days_but_not_of_a_case_that_waits() -> None:
    def sent(outcome: SubmissionOutcome, days: int) -> Submission:
        order = make.order()
        at = NOW - timedelta(days=days)
        more = {"number": 1, "claimed_at": at, "expires_at": at, "answer": "{}"}
        return Submission.objects.create(
            order=order, provider=order.provider, outcome=outcome, **more
        )

    created, unknown = SubmissionOutcome.CREATED, SubmissionOutcome.UNKNOWN
    rows = [sent(created, 401), sent(unknown, 401), sent(created, 399)]
    assert pruning.forget_answers(NOW) == 1
    answers = [Submission.objects.get(pk=row.pk).answer for row in rows]
    assert answers == ["", "{}", "{}"]
    panel_settings.change(answers_days=30, by=None, now=NOW)
    assert pruning.forget_answers(NOW) == 1


def test_raw_answers_are_found_by_their_index() -> None:
    order = make.order()
    for number in range(50):
        Submission.objects.create(
            order=order,
            provider=order.provider,
            number=number + 1,
            outcome=SubmissionOutcome.REFUSED,
            claimed_at=NOW,
            expires_at=NOW,
        )
    with CaptureQueriesContext(connection) as seen:
        pruning.forget_answers(NOW)
    (query,) = (each["sql"] for each in seen if 'FROM "orders_submission"' in each["sql"])
    with connection.cursor() as cursor:
        if sql.is_postgresql():
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'' if sql.is_postgresql() else 'QUERY PLAN '}{query}")
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "submission_with_answer" in plan


def decided_top_up(days: int) -> TopUp:
    """One with a proof, decided so many days ago."""
    found = TopUp.objects.create(
        customer=make.customer(),
        method=PaymentMethod.objects.get_or_create(name="Bank", defaults={"created_at": NOW})[0],
        amount=Decimal(5),
        status=TopUpStatus.ADDED if days else TopUpStatus.REQUESTED,
        client_key=f"form-{days}",
        asked_at=NOW - timedelta(days=days + 1),
        ended_at=NOW - timedelta(days=days) if days else None,
        payment_id=f"payment-{days}",
    )
    TopUpProof.objects.create(top_up=found, content_type="image/png", content=b"\x89PNG")
    return found


def test_proofs_go_long_after_the_decision_and_the_payment_stays() -> None:
    old, young, waiting = (decided_top_up(days) for days in (401, 399, 0))
    assert pruning.drop_proofs(NOW) == 1
    assert pruning.drop_proofs(NOW) == 0
    assert set(TopUpProof.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}
    old.refresh_from_db()
    assert old.payment_id == "payment-401"
    panel_settings.change(proofs_days=30, by=None, now=NOW)
    assert pruning.drop_proofs(NOW) == 1
    TopUp.objects.filter(pk=waiting.pk).update(asked_at=NOW - timedelta(days=4000))
    assert pruning.drop_proofs(NOW) == 0


def test_the_ledger_and_the_trail_are_never_pruned() -> None:
    make.customer(balance="5")
    panel_settings.change(readings_days=35, alerts_days=30, answers_days=30, by=None, now=NOW)
    before = Transfer.objects.count(), AuditEntry.objects.count()
    pruning.prune(NOW + timedelta(days=9000))
    assert (Transfer.objects.count(), AuditEntry.objects.count()) == before


def test_a_file_that_is_begun_while_it_is_to_be_forgotten_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = b"email,balance\nann@example.com,1\n"
    old = NOW - timedelta(days=2)
    file = moving_in.keep(ImportKind.CUSTOMERS, "clients.csv", content, by=None, now=old)

    def begun(ids: list[int], size: int) -> Any:
        if file.pk in ids:
            moving_in.start(file, None, by=None, now=NOW)
        return in_batches(ids, size)

    monkeypatch.setattr(pruning, "in_batches", begun)
    assert "0 uploaded files" in pruning.prune(NOW)
    assert ImportFile.objects.get().started_at == NOW
