"""The check that the panel makes by itself, once a day, a few seconds at a time.

A run takes the lease, goes on where the last one came to and keeps that after every slice, so that
whoever is killed loses one slice. A run whose lease ran out writes nothing more: somebody else has
gone on.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from orders.ledger_check.asking import Finding, ask, slices, trigger_findings
from orders.ledger_check.questions import QUESTIONS
from orders.models import LedgerCheck
from orders.moments import Stopwatch

EVERY = timedelta(days=1)
BUDGET_SECONDS = 20.0
LEASE = timedelta(minutes=3)
"""Longer than a run may take, its last slice and all."""

MOST_KEPT = 20
"""Findings kept of one check; `check_ledger` lists more."""


def go_on(now: datetime, *, budget_seconds: float = BUDGET_SECONDS) -> str:
    """Check some slices of the books, and go on with the next run; a whole check a day."""
    state, watch, count = _leased(now), Stopwatch(now), 0
    if state is None:
        return "nothing to check"
    if not state.is_under_way:
        state.found = _sentences(trigger_findings())
    for question, low, high in _slices_from(state.question or 0, state.after):
        state.found += _sentences(ask(QUESTIONS[question], low, high))
        count += 1
        ends = watch.seconds >= budget_seconds
        if not _keep(state, question=question, after=high, found=state.found[:MOST_KEPT]):
            return f"{count:,} slices checked, another run goes on"
        if ends:
            _end(state)
            return f"{count:,} slices checked, more to come"
    _end(state, question=None, after=-1, found=[], **_whole(watch.now, state.found))
    return f"{count:,} slices checked, {len(state.found[:MOST_KEPT]):,} findings"


def checked(now: datetime, findings: list[Finding]) -> None:
    """Keep what a whole check by hand has found."""
    LedgerCheck.objects.update_or_create(pk=1, defaults=_whole(now, _sentences(findings)))


def last() -> LedgerCheck:
    """How the check stands, and what the last whole one found."""
    return LedgerCheck.objects.filter(pk=1).first() or LedgerCheck(pk=1)


def _leased(now: datetime) -> LedgerCheck | None:
    """The state, for this run alone; None while there is nothing to do or another is at it."""
    LedgerCheck.objects.get_or_create(pk=1)
    due = Q(question__isnull=False) | Q(checked_at=None) | Q(checked_at__lte=now - EVERY)
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    if not LedgerCheck.objects.filter(due, free, pk=1).update(leased_until=now + LEASE):
        return None
    return LedgerCheck.objects.get(pk=1)


def _slices_from(first: int, after: int) -> Iterator[tuple[int, int, int]]:
    for place in range(first, len(QUESTIONS)):
        for low, high in slices(QUESTIONS[place], after if place == first else -1):
            yield place, low, high


def _keep(state: LedgerCheck, **values: object) -> int:
    """Write while the lease is ours."""
    ours = LedgerCheck.objects.filter(pk=1, leased_until=state.leased_until)
    return ours.update(**values)


def _end(state: LedgerCheck, **values: object) -> None:
    _keep(state, leased_until=None, **values)


def _whole(now: datetime, found: list[str]) -> dict[str, object]:
    return {"checked_at": now, "findings": found[:MOST_KEPT]}


def _sentences(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings[:MOST_KEPT]]
