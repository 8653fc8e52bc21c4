"""Carrying a decision out, once."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from orders import auditing, history, sql
from orders.enums import Decision, EventKind
from orders.errors import FieldErrors, StateChanged
from orders.models import Order
from orders.review.acts import ACTS
from orders.review.checking import check, check_upstream_knows, id_errors
from orders.review.rulings import ON_EVIDENCE, Ruling, choices


def decide(order: Order, ruling: Ruling, *, now: datetime) -> Order:
    """Carry a decision out, once. Raises `FieldErrors`, `NotAllowed`, `StateChanged`,
    `LimitReached` or `Busy`; then nothing has changed.
    """
    check(order, ruling, now=now)
    if ruling.decision == Decision.FOUND:
        check_upstream_knows(order, ruling.upstream_id)
    try:
        return _decide(order, ruling, now)
    except IntegrityError:
        if ruling.decision != Decision.FOUND:
            raise
        # Another order took this id a moment ago.
        if errors := id_errors(order, ruling.upstream_id.strip()):
            raise FieldErrors(errors) from None
        raise


def _decide(order: Order, ruling: Ruling, now: datetime) -> Order:
    with sql.short_transaction():
        fresh = Order.objects.select_for_update().get(pk=order.pk)
        if ruling.decision not in choices(fresh):
            raise StateChanged(_("This order moved on in the meantime; look at it again."))
        before = {"status": fresh.status, "refunded": fresh.refunded}
        ACTS[ruling.decision](fresh, ruling, now)
        _record(fresh, ruling, before, now)
        history.note(
            fresh.pk,
            EventKind.DECIDED,
            now,
            status=fresh.status,
            person_id=ruling.by.pk,
            detail=ruling.reason,
            decision=ruling.decision,
            upstream_id=ruling.upstream_id,
            **_on_what(ruling),
        )
    return fresh


def _record(order: Order, ruling: Ruling, before: dict[str, Any], now: datetime) -> None:
    after = {"status": order.status, "refunded": order.refunded, "decision": ruling.decision}
    if ruling.upstream_id:
        after["upstream_id"] = ruling.upstream_id.strip()
    auditing.record_order(ruling.by, "order.decided", order, before, after, ruling.reason, at=now)


def _on_what(ruling: Ruling) -> dict[str, str]:
    """What the history keeps of the evidence that was decided on."""
    if ruling.decision not in ON_EVIDENCE or ruling.seen_at is None:
        return {}
    said = {"evidence_at": ruling.seen_at.isoformat()}
    return said | {"evidence": "none"} if ruling.without_evidence else said
