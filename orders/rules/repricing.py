"""Services that a risen cost paused, given a markup of their own: as they were seen."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orders import sql
from orders.catalog import HELD_RISES, MOST_DECIDED, Decided, moved_since
from orders.enums import MarkupKind, PriceLevel
from orders.errors import Declined, FieldErrors
from orders.models import Provider, Service, User
from orders.rules.setting import set_markup


def reprice(
    ids: Sequence[int],
    percent: Decimal,
    *,
    by: User | None,
    now: datetime,
    seen_at: datetime,
    reason: str,
) -> Decided:
    """Give each of these services a markup of its own, which accepts what it costs now.

    A transaction a service: what is done stays done. One whose rate or pause changed after
    `seen_at` is left alone. Raises `FieldErrors` without a reason or for no percentage,
    `NotAllowed` for one below the floor, by who may not set it.
    """
    if not reason.strip():
        raise FieldErrors({"reason": _("Say why; the next person has to know.")})
    if not ids:
        raise Declined(_("Nothing was chosen: tick services first."))
    done = still = moved = gone = 0
    for number in list(ids)[:MOST_DECIDED]:
        with sql.short_transaction():
            row = _locked(number)
            if row is None:
                gone += 1
            elif moved_since(row, seen_at):
                moved += 1
            else:
                kind, level = MarkupKind.PERCENT, PriceLevel.SERVICE
                set_markup(level, kind, percent, by, now, reason, service=row)
                row.refresh_from_db()
                done += 1
                still += bool(row.pause)
    return Decided(done, still, moved, gone, max(len(ids) - MOST_DECIDED, 0))


def _locked(number: int) -> Service | None:
    """The service while its cost waits to be decided; its provider first, as everywhere."""
    provider = Provider.objects.filter(offers__services=number)
    list(provider.select_for_update(of=("self",), no_key=True))
    rows = Service.objects.filter(pk=number, pause__in=HELD_RISES)
    return (
        rows.select_related("offer__provider").select_for_update(of=("self",), no_key=True).first()
    )
