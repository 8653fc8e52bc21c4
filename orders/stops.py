"""The three stop switches of a provider and of the panel: not sold, not sent, not polled."""

from datetime import datetime
from typing import Any, Literal

from orders import sql
from orders.editing import edit
from orders.errors import FieldErrors
from orders.models import Panel, Provider, User

Switch = Literal["not_sold", "not_sent", "not_polled"]
SWITCHES: tuple[Switch, ...] = ("not_sold", "not_sent", "not_polled")


def stop(
    subject: Provider | Panel, switch: Switch, *, by: User | None, now: datetime, reason: str
) -> None:
    """Throw one switch. The latest reason, person and time are kept beside it.

    Raises `FieldErrors` without a reason: somebody has to understand it at night.
    """
    if not reason.strip():
        raise FieldErrors({"reason": "Say why; the next person has to know."})
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
