"""Accepting what many services cost now, at once: a new price of theirs accepts it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from orders import auditing, sql
from orders.catalog.costs import cost_per_1000
from orders.catalog.floors import FixedPrices
from orders.catalog.pauses import Standing, standing_of
from orders.enums import PauseReason
from orders.models import Provider, Service, User
from orders.money import to_units
from orders.panel_settings import current

_ENDED = (PauseReason.COST_ROSE, PauseReason.CHARGED_MORE)


def accept_costs_now(
    ids: Collection[int], by: User | None, now: datetime, *, reason: str = ""
) -> None:
    """What `accept_rate` does to one service, done to these; inside the caller's transaction, and
    before it locks a service: providers come first."""
    threshold, fixed, told = current().rise_threshold, FixedPrices(), []
    written: list[tuple[Any, ...]] = []
    for row in _locked(ids):
        before = _values(row)
        row.accepted_cost = cost_per_1000(row.offer.rate, row.offer.provider)
        if row.pause in _ENDED:
            _stand(row, standing_of(row, row.accepted_cost, threshold, fixed), now)
        after = _values(row)
        if changed := [name for name in after if after[name] != before[name]]:
            written.append((row.pk, *_in_database_form(after)))
            was, will = ({name: side[name] for name in changed} for side in (before, after))
            told.append((auditing.subject_of(row), was, will))
    columns = ["accepted_cost", "pause", "paused_at", "pause_detail"]
    casts = ["bigint", "varchar", "timestamptz", "varchar"]
    sql.update_rows("orders_service", columns, written, casts=casts)
    auditing.record_each(by, "service.cost_accepted", told, reason, at=now)


def _locked(ids: Collection[int]) -> list[Service]:
    services = Service.objects.filter(pk__in=ids)
    sources = list(services.order_by().values_list("offer__provider", flat=True).distinct())
    list(Provider.objects.filter(pk__in=sources).order_by("pk").select_for_update(no_key=True))
    rows = services.order_by("pk").select_related("offer__provider")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _stand(row: Service, standing: Standing, now: datetime) -> None:
    row.pause, row.pause_detail = standing.pause.value, standing.detail[:300]
    row.paused_at = now if standing.pause else None


def _values(row: Service) -> dict[str, Any]:
    return {
        "accepted_cost": row.accepted_cost,
        "pause": row.pause,
        "paused_at": row.paused_at,
        "pause_detail": row.pause_detail,
    }


def _in_database_form(values: dict[str, Any]) -> tuple[Any, ...]:
    when = connection.ops.adapt_datetimefield_value(values["paused_at"])
    return to_units(values["accepted_cost"]), values["pause"], when, values["pause_detail"]
