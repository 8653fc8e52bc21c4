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

WORKING = timedelta(minutes=2)
"""For what is done between two signs of life: decoding and comparing, or the writing of a batch."""


class Superseded(Exception):
    """Another run took this one's place; whatever it has not written is no longer its to write."""


def begin(
    provider: Provider, *, by: User | None, now: datetime, asking: float = 0
) -> tuple[SyncRun, bool]:
    """A run of our own and True, or the one that is under way and False.

    The provider's answer may take `asking` seconds. A run that let its lease pass, `WORKING` after
    that and after each of its steps, is taken to be dead.
    """
    with transaction.atomic():
        ProviderState.objects.select_for_update().get(provider=provider)
        if alive := under_way(provider, now):
            return alive, False
        SyncRun.objects.filter(provider=provider, outcome=SyncOutcome.RUNNING).update(
            outcome=SyncOutcome.FAILED,
            finished_at=now,
            detail=gettext_noop("It stopped in the middle."),
        )
        until = now + timedelta(seconds=asking) + WORKING
        ours = {"started_at": now, "leased_until": until, "asked_by": by}
        return SyncRun.objects.create(provider=provider, **ours), True


def under_way(provider: Provider, now: datetime) -> SyncRun | None:
    """The provider's run that goes on and is not taken to be dead."""
    running = SyncRun.objects.filter(provider=provider, outcome=SyncOutcome.RUNNING)
    return running.filter(leased_until__gt=now).order_by("-id").first()


@contextmanager
def step(run: SyncRun, rows: int, now: datetime) -> Iterator[None]:
    """A transaction of bounded size; `rows` more of the catalog are done when it commits, and the
    run has its lease anew.

    Raises `Superseded`, with nothing written, if the run was given up for dead.
    """
    with transaction.atomic():
        _touch(run, rows_done=F("rows_done") + rows, leased_until=now + WORKING)
        yield


def finish(run: SyncRun, outcome: SyncOutcome, detail: str, now: datetime, **counts: Any) -> None:
    """End the run. Raises `Superseded` when it was ended before."""
    _touch(run, outcome=outcome, detail=detail[:500], finished_at=now, **counts)
    run.refresh_from_db()


def _touch(run: SyncRun, **values: Any) -> None:
    running = SyncRun.objects.filter(pk=run.pk, outcome=SyncOutcome.RUNNING)
    if not running.update(**values):
        raise Superseded
