"""A sync's run: one at a time per provider, its progress, its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from orders.enums import SyncOutcome
from orders.models import Provider, ProviderState, SyncRun, User

LEASE = timedelta(minutes=10)


class Superseded(Exception):
    """Another run took this one's place; whatever it has not written is no longer its to write."""


def begin(provider: Provider, *, by: User | None, now: datetime) -> tuple[SyncRun, bool]:
    """A run of our own and True, or the one that is under way and False.

    A run that began more than `LEASE` ago is taken to be dead.
    """
    with transaction.atomic():
        ProviderState.objects.select_for_update().get(provider=provider)
        running = SyncRun.objects.filter(provider=provider, outcome=SyncOutcome.RUNNING)
        alive = running.filter(started_at__gt=now - LEASE).order_by("-id").first()
        if alive:
            return alive, False
        running.update(
            outcome=SyncOutcome.FAILED,
            finished_at=now,
            detail=gettext_noop("It stopped in the middle."),
        )
        return SyncRun.objects.create(provider=provider, started_at=now, asked_by=by), True


@contextmanager
def step(run: SyncRun, rows: int = 0) -> Iterator[None]:
    """A transaction of bounded size; `rows` more of the catalog are done when it commits.

    Raises `Superseded`, with nothing written, if the run was given up for dead.
    """
    with transaction.atomic():
        _touch(run, rows_done=F("rows_done") + rows)
        yield


def finish(run: SyncRun, outcome: SyncOutcome, detail: str, now: datetime, **counts: Any) -> None:
    """End the run. Raises `Superseded` when it was ended before."""
    _touch(run, outcome=outcome, detail=detail[:500], finished_at=now, **counts)
    run.refresh_from_db()


def _touch(run: SyncRun, **values: Any) -> None:
    running = SyncRun.objects.filter(pk=run.pk, outcome=SyncOutcome.RUNNING)
    if not running.update(**values):
        raise Superseded
