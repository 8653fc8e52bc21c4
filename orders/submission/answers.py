"""Writing down what came of a submission: the only place where an answer changes an order."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from orders import doorbell, history, movements, sql
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
from orders.kept_words import Sentence
from orders.models import Child, Offer, Order, Service, Submission
from orders.moments import Stopwatch
from orders.submission import falling_back, provider_holds, repeats
from orders.submission.cases import Answer, Case, lock
from orders.submission.keeping import keep, keep_late
from orders.submission.moving import back_to_waiting, move, refund_all, to_unconfirmed
from orders.upstream.client import Added
from orders.upstream.errors import AnswerUnknown, NotSent, Refused

TAKEN = Sentence(gettext_noop("Answered with id %(id)s, which order %(number)s holds."))
NOT_SENT = Sentence(gettext_noop("Not sent: %(reason)s."))
REFUSED = Sentence(gettext_noop("Refused by the provider (%(family)s)"))
NOT_KNOWN = Sentence(gettext_noop("The answer is not known (%(reason)s)."))
STILL_UNKNOWN = Sentence(
    gettext_noop("Sent again with the same key (%(count)s): %(said)s. Still not known.")
)

ACCOUNT_FAMILIES = {
    RefusalFamily.KEY: ProviderHold.KEY,
    RefusalFamily.SUSPENDED: ProviderHold.KEY,
    RefusalFamily.FUNDS: ProviderHold.FUNDS,
    RefusalFamily.RATE_LIMIT: ProviderHold.BUSY,
}
FIRST_BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(minutes=10)
STOCK = 200


@sql.repeated_on_deadlock
def record(submission_id: int, answer: Answer, at: datetime, *, repeat: int = 0) -> str:
    """Keep the answer, and let it change the order if its submission is still current.

    `repeat` is which sending of the submission was answered.

    Returns the submission's outcome. A late id turns `unconfirmed` into `pending`; one that comes
    after a person's decision is kept apart and raises an alarm.
    """
    with transaction.atomic():
        case = lock(submission_id, at, repeat)
        if not case.takes(answer):
            keep_late(case, answer)
            return case.submission.outcome
        keep(case.submission, answer, at)
        match answer:
            case Added():
                _created(case, answer)
            case _ if case.submission.repeats:
                _still_unknown(case, answer)
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
    watch = Stopwatch(now)
    expired = Submission.objects.filter(
        outcome=SubmissionOutcome.OPEN, expires_at__lt=timezone.now()
    ).order_by("expires_at")
    return sum(_expire(pk, watch.now) for pk in expired.values_list("pk", flat=True)[:limit])


def _expire(submission_id: int, now: datetime) -> bool:
    with transaction.atomic():
        case = lock(submission_id, now)
        if case.submission.outcome != SubmissionOutcome.OPEN:
            return False
        case.submission.outcome = SubmissionOutcome.UNKNOWN
        case.submission.reason = "worker_gone"
        case.submission.repeat_after = repeats.next_after(case.submission, now)
        to_unconfirmed(
            case, gettext_noop("The worker that sent it is gone; its answer was never seen.")
        )
        case.submission.save()
    return True


def _created(case: Case, answer: Added) -> None:
    order, submission = case.order, case.submission
    submission.upstream_id = answer.upstream_id
    submission.repeat_after = None
    order.upstream_id = answer.upstream_id
    move(order, OrderStatus.PENDING, case.at, tier=Tier.FAST)
    try:
        with transaction.atomic():
            _refuse_a_childs_id(order)
            order.save()
    except IntegrityError:
        _belongs_to_another(case, answer.upstream_id)
        return
    submission.outcome = SubmissionOutcome.CREATED
    movements.charged(order, submission, now=case.at)
    history.note(
        order.pk,
        EventKind.ACCEPTED,
        case.at,
        status=order.status,
        upstream_id=answer.upstream_id,
        elapsed_ms=submission.elapsed_ms,
    )
    provider_holds.accepted(order.provider_id, case.at)


def _refuse_a_childs_id(order: Order) -> None:
    """What is known as a run of some order is no new order; no index holds that across tables."""
    if Child.objects.filter(provider=order.provider_id, upstream_id=order.upstream_id).exists():
        raise IntegrityError("the id of a run")


def _belongs_to_another(case: Case, upstream_id: str) -> None:
    holders = Order.objects.filter(provider=case.order.provider_id)
    own, child = Q(upstream_id=upstream_id), Child.objects.filter(upstream_id=upstream_id)
    holder = (
        holders.filter(own).first()
        or holders.filter(
            pk__in=child.filter(provider=case.order.provider_id).values("order")
        ).first()
    )
    case.order.refresh_from_db()
    case.submission.outcome = SubmissionOutcome.UNKNOWN
    case.submission.reason = "id_taken"
    # Told also when its claim had expired before: whoever decides has to know of it.
    detail = TAKEN.of(id=upstream_id, number=holder.pk if holder else "unknown")
    to_unconfirmed(case, detail, again=True)
    provider_holds.known_answer(case.order.provider_id)


def _not_sent(case: Case, answer: NotSent) -> None:
    submission = case.submission
    submission.outcome = SubmissionOutcome.NOT_SENT
    submission.reason = answer.reason[:60]
    tries = min(submission.number, 8)
    pause = min(FIRST_BACK_OFF * 2 ** (tries - 1), LONGEST_BACK_OFF)
    back_to_waiting(case.order, case.at, not_before=case.at + pause)
    history.note(
        case.order.pk,
        EventKind.NOT_SENT,
        case.at,
        status=OrderStatus.WAITING,
        detail=NOT_SENT.of(reason=answer.reason),
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
    submission.save()
    hold = ACCOUNT_FAMILIES.get(answer.family)
    onward = None
    if hold is None and answer.family != RefusalFamily.REQUEST:
        # Before the provider's state: a reading of the catalog locks services before that, too.
        onward = _where_else(order, answer, case.at)
        if onward is None:
            _end_refused(order, answer, case.at)
    provider_holds.known_answer(submission.provider_id)
    if hold is not None:
        back_to_waiting(order, case.at)
        provider_holds.hold(order.provider_id, hold, answer.text, case.at)
    elif answer.family == RefusalFamily.REQUEST:
        back_to_waiting(order, case.at, hold=HoldReason.REQUEST, detail=answer.text)
    history.note(
        order.pk,
        EventKind.REFUSED,
        case.at,
        status=OrderStatus.WAITING if onward else order.status,
        detail=answer.text,
        family=answer.family,
    )
    if onward is not None:
        falling_back.move(order, onward, falling_back.GONE, case.at)


def _where_else(order: Order, answer: Refused, at: datetime) -> Offer | None:
    """The fallback's offer, where the service is gone and this order may go there."""
    if answer.family != RefusalFamily.SERVICE:
        return None
    doorbell.ring("orders.sync_catalog", order.provider_id)
    if order.first_offer_id is not None:
        return None  # it was the fallback that is gone; what is sold is bought elsewhere
    Service.objects.filter(pk=order.service_id, offer=order.offer_id, pause="").update(
        pause=PauseReason.GONE, paused_at=at, pause_detail=answer.text[:300]
    )
    return falling_back.where_to(order, at)


