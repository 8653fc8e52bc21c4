"""Removals that a shrunken catalog asked for, until a person decides."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from orders import auditing
from orders.catalog.pauses import reassess
from orders.enums import SyncOutcome
from orders.errors import StateChanged
from orders.models import Offer, SyncChange, SyncRun, User
from orders.panel_settings import current


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


def release_removals(run: SyncRun, by: User | None, now: datetime, reason: str = "") -> int:
    """Let the held removals of a run happen: retire the offers, pause their services.

    Returns how many offers that retired. Raises `StateChanged` when nothing waits any more.
    """
    with transaction.atomic():
        offer_ids = _decide(run, by, now)
        retired = Offer.objects.filter(pk__in=offer_ids, retired_at=None).update(retired_at=now)
        done = reassess(run.provider, current().rise_threshold, now=now, offer_ids=set(offer_ids))
        SyncRun.objects.filter(pk=run.pk).update(
            outcome=SyncOutcome.CHANGED,
            held_removals=0,
            retired=run.retired + retired,
            paused=run.paused + done.paused,
        )
        auditing.record(
            by, "catalog.removals_released", run, {}, {"offers": retired}, reason, at=now
        )
    run.refresh_from_db()
    return retired


def dismiss_removals(run: SyncRun, by: User | None, now: datetime, reason: str = "") -> int:
    """Keep what the catalog no longer lists; returns how many offers that concerns.

    The next reading that changes anything asks again if they are still missing. Raises
    `StateChanged` when nothing waits any more.
    """
    with transaction.atomic():
        kept = len(_decide(run, by, now))
        SyncRun.objects.filter(pk=run.pk).update(outcome=SyncOutcome.CHANGED, held_removals=0)
        auditing.record(by, "catalog.removals_dismissed", run, {}, {"offers": kept}, reason, at=now)
    run.refresh_from_db()
    return kept


def _decide(run: SyncRun, by: User | None, now: datetime) -> list[int]:
    waiting = held_changes(run.provider_id).filter(run=run).select_for_update().order_by("pk")
    found = list(waiting.values_list("pk", "offer_id"))
    if not found:
        raise StateChanged("These removals were decided already, or a newer reading settled them.")
    SyncChange.objects.filter(pk__in=[pk for pk, _ in found]).update(decided_at=now, decided_by=by)
    return [offer_id for _, offer_id in found if offer_id is not None]
