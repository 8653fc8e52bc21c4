"""The last change of prices, and what would undo it: a change like any other, never a deletion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import Max, Q

from orders import auditing
from orders.enums import MarkupKind
from orders.models import AuditEntry, Bound, MarkupRule, User
from orders.panel_settings import current
from orders.rules.changes import (
    PANEL,
    BoundChange,
    Change,
    MarkupChange,
    Scope,
    TermsChange,
    list_of,
)

TERMS = ("price_step", "minimum_charge")
ENTRIES_LOOKED_AT = 20

R = TypeVar("R", MarkupRule, Bound)


@dataclass(frozen=True)
class LastChange:
    """What was changed last, at one moment, and the changes that put back what stood before."""

    at: datetime
    by: User | None
    reason: str
    undoing: tuple[Change, ...]


def last_change() -> LastChange | None:
    """The last change of a markup, a bound or the panel's terms; None where nothing can be put
    back, as after the first markup of a panel. Nine queries at most."""
    found = [change for change in (_markups(), _bounds(), _terms()) if change is not None]
    last = max(found, key=lambda change: change.at, default=None)
    return last if last is not None and last.undoing else None


def _markups() -> LastChange | None:
    rows = _latest(MarkupRule)
    return _undone(rows, _markup_before)


def _bounds() -> LastChange | None:
    rows = _latest(Bound)
    return _undone(rows, _bound_before)


def _terms() -> LastChange | None:
    """The panel's step and minimum charge, as the trail says they were."""
    panel = current()
    entries = AuditEntry.objects.filter(subject=auditing.subject_of(panel)).order_by("-pk")
    for entry in entries.select_related("person")[:ENTRIES_LOOKED_AT]:
        if any(name in entry.before for name in TERMS):
            step, minimum = (
                Decimal(entry.before.get(name, getattr(panel, name))) for name in TERMS
            )
            return LastChange(entry.at, entry.person, entry.reason, (TermsChange(step, minimum),))
    return None


def _latest(model: type[R]) -> list[R]:
    """The rows of the last moment at which one was set or ended. Two queries."""
    ends = model._default_manager.aggregate(set=Max("set_at"), ended=Max("ended_at"))
    moments = [moment for moment in ends.values() if moment is not None]
    if not moments:
        return []
    at = max(moments)
    rows = model._default_manager.filter(Q(set_at=at) | Q(ended_at=at))
    return list(rows.order_by("pk"))


def _undone(
    rows: Sequence[R], before: Callable[[Scope, R | None], Change | None]
) -> LastChange | None:
    if not rows:
        return None
    at = max(moment for row in rows for moment in (row.set_at, row.ended_at) if moment is not None)
    ended = {Scope.of(row): row for row in rows if row.ended_at == at and row.set_at != at}
    scopes = dict.fromkeys(Scope.of(row) for row in reversed(rows))
    newest_row, newest = rows[-1], next(iter(scopes))
    undoing = [
        change
        for scope in scopes
        if list_of(scope) == list_of(newest) and (change := before(scope, ended.get(scope)))
    ]
    entry = AuditEntry.objects.filter(subject=newest.subject, at=at).order_by("-pk").first()
    by, reason = (entry.person, entry.reason) if entry else (newest_row.set_by, newest_row.reason)
    return LastChange(at, by, reason, tuple(undoing))


def _markup_before(scope: Scope, row: MarkupRule | None) -> Change | None:
    if row is not None:
        return MarkupChange(scope, MarkupKind(row.kind), row.value)
    return None if scope == PANEL else MarkupChange(scope)


def _bound_before(scope: Scope, row: Bound | None) -> Change:
    if row is None:
        return BoundChange(scope)
    return BoundChange(scope, row.floor_percent, row.ceiling_percent)
