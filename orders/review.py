"""Decisions on orders that only a person can settle: unconfirmed, failed, refund unknown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.db.models import Q, QuerySet

from orders import (
    auditing,
    doorbell,
    evidence,
    history,
    ledger,
    movements,
    people,
    providers,
    sql,
    statuses,
    wallets,
)
from orders.enums import Decision, EventKind, OrderStatus, SubmissionOutcome, Tier
from orders.errors import FieldErrors, StateChanged
from orders.models import Child, Order, Submission, User
from orders.upstream.errors import UpstreamError
from orders.upstream.replies import ItemError

OPEN_CASES = Q(status__in=[OrderStatus.UNCONFIRMED, OrderStatus.FAILED]) | Q(refund_unknown=True)

CHOICES = {
    OrderStatus.UNCONFIRMED: (Decision.FOUND, Decision.SEND_ANEW, Decision.GIVE_UP),
    OrderStatus.FAILED: (Decision.REFUND, Decision.WAIT, Decision.PARTIAL),
    OrderStatus.PARTIAL: (Decision.PARTIAL, Decision.NOTHING_OWED, Decision.REFUND),
    OrderStatus.CANCELED: (Decision.REFUND,),
}

ON_EVIDENCE = (Decision.FOUND, Decision.SEND_ANEW)
"""Decisions that need evidence of the last minutes: a wrong one is paid for twice, or follows
somebody else's order."""


@dataclass(frozen=True)
class Ruling:
    """One decision by one person, with what it needs to be carried out."""

    decision: Decision
    reason: str
    by: User
    upstream_id: str = ""
    remains: int | None = None
    seen_at: datetime | None = None
    """When the evidence was read that the person had before them."""
    without_evidence: bool = False
    """The person decides although the provider could not be read."""


def cases(by: User) -> QuerySet[Order]:
    """Orders that wait for a decision, of those that this person may see."""
    return people.visible_orders(by).filter(OPEN_CASES)


def choices(order: Order) -> tuple[Decision, ...]:
    """What can be decided about this order as it stands; empty: nothing."""
    status = OrderStatus(order.status)
    if status in (OrderStatus.UNCONFIRMED, OrderStatus.FAILED) or order.refund_unknown:
        return tuple(choice for choice in CHOICES.get(status, ()) if _fits(choice, order))
    return ()


def _fits(choice: Decision, order: Order) -> bool:
    """What is owed is counted where the delivery can be, and said outright where it cannot."""
    counted = order.delivery_total is not None
    return {Decision.PARTIAL: counted, Decision.NOTHING_OWED: not counted}.get(choice, True)


def decide(order: Order, ruling: Ruling, *, now: datetime) -> Order:
    """Carry a decision out, once. Raises `FieldErrors`, `NotAllowed`, `StateChanged`,
    `LimitReached` or `Busy`; then nothing has changed.
    """
    check(order, ruling, now=now)
    if ruling.decision == Decision.FOUND:
        _check_upstream_knows(order, ruling.upstream_id)
    try:
        return _decide(order, ruling, now)
    except IntegrityError:
        if ruling.decision != Decision.FOUND:
            raise
        # Another order took this id a moment ago.
        if errors := _id_errors(order, ruling.upstream_id.strip()):
            raise FieldErrors(errors) from None
        raise


def _decide(order: Order, ruling: Ruling, now: datetime) -> Order:
    with sql.short_transaction():
        fresh = Order.objects.select_for_update().get(pk=order.pk)
        if ruling.decision not in choices(fresh):
            raise StateChanged("This order moved on in the meantime; look at it again.")
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


def check(order: Order, ruling: Ruling, *, now: datetime) -> None:
    """Raise what stands against a ruling before anything is looked up: person, then form."""
    people.require_decider(ruling.by, order.customer)
    _check_form(order, ruling, now)


def _evidence_errors(order: Order, ruling: Ruling, now: datetime) -> dict[str, str]:
    if ruling.decision not in ON_EVIDENCE:
        return {}
    try:
        evidence.require(order, ruling.seen_at, now, without=ruling.without_evidence)
    except FieldErrors as error:
        return error.errors
    return {}


def _check_form(order: Order, ruling: Ruling, now: datetime) -> None:
    errors = _evidence_errors(order, ruling, now)
    if not ruling.reason.strip():
        errors["reason"] = "Say why; it is kept with the order."
    if ruling.decision == Decision.FOUND:
        errors |= _id_errors(order, ruling.upstream_id.strip())
    if ruling.decision == Decision.PARTIAL:
        errors |= _remains_errors(order, ruling.remains)
    if errors:
        raise FieldErrors(errors)


def _id_errors(order: Order, upstream_id: str) -> dict[str, str]:
    if not upstream_id:
        return {"upstream_id": "Type the id that the provider shows for it."}
    holder = Order.objects.filter(provider=order.provider_id, upstream_id=upstream_id)
    if other := holder.exclude(pk=order.pk).first():
        return {"upstream_id": f"Order {other.pk} already has this id."}
    run = Child.objects.filter(provider=order.provider_id, upstream_id=upstream_id).first()
    if run is not None:
        return {"upstream_id": f"This is run {run.number} of order {run.order_id}."}
    return {}


