"""Choosing what to sell, many services at a time."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from orders import auditing, service_types, sql
from orders.models import Service, User

BATCH = 1000
"""How many services one transaction takes on."""


@dataclass(frozen=True)
class Chosen:
    """What one batch did."""

    looked_at: int
    changed: int
    refused: int
    """Stay hidden: their type is unknown here, or cannot be ordered."""
    last: int | None
    """The highest number looked at; where the next batch begins. None: there was nothing."""


def choose(
    services: QuerySet[Service],
    on_sale: bool,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    after: int = 0,
    limit: int = BATCH,
) -> Chosen:
    """Put services on sale, or hide them, in one transaction.

    Takes the first `limit` of them by number above `after`; call again with `after=last` while a
    batch was full. Each change has its own line in the audit trail.
    """
    numbers = list(
        services.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:limit]
    )
    with sql.short_transaction():
        rows = _locked(numbers)
        moving = [row for row in rows if row.is_visible != on_sale]
        allowed = [row for row in moving if not on_sale or _is_orderable(row)]
        Service.objects.filter(pk__in=[row.pk for row in allowed]).update(is_visible=on_sale)
        action = "service.shown" if on_sale else "service.hidden"
        before, after_ = {"is_visible": not on_sale}, {"is_visible": on_sale}
        auditing.record_alike(by, action, allowed, before, after_, reason, at=now)
    return Chosen(
        looked_at=len(numbers),
        changed=len(allowed),
        refused=len(moving) - len(allowed),
        last=numbers[-1] if numbers else None,
    )


def _locked(numbers: list[int]) -> list[Service]:
    rows = Service.objects.filter(pk__in=numbers).select_related("offer").order_by("pk")
    return list(
        rows.only("is_visible", "offer__type_name").select_for_update(of=("self",), no_key=True)
    )


def _is_orderable(service: Service) -> bool:
    return not service_types.why_not_orderable(service.offer.type_name)
