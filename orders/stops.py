"""The three stop switches of a provider and of the panel: not sold, not sent, not polled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from django.utils.translation import gettext as _

from orders import sql
from orders.editing import edit
from orders.errors import FieldErrors
from orders.models import Panel, Provider, User
from orders.models.switches import StopSwitches

Switch = Literal["not_sold", "not_sent", "not_polled"]
SWITCHES: tuple[Switch, ...] = ("not_sold", "not_sent", "not_polled")


def stop(
    subject: Provider | Panel, switch: Switch, *, by: User | None, now: datetime, reason: str
) -> None:
    """Throw one switch. The latest reason, person and time are kept beside it.

    Raises `FieldErrors` without a reason: somebody has to understand it at night.
    """
    if not reason.strip():
        raise FieldErrors({"reason": _("Say why; the next person has to know.")})
    values = {"stopped_reason": reason.strip()[:200], "stopped_by": by, "stopped_at": now}
    _turn(subject, switch, True, values, by=by, now=now, reason=reason)


def resume(
    subject: Provider | Panel, switch: Switch, *, by: User | None, now: datetime, reason: str = ""
) -> None:
    """Take one switch back; with the last one go reason, person and time."""
    _turn(subject, switch, False, {}, by=by, now=now, reason=reason)


def _turn(
    subject: Provider | Panel,
    switch: Switch,
    on: bool,
    values: dict[str, Any],
    *,
    by: User | None,
    now: datetime,
    reason: str,
) -> None:
    action = f"{subject._meta.model_name}.{'stopped' if on else 'resumed'}"
    with sql.short_transaction():
        row = type(subject)._default_manager.select_for_update(no_key=True).get(pk=subject.pk)
        if not on and not any(getattr(row, other) for other in SWITCHES if other != switch):
            values = {"stopped_reason": "", "stopped_by": None, "stopped_at": None}
        edit(row, {switch: on, **values}, action=action, by=by, now=now, reason=reason)
    for name in (switch, "stopped_reason", "stopped_by", "stopped_at"):
        setattr(subject, name, getattr(row, name))


@dataclass(frozen=True)
class Stopped:
    """A subject with at least one switch thrown. `provider` is None for the whole panel."""

    provider: int | None
    name: str
    switches: tuple[Switch, ...]
    reason: str
    by: str
    at: datetime | None


MOST_STOPPED = 20
_BY = ("stopped_by", "stopped_by__name", "stopped_by__email")
_TOLD = (*SWITCHES, "stopped_reason", "stopped_at", *_BY)
"""The columns that a stop is told by: it is looked for with every page of the staff's."""


def stopped() -> list[Stopped]:
    """Everything that is stopped now, the panel first. Two queries."""
    any_on = Q(not_sold=True) | Q(not_sent=True) | Q(not_polled=True)
    panel = Panel.objects.filter(any_on).select_related("stopped_by").only(*_TOLD)
    found = Provider.objects.filter(any_on).select_related("stopped_by").only("name", *_TOLD)
    rows = found.order_by("name")
    everywhere = [_stopped(row, None, "") for row in panel]
    return everywhere + [_stopped(row, row.pk, row.name) for row in rows[:MOST_STOPPED]]


def _stopped(row: StopSwitches, provider: int | None, name: str) -> Stopped:
    return Stopped(
        provider=provider,
        name=name,
        switches=tuple(switch for switch in SWITCHES if getattr(row, switch)),
        reason=row.stopped_reason,
        by=str(row.stopped_by or _("the operator")),
        at=row.stopped_at,
    )
