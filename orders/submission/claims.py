"""Taking an order to send it: one conditional update and a Submission row, committed first."""

import os
import socket
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from orders import history
from orders.enums import EventKind, HoldReason, OrderStatus
from orders.models import Order, Provider, Submission
from orders.moments import Stopwatch
from orders.submission import gate

log = structlog.get_logger(__name__)

HOLD_PAUSE = timedelta(minutes=1)
"""A held order is looked at again after this long."""

# A person released these, or must: no job sends them by itself.
FOR_PEOPLE = [HoldReason.REQUEST, HoldReason.STAFF]


@dataclass(frozen=True)
class Claim:
    """An order that this process alone may send, until `send_before` (monotonic seconds)."""

    order: Order
    submission: Submission
    send_before: float


def due(now: datetime) -> Q:
    """Waiting orders that a job may try now."""
    ready = Q(not_before=None) | Q(not_before__lte=now)
    return Q(status=OrderStatus.WAITING) & ~Q(hold__in=FOR_PEOPLE) & ready


def as_read(order: Order) -> Q:
    """Still that order at that provider: between a reading and an update it may have gone to the
    service's fallback, and would be sent to the one that it left."""
    return Q(pk=order.pk, offer=order.offer_id)


def claim(order_id: int, now: datetime, *, probing: bool = False) -> Claim | None:
    """Make the order ours to send, or None: somebody else has it, or it is held.

    Everything that could forbid sending is read in the same transaction as the update. `probing`
    passes the provider's hold, to find out whether it still holds.
    """
    try:
        with transaction.atomic():
            return _claim(order_id, now, probing)
    except IntegrityError:
        # Two workers at once: the partial unique index let only one of the submissions in.
        log.warning("submission.claim_lost", order=order_id)
        return None


def _claim(order_id: int, now: datetime, probing: bool) -> Claim | None:
    watch = Stopwatch(now)
    order = (
        Order.objects.select_related("provider__state", "offer", "service")
        .filter(due(now), pk=order_id)
        .first()
    )
    if order is None:
        return None
    panel = gate.panel()
    held = gate.provider_hold(order.provider, panel)
    if held and not (probing and order.provider.state.hold == held.reason):
        return None
    if held := gate.order_hold(order, now, panel):
        _hold(order, held, now)
        return None
    taken = Order.objects.filter(due(now), as_read(order)).update(
        status=OrderStatus.SENDING, status_at=now, hold="", hold_detail="", not_before=None
    )
    if not taken:
        return None
    order.status, order.status_at = OrderStatus.SENDING, now
    # Not `now`: where the database hung on the way here, another worker's whole submission of this
    # order may lie in between, and this one must not look older.
    return _submission(order, watch.now)


def _submission(order: Order, now: datetime) -> Claim:
    provider = order.provider
    latest = send_before(provider)
    last = Submission.objects.filter(order=order).aggregate(n=Max("number"))["n"] or 0
    submission = Submission.objects.create(
        order=order,
        provider=provider,
        number=last + 1,
        worker=this_worker(),
        claimed_at=now,
        expires_at=expiry(provider),
        # Never made from numbers: those of another panel, or of a database begun anew, are alike.
        idempotency_key=uuid.uuid4().hex if provider.idempotency_field else "",
        account_version=provider.account_version,
    )
    history.note(
        order.pk,
        EventKind.SENT,
        now,
        status=OrderStatus.SENDING,
        submission=submission.number,
        worker=submission.worker,
    )
    return Claim(order, submission, latest)


def this_worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def send_before(provider: Provider) -> float:
    """Up to when a claim made now may be written (monotonic seconds)."""
    return time.monotonic() + provider.total_timeout


def expiry(provider: Provider) -> datetime:
    """When a claim made now runs out: by the real clock, whatever `now` the caller lives in."""
    return timezone.now() + timedelta(seconds=2 * provider.total_timeout)


def _hold(order: Order, held: gate.Hold, now: datetime) -> None:
    # Still due: a person may have held it meanwhile, and only a person lifts that.
    changed = Order.objects.filter(due(now), pk=order.pk).update(
        hold=held.reason, hold_detail=held.detail[:300], not_before=now + HOLD_PAUSE
    )
    if changed and order.hold != held.reason:
        history.note(order.pk, EventKind.HELD, now, detail=held.detail, reason=held.reason)
