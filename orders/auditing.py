"""The audit trail: who changed what, when, from what to what, and why."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from orders.models import AuditEntry, User


def record(
    person: User | None,
    action: str,
    subject: Model | str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str = "",
    *,
    at: datetime,
) -> AuditEntry:
    """Append an entry, in the caller's transaction. Never hand it a secret.

    `person` is null for operator commands and the machinery. Amounts are kept as strings.
    """
    return AuditEntry.objects.create(
        at=at,
        person=person,
        action=action,
        subject=subject if isinstance(subject, str) else subject_of(subject),
        before=_plain(before),
        after=_plain(after),
        reason=reason[:300],
    )


def record_alike(
    person: User | None,
    action: str,
    subjects: Iterable[Model],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str = "",
    *,
    at: datetime,
) -> None:
    """Append one entry for each of many rows that changed alike, with one statement."""
    values = {"before": _plain(before), "after": _plain(after), "reason": reason[:300]}
    AuditEntry.objects.bulk_create(
        AuditEntry(at=at, person=person, action=action, subject=subject_of(row), **values)
        for row in subjects
    )


def subject_of(row: Model) -> str:
    """How the trail names a row: "provider:3"."""
    return f"{row._meta.model_name}:{row.pk}"


def differences(row: Model, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of `values` differs from the row: as it is, and as it is to be."""
    before = {name: getattr(row, name) for name in values}
    changed = [name for name, value in values.items() if before[name] != value]
    return {name: before[name] for name in changed}, {name: values[name] for name in changed}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Model):
        return subject_of(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value
