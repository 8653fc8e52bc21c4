"""What each decision does, in the transaction, with the order locked."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from orders import doorbell, history, ledger, movements, people, statuses, wallets
from orders.enums import Decision, EventKind, OrderStatus, SubmissionOutcome, Tier
from orders.errors import FieldErrors
from orders.models import Order, Submission
from orders.review.checking import id_errors
from orders.review.rulings import Ruling


def _found(order: Order, ruling: Ruling, now: datetime) -> None:
    upstream_id = ruling.upstream_id.strip()
    if errors := id_errors(order, upstream_id):
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
