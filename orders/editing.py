"""Changing a row by a person's hand: checked, saved and written into the audit trail."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from orders import auditing
from orders.errors import FieldErrors
from orders.models import User

Telling = Callable[[Any, Any], tuple[Any, Any]]
"""A value before and after, as the audit trail may hold them."""


def edit(
    row: Model,
    values: Mapping[str, Any],
    *,
    action: str,
    by: User | None,
    now: datetime,
    reason: str = "",
    secret: Mapping[str, Telling] | None = None,
) -> set[str]:
    """Set `values` on a row that the caller has locked; returns the names of what changed.

    Nothing changed: nothing is written. `secret` says how fields are told that the audit trail
    must not hold as they are. Raises `FieldErrors`.
    """
    before, after = auditing.differences(row, values)
    if not after:
        return set()
    for name, value in after.items():
        setattr(row, name, value)
    check(row, only=set(after))
    row.save(update_fields=list(after))
    changed = set(after)
    for name in changed & (secret or {}).keys():
        before[name], after[name] = (secret or {})[name](before[name], after[name])
    auditing.record(by, action, row, before, after, reason, at=now)
    return changed


def check(row: Model, *, only: set[str] | None = None) -> None:
    """Raises `FieldErrors` for values that the row's fields or constraints do not allow."""
    names = {field.name for field in row._meta.concrete_fields}
    exclude = names - only if only is not None else set()
    try:
        row.full_clean(exclude=exclude)
    except ValidationError as error:
        raise FieldErrors(_sentences(error)) from error


def _sentences(error: ValidationError) -> dict[str, str]:
    return {name: " ".join(messages) for name, messages in error.message_dict.items()}
