"""Deciding about many risen costs at once: accepted as they were seen, or kept paused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders import sql
from orders.catalog.batches import in_batches
from orders.catalog.selling import accept_cost, keep_off_sale
from orders.enums import PauseReason
from orders.errors import FieldErrors
from orders.models import Service, User

MOST = 500
"""So many are decided by one press; what is left over is said."""

BATCH = 50
RISES = (PauseReason.COST_ROSE, PauseReason.CHARGED_MORE)


@dataclass(frozen=True)
class Decided:
    """What became of them: `moved` got dearer or cheaper after they were seen, `gone` were decided
    by somebody else meanwhile, `left` were too many for one press."""

    done: int = 0
    still_paused: int = 0
    moved: int = 0
    gone: int = 0
    left: int = 0


def rises() -> QuerySet[Service]:
    """Services that are paused because of their cost, the latest first."""
    return Service.objects.filter(pause__in=RISES).order_by("-pk")


def priced_out() -> QuerySet[Service]:
    """Services in the shop that are not sold because of their price, until a person decides."""
    return Service.objects.filter(pause__in=[*RISES, PauseReason.BELOW_FLOOR], is_visible=True)


def accept_costs(
    ids: Sequence[int] | None,
    *,
    by: User | None,
    now: datetime,
    seen_at: datetime,
    reason: str = "",
) -> Decided:
    """Accept what these services cost now; without `ids`, all whose cost rose.

    One whose rate or pause changed after `seen_at`, when the person read the list, is left alone.
    """

    def accept(row: Service) -> None:
        accept_cost(row, by=by, now=now, reason=reason)

    return _decide(ids, seen_at, accept)


def keep_paused(
    ids: Sequence[int] | None,
    *,
    by: User | None,
    now: datetime,
    seen_at: datetime,
    reason: str,
) -> Decided:
    """Take these services off sale until a person resumes them; the cost is not accepted.

    Raises `FieldErrors` without a reason.
    """
    if not reason.strip():
        raise FieldErrors({"reason": _("Say why; the next person has to know.")})

    def keep(row: Service) -> None:
        keep_off_sale(row, by=by, now=now, reason=reason)

    return _decide(ids, seen_at, keep)


def _decide(
    ids: Sequence[int] | None, seen_at: datetime, act: Callable[[Service], None]
) -> Decided:
    """Do `act` in transactions of bounded size: what is done stays done."""
    wanted = list(rises().values_list("pk", flat=True)[: MOST + 1]) if ids is None else list(ids)
    done = still = moved = gone = 0
    for batch in in_batches(wanted[:MOST], BATCH):
        with sql.short_transaction():
            rows = _locked(batch)
            gone += len(batch) - len(rows)
            for row in rows:
                if moved_since(row, seen_at):
                    moved += 1
                    continue
                act(row)
                done += 1
                still += bool(row.pause)
    left = rises().count() if ids is None and len(wanted) > MOST else max(len(wanted) - MOST, 0)
    return Decided(done, still, moved, gone, left)


def moved_since(row: Service, seen_at: datetime) -> bool:
    """Whether its rate or its pause is younger than what the person read (join its offer)."""
    return row.offer.rate_changed_at > seen_at or (row.paused_at or seen_at) > seen_at


def _locked(ids: Sequence[int]) -> list[Service]:
    rows = rises().filter(pk__in=ids).order_by("pk").select_related("offer__provider")
    return list(rows.select_for_update(of=("self",), no_key=True))