def _remains_errors(order: Order, remains: int | None) -> dict[str, str]:
    if order.delivery_total is None:
        return {"remains": "This type cannot be delivered in part; refund it or wait."}
    if remains is None or not 0 <= remains <= order.delivery_total:
        return {"remains": f"Between 0 and {order.delivery_total:,}."}
    return {}


def _check_upstream_knows(order: Order, upstream_id: str) -> None:
    """Ask the provider for the id; only its plain "no" stops the decision."""
    if not providers.opens(order.provider):
        return
    with providers.client_for(order.provider) as client:
        try:
            answer = client.status(upstream_id.strip())
        except UpstreamError:
            return  # it cannot be asked now; the person has seen the id elsewhere
    if isinstance(answer, ItemError):
        raise FieldErrors({"upstream_id": f"The provider knows no such order: “{answer.text}”."})


# ── What each decision does, in the transaction, with the order locked ───────────────────────


def _found(order: Order, ruling: Ruling, now: datetime) -> None:
    upstream_id = ruling.upstream_id.strip()
    if errors := _id_errors(order, upstream_id):
        raise FieldErrors(errors)
    submission = _settle(order, ruling, now, SubmissionOutcome.CREATED, upstream_id)
    movements.charged(order, submission, now=now)
    order.upstream_id = upstream_id
    _move(order, OrderStatus.PENDING, now, Tier.FAST)


def _send_anew(order: Order, ruling: Ruling, now: datetime) -> None:
    _settle(order, ruling, now, SubmissionOutcome.DISMISSED)
    _move(order, OrderStatus.WAITING, now, None)
    Order.objects.filter(pk=order.pk).update(
        waiting_since=now, not_before=None, hold="", hold_detail=""
    )
    doorbell.ring("orders.submit_due", order.provider_id)


def _give_up(order: Order, ruling: Ruling, now: datetime) -> None:
    _settle(order, ruling, now, SubmissionOutcome.DISMISSED)
    _cancel_and_refund(order, ruling, now)


def _cancel_and_refund(order: Order, ruling: Ruling, now: datetime) -> None:
    _move(order, OrderStatus.CANCELED, now, None)
    _refund(order, order.price, ruling, now)


def _wait(order: Order, ruling: Ruling, now: datetime) -> None:
    order.tier = Tier.QUIET
    order.save(update_fields=["tier"])


def _nothing_owed(order: Order, ruling: Ruling, now: datetime) -> None:
    order.refund_unknown = False
    order.save(update_fields=["refund_unknown"])


def _partial(order: Order, ruling: Ruling, now: datetime) -> None:
    before = movements.Facts.of(order)
    order.remains = ruling.remains
    movements.changed([(before, movements.Facts.of(order))], now)
    owed = statuses.refund_owed(
        OrderStatus.PARTIAL, order.price, ruling.remains, order.delivery_total
    )
    assert owed is not None  # _remains_errors has let it through
    _move(order, OrderStatus.PARTIAL, now, Tier.AFTERCARE)
    _refund(order, owed, ruling, now)


ACTS: dict[Decision, Callable[[Order, Ruling, datetime], None]] = {
    Decision.FOUND: _found,
    Decision.SEND_ANEW: _send_anew,
    Decision.GIVE_UP: _give_up,
    Decision.REFUND: _cancel_and_refund,
    Decision.WAIT: _wait,
    Decision.PARTIAL: _partial,
    Decision.NOTHING_OWED: _nothing_owed,
}


def _settle(
    order: Order,
    ruling: Ruling,
    now: datetime,
    outcome: SubmissionOutcome,
    upstream_id: str = "",
) -> Submission:
    standing = Submission.objects.select_for_update().get(
        order=order, outcome=SubmissionOutcome.UNKNOWN
    )
    standing.outcome, standing.decision = outcome, ruling.decision
    standing.decided_by, standing.decided_at = ruling.by, now
    standing.decision_reason = ruling.reason[:300]
    standing.upstream_id = upstream_id
    standing.save()
    return standing


def _move(order: Order, status: OrderStatus, now: datetime, tier: Tier | None) -> None:
    order.status, order.status_at, order.changed_at, order.tier = status, now, now, tier
    order.refund_unknown = False
    if status in statuses.FINAL:
        order.finished_at = order.finished_at or now
    order.save()


def _refund(order: Order, owed: Decimal, ruling: Ruling, now: datetime) -> None:
    staff = people.staff_of(ruling.by)
    assert staff is not None  # _check_person
    amount = owed - order.refunded
    if amount <= 0:
        return
    wallets.spend_limit(staff, amount, now)
    ledger.refund(order, owed, by=ruling.by, memo=ruling.reason, at=now)
    history.note(
        order.pk,
        EventKind.REFUNDED,
        now,
        status=order.status,
        person_id=ruling.by.pk,
        detail=ruling.reason,
        amount=str(amount),
    )
