"""The audit trail: who changed what, when, from what to what, and why."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from orders.models import AuditEntry, Order, User


def record(
    person: User | None,
    action: str,
    subject: Model | str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str = "",
    *,
    at: datetime,
    also: Model | None = None,
) -> AuditEntry:
    """Append an entry, in the caller's transaction. Never hand it a secret.

    `person` is null for operator commands and the machinery. Amounts are kept as strings. A subject
    of two ("category:3 customer:7") is found by either; `also` names the second one.
    """
    first, second = _named(subject)
    return AuditEntry.objects.create(
        at=at,
        person=person,
        action=action,
        subject=first,
        also=subject_of(also) if also is not None else second,
        before=_plain(before),
        after=_plain(after),
        reason=reason[:300],
    )


def record_order(
    person: User,
    action: str,
    order: Order,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str,
    *,
    at: datetime,
) -> None:
    """What a person decided about an order, found by its client too."""
    record(person, action, order, before, after, reason, at=at, also=order.customer)


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


def record_each(
    person: User | None,
    action: str,
    changes: Iterable[tuple[Model | str, Mapping[str, Any], Mapping[str, Any]]],
    reason: str = "",
    *,
    at: datetime,
) -> None:
    """Append one entry for each of many rows, with its own before and after, in few statements."""
    entries = []
    for subject, before, after in changes:
        first, second = _named(subject)
        values = {"before": _plain(before), "after": _plain(after), "reason": reason[:300]}
        entries.append(
            AuditEntry(at=at, person=person, action=action, subject=first, also=second, **values)
        )
    AuditEntry.objects.bulk_create(entries, batch_size=1000)


def _named(subject: Model | str) -> tuple[str, str]:
    """The one or two rows that an entry is found by."""
    named = subject if isinstance(subject, str) else subject_of(subject)
    first, _, second = named.partition(" ")
    return first, second


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
