"""Writing down what came of a submission: the only place where an answer changes an order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from orders import doorbell, history, ledger, sql
from orders.enums import (
    EventKind,
    HoldReason,
    OrderStatus,
    PauseReason,
    ProviderHold,
    RefusalFamily,
    SubmissionOutcome,
    Tier,
)
from orders.models import Order, Service, Submission
from orders.submission import provider_holds
from orders.upstream.client import Added
from orders.upstream.errors import AnswerUnknown, Exchange, NotSent, Refused

log = structlog.get_logger(__name__)

Answer = Added | NotSent | Refused | AnswerUnknown

ACCOUNT_FAMILIES = {
    RefusalFamily.KEY: ProviderHold.KEY,
    RefusalFamily.SUSPENDED: ProviderHold.KEY,
    RefusalFamily.FUNDS: ProviderHold.FUNDS,
    RefusalFamily.RATE_LIMIT: ProviderHold.BUSY,
}
FIRST_BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(minutes=10)
STOCK = 200


@dataclass
class Case:
    """One answer, its submission and its order, both locked and read again."""

    order: Order
    submission: Submission
    at: datetime

    @property
    def is_current(self) -> bool:
        """Whether the order still waits for exactly this submission."""
        return self.submission.outcome in (
            SubmissionOutcome.OPEN,
            SubmissionOutcome.UNKNOWN,
        ) and self.order.status in (OrderStatus.SENDING, OrderStatus.UNCONFIRMED)


@sql.repeated_on_deadlock
def record(submission_id: int, answer: Answer, at: datetime) -> str:
    """Keep the answer, and let it change the order if its submission is still current.

    Returns the submission's outcome. A late id turns `unconfirmed` into `pending`; one that comes
    after a person's decision is kept apart and raises an alarm.
    """
    with transaction.atomic():
        case = _lock(submission_id, at)
        if not case.is_current:
            _keep_late(case, answer)
            return case.submission.outcome
        _keep(case.submission, answer, at)
        match answer:
            case Added():
                _created(case, answer)
            case NotSent():
                _not_sent(case, answer)
            case Refused():
                _refused(case, answer)
            case AnswerUnknown():
                _unknown(case, answer.reason)
        case.submission.save()
        return case.submission.outcome


def resolve_expired(now: datetime, *, limit: int = STOCK) -> int:
    """Turn claims whose worker is gone into `unconfirmed`. Returns how many.

    Judged by the real clock: a lease is not part of the story that `now` tells.
    """
    expired = Submission.objects.filter(
        outcome=SubmissionOutcome.OPEN, expires_at__lt=timezone.now()
    ).order_by("expires_at")
    return sum(_expire(pk, now) for pk in expired.values_list("pk", flat=True)[:limit])


def _expire(submission_id: int, now: datetime) -> bool:
    with transaction.atomic():
        case = _lock(submission_id, now)
        if case.submission.outcome != SubmissionOutcome.OPEN:
            return False
        case.submission.outcome = SubmissionOutcome.UNKNOWN
        case.submission.reason = "worker_gone"
        _to_unconfirmed(case, "The worker that sent it is gone; its answer was never seen.")
        case.submission.save()
    return True


def _lock(submission_id: int, at: datetime) -> Case:
    order_id = Submission.objects.values_list("order_id", flat=True).get(pk=submission_id)
    order = Order.objects.select_for_update().get(pk=order_id)
    return Case(order, Submission.objects.select_for_update().get(pk=submission_id), at)


# ── What each answer does ────────────────────────────────────────────────────────────────────


def _created(case: Case, answer: Added) -> None:
    order, submission = case.order, case.submission
    submission.upstream_id = answer.upstream_id
    order.upstream_id = answer.upstream_id
    _move(order, OrderStatus.PENDING, case.at, tier=Tier.FAST)
    try:
        with transaction.atomic():
            order.save()
    except IntegrityError:
        _belongs_to_another(case, answer.upstream_id)
        return
    submission.outcome = SubmissionOutcome.CREATED
    history.note(
        order.pk,
        EventKind.ACCEPTED,
        case.at,
        status=order.status,
        upstream_id=answer.upstream_id,
        elapsed_ms=submission.elapsed_ms,
    )
    provider_holds.accepted(order.provider_id, case.at)


def _belongs_to_another(case: Case, upstream_id: str) -> None:
    holder = Order.objects.filter(provider=case.order.provider_id, upstream_id=upstream_id).first()
    case.order.refresh_from_db()
    case.submission.outcome = SubmissionOutcome.UNKNOWN
    case.submission.reason = "id_taken"
    number = holder.pk if holder else "unknown"
    _to_unconfirmed(case, f"Answered with id {upstream_id}, which order {number} holds.")
    provider_holds.known_answer(case.order.provider_id)


def _not_sent(case: Case, answer: NotSent) -> None:
    submission = case.submission
    submission.outcome = SubmissionOutcome.NOT_SENT
    submission.reason = answer.reason[:60]
    tries = min(submission.number, 8)
    pause = min(FIRST_BACK_OFF * 2 ** (tries - 1), LONGEST_BACK_OFF)
    _back_to_waiting(case.order, case.at, not_before=case.at + pause)
    history.note(
        case.order.pk,
        EventKind.NOT_SENT,
        case.at,
        status=OrderStatus.WAITING,
        detail=f"Not sent: {answer.reason}.",
    )
    if answer.reason != "late":
        provider_holds.not_reached(case.order.provider_id, case.at, answer.reason)


def _refused(case: Case, answer: Refused) -> None:
    order, submission = case.order, case.submission
    submission.family = answer.family
    if answer.family == RefusalFamily.DUPLICATE and _may_have_been_sent_before(submission):
        # Our own earlier sending may be that other order: only a person can tell.
        _unknown(case, "duplicate", counts=False)
        return
    submission.outcome = SubmissionOutcome.REFUSED
    provider_holds.known_answer(order.provider_id)
    if hold := ACCOUNT_FAMILIES.get(answer.family):
        _back_to_waiting(order, case.at)
        provider_holds.hold(order.provider_id, hold, answer.text, case.at)
    elif answer.family == RefusalFamily.REQUEST:
        _back_to_waiting(order, case.at, hold=HoldReason.REQUEST, detail=answer.text)
    else:
        _end_refused(order, answer, case.at)
    history.note(
        order.pk,
        EventKind.REFUSED,
        case.at,
        status=order.status,
        detail=answer.text,
        family=answer.family,
    )


def _end_refused(order: Order, answer: Refused, at: datetime) -> None:
    _move(order, OrderStatus.REFUSED, at, tier=None)
    order.refusal = answer.family
    order.finished_at = at
    order.save()
    refund_all(order, at, memo=f"Refused by the provider ({answer.family})")
    if answer.family == RefusalFamily.SERVICE:
        Service.objects.filter(pk=order.service_id, pause="").update(
            pause=PauseReason.GONE, paused_at=at, pause_detail=answer.text[:300]
        )
        doorbell.ring("orders.sync_catalog", order.provider_id)


def _unknown(case: Case, reason: str, *, counts: bool = True) -> None:
    first = case.submission.outcome == SubmissionOutcome.OPEN
    case.submission.outcome = SubmissionOutcome.UNKNOWN
    case.submission.reason = reason[:60]
    _to_unconfirmed(case, f"The answer is not known ({reason}).")
    if counts and first:
        provider_holds.unknown_answer(case.order.provider_id, reason, case.at)


def _may_have_been_sent_before(submission: Submission) -> bool:
    earlier = Submission.objects.filter(order=submission.order_id, number__lt=submission.number)
    return earlier.exclude(outcome=SubmissionOutcome.NOT_SENT).exists()


# ── Moving the order ─────────────────────────────────────────────────────────────────────────


def _move(order: Order, status: OrderStatus, at: datetime, *, tier: Tier | None) -> None:
    order.status, order.status_at, order.changed_at, order.tier = status, at, at, tier
    order.hold = order.hold_detail = ""
    order.not_before = None


def _back_to_waiting(
    order: Order,
    at: datetime,
    *,
    not_before: datetime | None = None,
    hold: HoldReason = HoldReason.NONE,
    detail: str = "",
) -> None:
    # `waiting_since` stays: an order that is refused for want of funds all night still ends.
    _move(order, OrderStatus.WAITING, at, tier=None)
    order.not_before, order.hold, order.hold_detail = not_before, hold, detail[:300]
    order.save()


def _to_unconfirmed(case: Case, detail: str) -> None:
    order = case.order
    if order.status == OrderStatus.UNCONFIRMED:
        return
    _move(order, OrderStatus.UNCONFIRMED, case.at, tier=None)
    order.save()
    history.note(
        order.pk, EventKind.UNCONFIRMED, case.at, status=OrderStatus.UNCONFIRMED, detail=detail
    )


def refund_all(order: Order, at: datetime, *, memo: str) -> Decimal:
    """Give back what is left of the price of a locked order, with its line of history."""
    moved = ledger.refund(order, order.price, by=None, memo=memo, at=at)
    if moved:
        history.note(
            order.pk, EventKind.REFUNDED, at, status=order.status, detail=memo, amount=str(moved)
        )
    return moved


# ── Keeping what was heard ───────────────────────────────────────────────────────────────────


def _keep(submission: Submission, answer: Answer, at: datetime) -> None:
    exchange = answer.exchange
    submission.answered_at = at
    if exchange is None:
        return
    submission.elapsed_ms = exchange.elapsed_ms
    submission.http_status = exchange.http_status
    submission.answer, submission.answer_bytes = exchange.body, exchange.body_bytes
    if exchange.written:
        submission.sent_at = at - timedelta(milliseconds=exchange.elapsed_ms)


def _keep_late(case: Case, answer: Answer) -> None:
    submission = case.submission
    late_id = answer.upstream_id if isinstance(answer, Added) else ""
    submission.late_answer = _body(answer.exchange) or str(answer)
    submission.late_upstream_id, submission.late_at = late_id, case.at
    submission.save()
    if late_id and late_id != case.order.upstream_id:
        detail = f"Came after the decision: the provider made order {late_id}."
        log.error("submission.late_id_after_decision", order=case.order.pk, upstream_id=late_id)
        Order.objects.filter(pk=case.order.pk).update(flag=detail)
        history.note(
            case.order.pk,
            EventKind.LATE_ANSWER,
            case.at,
            status=case.order.status,
            detail=detail,
            upstream_id=late_id,
        )


def _body(exchange: Exchange | None) -> str:
    return exchange.body if exchange else ""