def _end_refused(order: Order, answer: Refused, at: datetime) -> None:
    move(order, OrderStatus.REFUSED, at, tier=None)
    order.refusal = answer.family
    order.finished_at = at
    order.save()
    refund_all(order, at, memo=REFUSED.of(family=answer.family))


def _unknown(case: Case, reason: str, *, counts: bool = True) -> None:
    first = case.submission.outcome == SubmissionOutcome.OPEN
    case.submission.outcome = SubmissionOutcome.UNKNOWN
    case.submission.reason = reason[:60]
    if counts:
        case.submission.repeat_after = repeats.next_after(case.submission, case.at)
    to_unconfirmed(case, NOT_KNOWN.of(reason=reason))
    if counts and first:
        provider_holds.unknown_answer(case.order.provider_id, reason, case.at)


def _still_unknown(case: Case, answer: NotSent | Refused | AnswerUnknown) -> None:
    """A repeat brought no id, so what became of the first sending is as open as before.

    Not even a refusal proves anything about that; but it would come again, and a person is told.
    """
    submission, provider_id = case.submission, case.order.provider_id
    submission.outcome = SubmissionOutcome.UNKNOWN
    is_plain_no = isinstance(answer, Refused) and answer.family not in ACCOUNT_FAMILIES
    submission.repeat_after = None if is_plain_no else repeats.next_after(submission, case.at)
    said = answer.text if isinstance(answer, Refused) else answer.reason
    detail = STILL_UNKNOWN.of(count=submission.repeats, said=said)
    to_unconfirmed(case, detail)
    match answer:
        case Refused() if hold := ACCOUNT_FAMILIES.get(answer.family):
            provider_holds.known_answer(provider_id)
            provider_holds.hold(provider_id, hold, answer.text, case.at)
        case Refused():
            provider_holds.known_answer(provider_id)
        case NotSent() if answer.reason != "late":
            provider_holds.not_reached(provider_id, case.at, answer.reason)
        case AnswerUnknown():
            provider_holds.unknown_answer(provider_id, answer.reason, case.at)


def _may_have_been_sent_before(submission: Submission) -> bool:
    earlier = Submission.objects.filter(order=submission.order_id, number__lt=submission.number)
    return earlier.exclude(outcome=SubmissionOutcome.NOT_SENT).exists()
