"""Letting go of what the machinery wrote by the minute and nobody will read again.

Balance readings and runs that changed nothing grow for ever by themselves; what money or people
have to do with (orders, transfers, events, runs with changes) is never touched here.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Trunc

from orders.catalog.batches import in_batches
from orders.enums import SyncOutcome
from orders.models import BalanceReading, SyncRun

WHOLE_FOR = timedelta(days=35)
"""Every reading and run stays so long: a month is reconciled from whole readings."""

HOURLY_FOR = timedelta(days=400)
"""Past `WHOLE_FOR` the first reading of each hour stays, past this one the first of each day."""

MOST_A_RUN = 20_000
"""At most so many rows go in one run; the next one goes on."""

BATCH = 500
_SAY_NOTHING = (SyncOutcome.UNCHANGED, SyncOutcome.FAILED)


def prune(now: datetime) -> str:
    """Thin out old readings and drop old runs; what went, in words."""
    readings, runs = thin_readings(now), drop_runs(now)
    return f"{readings:,} readings, {runs:,} runs"


def thin_readings(now: datetime) -> int:
    """Keep the first balance reading of an hour, later of a day; returns how many went."""
    return sum(
        _delete(_repeated(now - age, slot))
        for age, slot in ((HOURLY_FOR, "day"), (WHOLE_FOR, "hour"))
    )


def drop_runs(now: datetime) -> int:
    """Delete old runs that changed nothing, but each provider's latest; returns how many went."""
    later = SyncRun.objects.filter(provider=OuterRef("provider"), pk__gt=OuterRef("pk"))
    old = SyncRun.objects.filter(started_at__lt=now - WHOLE_FOR, outcome__in=_SAY_NOTHING)
    return _delete(old.filter(Exists(later)))


def _repeated(before: datetime, slot: str) -> QuerySet[BalanceReading]:
    """Readings before a moment that are not the first of their hour or day (in UTC)."""
    earlier = BalanceReading.objects.filter(
        provider=OuterRef("provider"), at__gte=OuterRef("slot"), at__lt=OuterRef("at")
    )
    old = BalanceReading.objects.filter(at__lt=before)
    return old.annotate(slot=Trunc("at", slot, tzinfo=UTC)).filter(Exists(earlier))


def _delete(rows: QuerySet[Any]) -> int:
    """Delete in statements of bounded size, each its own short transaction."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_A_RUN])
    for batch in in_batches(ids, BATCH):
        rows.model._default_manager.filter(pk__in=batch).delete()
    return len(ids)
