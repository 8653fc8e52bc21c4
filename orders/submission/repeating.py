"""Sending the same submission again, with the same key, where its answer was lost.

The order goes back to *sending* and the submission is open again, with a lease of its own: as
with a first sending, nobody decides meanwhile, and a worker that dies leaves it unconfirmed.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from orders import history, rate
from orders.enums import EventKind, OrderStatus, SubmissionOutcome
from orders.models import Order, Provider, Submission
from orders.moments import Stopwatch
from orders.submission import claims, gate, repeats
from orders.submission.sending import BUDGET_SECONDS, Sent, send

STOCK = 200
HELD_PAUSE = timedelta(minutes=1)
"""A repeat that something stands in the way of is looked at again after this long."""


def due(now: datetime) -> Q:
    """Submissions that may be sent again."""
    return Q(
        outcome=SubmissionOutcome.UNKNOWN,
        repeat_after__lte=now,
        order__status=OrderStatus.UNCONFIRMED,
    )


def repeat_lost(now: datetime) -> Sent:
    """Send again what is due, the oldest first. Safe to run any number of times at once."""
    watch, sent = Stopwatch(now), Sent()
    found = Submission.objects.filter(due(now)).select_related("provider__state")
    for submission in list(found.order_by("pk")[:STOCK]):
        if watch.seconds > BUDGET_SECONDS:
            break
        if gate.provider_hold(submission.provider, gate.panel()):
            continue  # no turn is taken for what would not go; probing finds out when it may
        if not rate.allow(submission.provider, urgent=True):
            continue
        if outcome := repeat(submission.pk, watch.now):
            sent.outcomes[outcome] += 1
    return sent


def oldest_due(provider: Provider, now: datetime) -> Submission | None:
    """What a probe of this provider may repeat: of all sendings the one that can do no harm."""
    found = Submission.objects.filter(due(now), provider=provider).order_by("pk").first()
    return found if found and repeats.is_same_account(found, provider) else None


def repeat(submission_id: int, now: datetime, *, probing: bool = False) -> str:
    """Claim and send one submission again; its outcome, or "" if it may not be (any more)."""
    watch = Stopwatch(now)
    with transaction.atomic():
        claim = _claim(submission_id, now, probing)
    return send(claim, watch) if claim else ""


def _claim(submission_id: int, now: datetime, probing: bool) -> claims.Claim | None:
    order_id = Submission.objects.values_list("order_id", flat=True).get(pk=submission_id)
    # Locked, then read with its terms: a decision of a person comes before this, or after.
    Order.objects.select_for_update().get(pk=order_id)
    submission = Submission.objects.select_for_update().filter(due(now), pk=submission_id).first()
    if submission is None:
        return None
    order = Order.objects.select_related("provider__state", "offer", "service").get(pk=order_id)
    may_later = repeats.outlook(submission, order.provider, now) == repeats.Outlook.WILL_REPEAT
    if not may_later or _is_held(order, now, probing):
        submission.repeat_after = now + HELD_PAUSE if may_later else None
        submission.save(update_fields=["repeat_after"])
        return None
    return _take(order, submission, now)


def _is_held(order: Order, now: datetime, probing: bool) -> bool:
    panel, state = gate.panel(), order.provider.state
    held = gate.provider_hold(order.provider, panel)
    if held and not (probing and state.hold == held.reason):
        return True
    return gate.order_hold(order, now, panel) is not None


def _take(order: Order, submission: Submission, now: datetime) -> claims.Claim:
    submission.outcome = SubmissionOutcome.OPEN
    submission.repeats += 1
    submission.repeat_after = None
    submission.worker = claims.this_worker()
    submission.expires_at = claims.expiry(order.provider)
    submission.save()
    order.status, order.status_at = OrderStatus.SENDING, now
    order.save(update_fields=["status", "status_at"])
    history.note(
        order.pk,
        EventKind.SENT,
        now,
        status=OrderStatus.SENDING,
        submission=submission.number,
        repeat=submission.repeats,
        worker=submission.worker,
    )
    return claims.Claim(order, submission, claims.send_before(order.provider))
