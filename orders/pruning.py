"""Letting go of what nobody will read again.

Balance readings, runs that changed nothing and forms that nobody sent grow for ever by themselves;
what money or people have to do with (orders, transfers, events, runs with changes) is never touched
here.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Trunc

from orders import accounts, kept_forms, mass_orders, moving_in, panel_settings
from orders.catalog.batches import in_batches
from orders.enums import SubmissionOutcome, SyncOutcome
from orders.models import (
    Alert,
    BalanceReading,
    CallTimes,
    KeptForm,
    Submission,
    SyncRun,
    TopUpProof,
)

HOURLY_FOR = timedelta(days=400)
"""Past the panel's `readings_days` the first reading of each hour stays, past this one the first
of each day."""

MOST_A_RUN = 20_000
"""At most so many rows go in one run; the next one goes on."""

LONGEST_DAY = timedelta(hours=25)
"""The one on which clocks are put back."""

BATCH = 500
_OPEN_CASES = (SubmissionOutcome.OPEN, SubmissionOutcome.UNKNOWN)
_SAY_NOTHING = (SyncOutcome.UNCHANGED, SyncOutcome.FAILED)


def prune(now: datetime) -> str:
    """Thin out and drop what nobody will read again; what went, in words."""
    gone = {
        "readings": thin_readings(now),
        "runs": drop_runs(now),
        "answer times": drop_call_times(now),
        "alerts": drop_alerts(now),
        "answers": forget_answers(now),
        "proofs": drop_proofs(now),
        "forms": drop_forms(now),
        "mass orders": mass_orders.forget(now),
        "uploaded files": _delete(moving_in.forget_files(now)),
        "unfinished sign-ups": accounts.forget_unproven(now),
    }
    return ", ".join(f"{count:,} {name}" for name, count in gone.items())


def thin_readings(now: datetime) -> int:
    """Keep the first balance reading of an hour, later of a day; returns how many went.

    The last reading of each day in the panel's time zone stays as well: what `reconcile` says of
    a day is the same before and after.
    """
    return sum(
        _delete(_repeated(now - age, slot))
        for age, slot in ((HOURLY_FOR, "day"), (_days("readings_days"), "hour"))
    )


def drop_runs(now: datetime) -> int:
    """Delete old runs that changed nothing, but each provider's latest; returns how many went."""
    later = SyncRun.objects.filter(provider=OuterRef("provider"), pk__gt=OuterRef("pk"))
    since = now - _days("readings_days")
    old = SyncRun.objects.filter(started_at__lt=since, outcome__in=_SAY_NOTHING)
    return _delete(old.filter(Exists(later)))


def drop_call_times(now: datetime) -> int:
    """Delete old counts of how quickly providers answered; returns how many went."""
    return _delete(CallTimes.objects.filter(hour__lt=now - _days("readings_days")))


def drop_alerts(now: datetime) -> int:
    """Delete alerts that ended long ago, with their messages; returns how many went."""
    return _delete(Alert.objects.filter(ended_at__lt=now - _days("alerts_days")))


def forget_answers(now: datetime) -> int:
    """Empty providers' raw answers of long ago; what followed from them stays, and so does the
    answer of a case that waits for somebody. Returns how many were emptied.
    """
    kept = Submission.objects.exclude(answer="", late_answer="")
    old = kept.filter(claimed_at__lt=now - _days("answers_days")).exclude(outcome__in=_OPEN_CASES)
    ids = list(old.order_by("claimed_at").values_list("pk", flat=True)[:MOST_A_RUN])
    for batch in in_batches(ids, BATCH):
        Submission.objects.filter(pk__in=batch).exclude(outcome__in=_OPEN_CASES).update(
            answer="", late_answer=""
        )
    return len(ids)


def drop_proofs(now: datetime) -> int:
    """Delete what customers sent as proof of a payment, long after it was decided; the request,
    its payment and what was credited stay. Returns how many went."""
    return _delete(TopUpProof.objects.filter(top_up__ended_at__lt=now - _days("proofs_days")))


def _days(name: str) -> timedelta:
    """How long something is kept, as the settings say."""
    return timedelta(days=getattr(panel_settings.current(), name))


def drop_forms(now: datetime) -> int:
    """Delete kept order forms that are past their time; returns how many went."""
    return _delete(KeptForm.objects.filter(kept_at__lte=now - kept_forms.KEPT_FOR))


def _repeated(before: datetime, slot: str) -> QuerySet[BalanceReading]:
    """Readings before a moment that are neither the first of their hour or day (in UTC) nor the
    last of their day in the panel's time zone."""
    earlier = BalanceReading.objects.filter(
        provider=OuterRef("provider"), at__gte=OuterRef("slot"), at__lt=OuterRef("at")
    )
    day = Trunc("at", "day", tzinfo=ZoneInfo(panel_settings.current().time_zone))
    later = BalanceReading.objects.annotate(day=day).filter(
        provider=OuterRef("provider"),
        at__gt=OuterRef("at"),
        at__lt=OuterRef("at") + LONGEST_DAY,
        day=OuterRef("day"),
    )
    old = BalanceReading.objects.filter(at__lt=before).annotate(
        slot=Trunc("at", slot, tzinfo=UTC), day=day
    )
    return old.filter(Exists(earlier), Exists(later))


def _delete(rows: QuerySet[Any]) -> int:
    """Delete in statements of bounded size, each its own short transaction."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_A_RUN])
    return sum(_delete_some(rows.filter(pk__in=batch)) for batch in in_batches(ids, BATCH))


@transaction.atomic
def _delete_some(rows: QuerySet[Any]) -> int:
    """Looked at once more under their locks: a file that somebody begins at this moment stays."""
    locked = rows.only("pk").select_for_update(of=("self",), skip_locked=True)
    ids = [row.pk for row in locked]
    rows.model._default_manager.filter(pk__in=ids).delete()
    return len(ids)
