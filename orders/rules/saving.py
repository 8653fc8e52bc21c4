"""Making a change that was looked at before: all of it or nothing, if nothing moved meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from orders import auditing, catalog
from orders.catalog.batches import in_batches
from orders.editing import edit
from orders.enums import PriceLevel
from orders.errors import Declined, FieldErrors, NotAllowed, StateChanged
from orders.models import Bound, MarkupRule, Staff, User
from orders.panel_settings import locked
from orders.persons import require_admin, require_over
from orders.rules.book import LISTED, Said, Within
from orders.rules.changes import BoundChange, Change, MarkupChange, TermsChange
from orders.rules.foresight import Preview, preview
from orders.rules.setting import one_after_the_other

BATCH = 1000
Stood = Said | Within | None


class PricesMoved(StateChanged):
    """Costs, rules or terms moved after the preview; `preview` is how it looks now."""

    def __init__(self, preview: Preview):
        self.preview = preview
        super().__init__(_("Prices moved since you looked. Nothing was saved; look once more."))


def save(
    changes: Iterable[Change], fingerprint: str, *, by: User | None, now: datetime, reason: str
) -> Preview:
    """Make changes as they were previewed, in one short transaction.

    Rules are ended and followed, never edited; open orders keep their prices. A markup set on one
    service also accepts what it costs now. Raises `PricesMoved` when the fingerprint is no longer
    that of a preview, `FieldErrors` without a reason, `NotAllowed`, `Declined` when it would change
    nothing.
    """
    if by is not None:
        require_admin(by)
    if not (reason := reason.strip()):
        raise FieldErrors({"reason": _("Say why; it goes into the audit trail.")})
    with one_after_the_other():
        panel = locked()
        seen = preview(changes)
        if seen.fingerprint != fingerprint:
            raise PricesMoved(seen)
        _require_over(seen.changes, by)
        if seen.owner_only and by is not None and not require_admin(by).is_owner:
            raise NotAllowed(seen.owner_only)
        if seen.is_idle:
            raise Declined(_("Nothing would change: it stands so already."))
        if isinstance(first := seen.changes[0], TermsChange):
            values = {"price_step": first.step, "minimum_charge": first.minimum_charge}
            edit(panel, values, action="panel.changed", by=by, now=now, reason=reason)
        else:
            _follow(seen, by, now, reason)
            _reassess(seen.changes, panel.rise_threshold, now)
        if seen.accepting:
            catalog.accept_costs_now(seen.accepting, by, now, reason=reason)
    return seen


def _require_over(changes: Sequence[Change], by: User | None) -> None:
    """A member's own markup and bounds are set by whoever is over the member."""
    members = {change.scope.staff for change in changes if change.scope.staff is not None}
    if by is not None:
        for staff in Staff.objects.filter(pk__in=members):
            require_over(by, staff)


def _follow(seen: Preview, by: User | None, now: datetime, reason: str) -> None:
    """End the rules that stood and let the new ones follow."""
    markups = isinstance(seen.changes[0], MarkupChange)
    model: type[MarkupRule] | type[Bound] = MarkupRule if markups else Bound
    told: dict[str, list[tuple[str, dict[str, Any], dict[str, Any]]]] = {"set": [], "ended": []}
    ended, rows = [], []
    for change, stood in seen.pairs:
        before, after = _said(stood), _said(change)
        if before == after:
            continue
        if stood is not None and stood.row is not None:
            ended.append(stood.row)
        if after:
            scope = {f"{name}_id": value for name, value in change.scope.key._asdict().items()}
            level = change.scope.level
            rows.append(
                model(level=level, set_by=by, set_at=now, reason=reason[:200], **scope, **after)
            )
        told["set" if after else "ended"].append((change.scope.subject, before, after))
    for batch in in_batches(ended, BATCH):
        model._default_manager.filter(pk__in=batch).update(ended_at=now)
    model._default_manager.bulk_create(rows, batch_size=BATCH)  # type: ignore[arg-type]
    for done, changes in told.items():
        action = f"{'markup' if markups else 'bound'}.{done}"
        auditing.record_each(by, action, changes, reason, at=now)


def _said(said: Change | Stood) -> dict[str, Any]:
    """What a rule or bound says, as its columns; nothing where there is none."""
    if isinstance(said, MarkupChange | Said):
        return {} if said.kind is None else {"kind": said.kind.value, "value": said.value}
    if isinstance(said, BoundChange | Within) and (said.floor, said.ceiling) != (None, None):
        return {"floor_percent": said.floor, "ceiling_percent": said.ceiling}
    return {}


def _reassess(changes: Sequence[Change], threshold: Decimal, now: datetime) -> None:
    """Fixed prices that the floor lifts now are paused; those that it no longer lifts are not."""
    scopes = [change.scope for change in changes if change.scope.level in LISTED]
    shelves = {scope.category for scope in scopes if scope.category is not None}
    services = {scope.service for scope in scopes if scope.service is not None}
    if any(scope.level == PriceLevel.PANEL for scope in scopes):
        catalog.reassess_fixed_prices(threshold, now=now)
    elif shelves:
        catalog.reassess_fixed_prices(threshold, now=now, category__in=shelves)
    if services:
        catalog.reassess_fixed_prices(threshold, now=now, pk__in=services)
