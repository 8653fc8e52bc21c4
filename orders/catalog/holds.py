"""Removals that a shrunken catalog asked for, until a person decides."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from orders import auditing, sql
from orders.catalog.pauses import reassess
from orders.enums import SyncOutcome
from orders.errors import StateChanged
from orders.models import Offer, Provider, SyncChange, SyncRun, User
from orders.panel_settings import current

MOST_NAMED = 100
"""So many offers are named in the audit trail; the run itself holds them all."""


def held_changes(provider_id: int) -> QuerySet[SyncChange]:
    """The removals of this provider that wait for a decision."""
    return SyncChange.objects.filter(held=True, decided_at=None, run__provider_id=provider_id)


def held_runs() -> QuerySet[SyncRun]:
    """The runs whose removals wait for a decision, oldest first."""
    waiting = SyncChange.objects.filter(held=True, decided_at=None)
    return SyncRun.objects.filter(pk__in=waiting.values("run")).order_by("pk")


def replace_held(provider_id: int, now: datetime) -> None:
    """A newer reading says itself what is gone: what older ones held is settled by it."""
    held_changes(provider_id).update(decided_at=now)


def release_removals(
    run: SyncRun,
    by: User | None,
    now: datetime,
    reason: str = "",
    *,
    changes: Collection[int] | None = None,
) -> int:
    """Let held removals of a run happen: retire the offers, pause their services.

    All of them, or those whose `changes` are named; the others go on waiting. Returns how many
    offers that retired. Raises `StateChanged` when one of them does not wait any more, and then
    nothing was changed.
    """
    with sql.short_transaction():
        provider = Provider.objects.select_for_update(no_key=True).get(pk=run.provider_id)
        decided = _decide(run, changes, by, now)
        retired = Offer.objects.filter(pk__in=decided, retired_at=None).update(retired_at=now)
        done = reassess(provider, current().rise_threshold, now=now, offer_ids=set(decided))
        _tell(run, retired=F("retired") + retired, paused=F("paused") + done.paused)
        _record("catalog.removals_released", run, decided, retired, by, now, reason)
    run.refresh_from_db()
    return retired


def dismiss_removals(
    run: SyncRun,
    by: User | None,
    now: datetime,
    reason: str = "",
    *,
    changes: Collection[int] | None = None,
) -> int:
    """Keep what the catalog no longer lists, all of it or `changes`; returns how many offers.

    The next reading that changes anything asks again if they are still missing. Raises
    `StateChanged` when one of them does not wait any more.
    """
    with sql.short_transaction():
        kept = _decide(run, changes, by, now)
        _tell(run)
        _record("catalog.removals_dismissed", run, kept, len(kept), by, now, reason)
    run.refresh_from_db()
    return len(kept)


def _decide(
    run: SyncRun, changes: Collection[int] | None, by: User | None, now: datetime
) -> list[int]:
    """The offers of what is decided hereby. Of two who decide at once, the second is told."""
    waiting = held_changes(run.provider_id).filter(run=run).select_for_update().order_by("pk")
    if changes is not None:
        waiting = waiting.filter(pk__in=changes)
    found = list(waiting.values_list("pk", "offer_id"))
    if not found or (changes is not None and len(found) < len(set(changes))):
        raise StateChanged(
            _("These removals were decided already, or a newer reading settled them.")
        )
    SyncChange.objects.filter(pk__in=[pk for pk, _ in found]).update(decided_at=now, decided_by=by)
    return [offer_id for _, offer_id in found if offer_id is not None]


def _tell(run: SyncRun, **counts: Any) -> None:
    """Keep the run's own figures; it is held as long as something of it waits."""
    left = held_changes(run.provider_id).filter(run=run).count()
    if not left:
        counts["outcome"] = SyncOutcome.CHANGED
    SyncRun.objects.filter(pk=run.pk).update(held_removals=left, **counts)


def _record(
    action: str,
    run: SyncRun,
    offers: list[int],
    count: int,
    by: User | None,
    now: datetime,
    reason: str,
) -> None:
    after = {"offers": count, "which": offers[:MOST_NAMED]}
    auditing.record(by, action, run, {}, after, reason, at=now)
