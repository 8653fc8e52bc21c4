"""Changing many services alike: shelf, words, refill window, pause. All of them or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders import auditing, service_types, sql
from orders.catalog import windows
from orders.catalog.floors import FixedPrices
from orders.catalog.pauses import Measure, Standing
from orders.catalog.rewriting import rewrite
from orders.catalog.shelves import next_positions
from orders.enums import PauseReason
from orders.errors import Declined, FieldErrors, StateChanged
from orders.models import Category, Service, User
from orders.panel_settings import current
from orders.spelling import count

MOST = 1000
"""So many services change by one press."""

LONGEST_NAME = 500

Values = Callable[[Service], dict[str, Any]]
"""What becomes of one service; nothing where it stays as it is."""


@dataclass(frozen=True)
class Bulk:
    """One change of many services: what the audit trail calls it, and what it does to each."""

    action: str
    values: Values


def shelved(category: Category) -> Bulk:
    """All of them on one shelf; whoever is new there stands last."""
    last = next_positions([category.pk]).get(category.pk, 0)

    def values(row: Service) -> dict[str, Any]:
        return {} if row.category_id == category.pk else {"category": category, "position": last}

    return Bulk("service.shelved", values)


def shown() -> Bulk:
    """In the shop; but for those of a type that cannot be ordered."""

    def values(row: Service) -> dict[str, Any]:
        unknown = service_types.why_not_orderable(row.offer.type_name)
        return {} if unknown else {"is_visible": True}

    return Bulk("service.shown", values)


def hidden() -> Bulk:
    """Out of the shop; orders under way go on."""
    return Bulk("service.hidden", lambda row: {"is_visible": False})


def described(description: str) -> Bulk:
    """The same description for all; "" takes it away."""
    return Bulk("service.described", lambda row: {"description": description.strip()})


def refilled(days: int | None) -> Bulk:
    """The days after completion in which a refill may be asked for; None: as the provider says."""
    return Bulk("service.refill_days_set", lambda row: {"refill_days": days})


def refilled_as_named() -> Bulk:
    """The days that the names promise, where nobody has said them otherwise."""

    def values(row: Service) -> dict[str, Any]:
        days = windows.proposed(row)
        return {"refill_days": days} if days else {}

    return Bulk("service.refill_days_set", values)


def renamed(find: str, replace: str) -> Bulk:
    """What the names hold as `find` becomes `replace`; case counts. Raises `FieldErrors`."""
    if not find:
        raise FieldErrors({"find": _("Type what is to be replaced.")})

    def values(row: Service) -> dict[str, Any]:
        return {"name": new_name(row.name, find, replace)}

    return Bulk("service.described", values)


def new_name(name: str, find: str, replace: str) -> str:
    """The name after a replacement, without blanks at its ends or twice where it changed."""
    return " ".join(name.replace(find, replace).split()) if find in name else name


def paused(reason: str, now: datetime) -> Bulk:
    """Off sale until a person resumes them. Raises `FieldErrors` without a reason."""
    if not reason.strip():
        raise FieldErrors({"reason": _("Say why; the next person has to know.")})
    standing = Standing(PauseReason.STAFF, reason.strip()[:300])
    return Bulk("service.paused", lambda row: _pause(row, standing, now))


def resumed(now: datetime) -> Bulk:
    """What people paused is sold again, unless the machinery has a reason of its own by now.

    Other pauses stay: a cost has to be accepted, a price to be set, an offer to come back.
    """
    measure = Measure(current().rise_threshold, FixedPrices())

    def values(row: Service) -> dict[str, Any]:
        if row.pause != PauseReason.STAFF:
            return {}
        return _pause(row, measure.of(row, row.accepted_cost), now)

    return Bulk("service.resumed", values)


class Difference(NamedTuple):
    """A service, and what of it a change makes different."""

    service: Service
    before: dict[str, Any]
    after: dict[str, Any]


def preview(ids: Sequence[int], bulk: Bulk) -> list[Difference]:
    """What a change would make different; nothing is written. Raises as `change_many` does."""
    _check_count(ids)
    return _differences(_rows(ids), bulk)


def change_many(
    ids: Sequence[int],
    bulk: Bulk,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    expected: int | None = None,
) -> int:
    """Change these services in one transaction; returns how many differ from before.

    Each has its own line in the audit trail. `expected` is how many the person saw that would.
    Raises `Declined` for too many, `StateChanged` when another number would differ by now,
    `FieldErrors` for a name that would be empty or too long.
    """
    _check_count(ids)
    with sql.short_transaction():
        # Locked first and joined then, as for one that is pointed elsewhere meanwhile.
        rows = Service.objects.filter(pk__in=set(ids)).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
        found = _differences(_rows(ids), bulk)
        if expected not in (None, len(found)):
            raise StateChanged(
                _("By now %(found)s would change, not %(expected)s. Look once more.")
                % {"found": count(len(found)), "expected": count(expected)}
            )
        names = {name for each in found for name in each.after}
        if names:
            rewrite([each.service for each in found], sorted(names))
        auditing.record_each(by, bulk.action, found, reason, at=now)
    return len(found)


def _check_count(ids: Sequence[int]) -> None:
    if not ids:
        raise Declined(_("Nothing was chosen."))
    if len(ids) > MOST:
        raise Declined(
            _("At most %(most)s services at once; narrow the list.") % {"most": count(MOST)}
        )


def _rows(ids: Sequence[int]) -> QuerySet[Service]:
    rows = Service.objects.select_related("offer__provider", "category")
    return rows.filter(pk__in=set(ids)).order_by("pk")


def _differences(rows: QuerySet[Service], bulk: Bulk) -> list[Difference]:
    """The changed services, with their new values set but not saved."""
    found = []
    for row in rows:
        before, after = auditing.differences(row, bulk.values(row))
        if after:
            for name, value in after.items():
                setattr(row, name, value)
            _check(row)
            found.append(Difference(row, before, after))
    return found


def _check(row: Service) -> None:
    if not row.name:
        raise FieldErrors(
            {
                "replace": _("Service %(service)s would be left without a name.")
                % {"service": row.pk}
            }
        )
    if len(row.name) > LONGEST_NAME:
        raise FieldErrors(
            {
                "replace": _("The name of service %(service)s would be too long.")
                % {"service": row.pk}
            }
        )


def _pause(row: Service, standing: Standing, now: datetime) -> dict[str, Any]:
    return {
        "pause": standing.pause.value,
        "paused_at": now if standing.pause else None,
        "pause_detail": standing.detail,
    }
