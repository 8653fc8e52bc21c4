"""Reading the audit trail: what was changed by whom, about what, when and why."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from orders import sql
from orders.models import AuditEntry

KINDS = {
    "alerts": "alertsettings",
    "category": "category",
    "client": "customer",
    "customer": "customer",
    "invitation": "invitation",
    "member": "staff",
    "offer": "offer",
    "order": "order",
    "panel": "panel",
    "payment": "paymentmethod",
    "provider": "provider",
    "reading": "syncrun",
    "service": "service",
    "sign-in": "user",
    "staff": "staff",
    "till": "staff",
    "top-up": "topup",
    "topup": "topup",
    "user": "user",
}
"""What people call a subject, and what the trail calls it."""

SINGLE = {"panel": ("panel", "panel:1"), "alertsettings": ("alertsettings:1",)}
"""Subjects of which there is one."""


@dataclass(frozen=True)
class Wanted:
    """Which entries: all that is given has to fit. `person` 0: the operator and the machinery."""

    person: int | None = None
    subject: str = ""
    action: str = ""
    words: str = ""
    begin: datetime | None = None
    end: datetime | None = None


def subjects(text: str) -> tuple[str, ...] | None:
    """What "service 2104", "client:7" or "panel" stand for in the trail; None: nothing does."""
    found = re.fullmatch(r"\s*([a-z-]+)[\s:#]*([0-9]{0,18})\s*", text.lower())
    kind = (
        KINDS.get(found[1].removesuffix("s") if found[1] not in KINDS else found[1])
        if found
        else None
    )
    if found is None or kind is None:
        return None
    if kind in SINGLE:
        return SINGLE[kind]
    return (f"{kind}:{int(found[2])}",) if found[2] else None


def entries(wanted: Wanted) -> QuerySet[AuditEntry]:
    """The entries that fit, in no order; those of a subject that says nothing are none."""
    rows = AuditEntry.objects.all()
    if wanted.subject.strip():
        named = subjects(wanted.subject)
        if named is None:
            return rows.none()
        rows = rows.filter(Q(subject__in=named) | Q(also__in=named))
    if wanted.person is not None:
        rows = rows.filter(person=wanted.person or None)
    if wanted.action:
        rows = rows.filter(action=wanted.action)
    if wanted.begin is not None:
        rows = rows.filter(at__gte=wanted.begin)
    if wanted.end is not None:
        rows = rows.filter(at__lt=wanted.end)
    if wanted.words.strip():
        rows = sql.with_words(rows, "reason", wanted.words)
    return rows
