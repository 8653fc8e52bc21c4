"""Stopping orders: at once while they wait, by a request once the provider has them.

An accepted request is not a canceled order: only the provider's later report moves money.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import auditing, followups, history, ledger, persons, sql, statuses
from orders.enums import CancellationStatus, EventKind, NoCancel, OrderStatus, Tier
from orders.errors import FieldErrors, NoCancelNow, StateChanged
from orders.models import CANCEL_IN_FLIGHT, Cancellation, Order, User
from orders.money import plain
from orders.upstream.client import Client
from orders.upstream.replies import CancelReply

WAITED = gettext_noop("Waited too long")
CANCELED = gettext_noop("Canceled before sending")

OVERDUE_AFTER = timedelta(hours=24)
"""A cancel request without an end so long after it was made is overdue: providers that stop an
order do so within hours, and meanwhile it may still run."""

LOST = Q(status=CancellationStatus.UNKNOWN)
"""What was sent, and nobody knows whether it arrived: a person, or the order's end, settles it."""

AT_PROVIDER = frozenset({OrderStatus.PENDING, OrderStatus.PROCESSING, OrderStatus.IN_PROGRESS})
STOPPED = (OrderStatus.CANCELED, OrderStatus.PARTIAL, OrderStatus.REFUSED)


def _send(client: Client, ids: Sequence[str], send_before: float) -> dict[str, Any]:
    return client.cancel(ids, send_before=send_before)


def _id_of(reply: CancelReply) -> str:
    return reply.request_id


KIND = followups.Kind(
    Cancellation,
    "orders.cancellations",
    EventKind.CANCELLATION,
    CancellationStatus.ACCEPTED,
    CancellationStatus.DECLINED,
    _send,
    _id_of,
)


# ── Before it is sent ────────────────────────────────────────────────────────────────────────


@sql.repeated_on_deadlock
def cancel_waiting(
    order: Order,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    kind: EventKind = EventKind.CANCELED,
) -> Decimal:
    """Cancel an order that has not been sent and give its price back; returns the amount.

    The same conditional update as a claim, so of the two only one can win. Raises
    `StateChanged` when the order no longer waits, `NotAllowed`.
    """
    if by is not None:
        persons.require_sight(by, order.customer)
    with sql.short_transaction():
        taken = _still_waiting(order.pk).update(
            status=OrderStatus.CANCELED,
            status_at=now,
            changed_at=now,
            finished_at=now,
            hold="",
            hold_detail="",
            not_before=None,
            tier=None,
        )
        if not taken:
            raise StateChanged(_("This order is no longer waiting; look at it again."))
        order.refresh_from_db()
        return _give_all_back(order, by, now, reason, kind)


def _still_waiting(order_id: int) -> QuerySet[Order]:
    return Order.objects.filter(pk=order_id, status=OrderStatus.WAITING)


def _give_all_back(
    order: Order, by: User | None, now: datetime, reason: str, kind: EventKind
) -> Decimal:
    person_id, status = by.pk if by else None, order.status
    memo = reason or (WAITED if kind == EventKind.EXPIRED else CANCELED)
    amount = ledger.refund(order, order.price, by=by, memo=memo, at=now)
    if by is not None and by.pk != order.customer.user_id:
        told = {"status": order.status, "refunded": order.refunded}
        auditing.record_order(by, "order.canceled", order, {}, told, reason, at=now)
    history.note(order.pk, kind, now, status=status, person_id=person_id, detail=reason)
    if amount:
        sums = {"amount": plain(amount), "refunded": plain(order.refunded)}
        kind = EventKind.REFUNDED
        history.note(order.pk, kind, now, status=status, person_id=person_id, **sums)
    return amount


# ── Asking the provider ──────────────────────────────────────────────────────────────────────


def why_not_cancel(order: Order) -> str:
    """A sentence for anybody, or "" when the order can be canceled or a request can be made."""
    reason = _why_not(order)
    return str(reason.label) if reason else ""


def _why_not(order: Order) -> NoCancel | None:
    if order.status == OrderStatus.WAITING:
        return None
    if order.status in statuses.FINAL:
        return NoCancel.ENDED
    if order.status == OrderStatus.SENDING:
        return NoCancel.SENDING
    if order.status not in AT_PROVIDER or not order.upstream_id:
        return NoCancel.CHECKED
    if not (order.offer.cancel and order.provider.has_cancel):
        return NoCancel.SERVICE
    if Cancellation.objects.filter(order=order, status__in=CANCEL_IN_FLIGHT).exists():
        return NoCancel.ASKED
    return None


def request(order: Order, *, by: User | None, now: datetime) -> Cancellation | None:
    """Stop an order: one that waits is canceled and refunded here and now (None is returned);
    for one that the provider has, a worker asks there.

    `by` is None for a program of the order's customer. Raises `NoCancelNow` with the reason,
    `StateChanged`, `NotAllowed`.
    """
    fresh = Order.objects.select_related("offer", "provider", "customer").get(pk=order.pk)
    if by is not None:
        persons.require_sight(by, fresh.customer)
    if reason := _why_not(fresh):
        raise NoCancelNow(reason)
    if fresh.status == OrderStatus.WAITING:
        cancel_waiting(fresh, by=by, now=now)
        return None
    try:
        asked: Cancellation = followups.ask(KIND, fresh, by=by, now=now)
    except IntegrityError as error:
        raise NoCancelNow(NoCancel.ASKED) from error
    return asked


def send_requested(now: datetime) -> int:
    """Send cancel requests in batches; returns how many went to a provider."""
    poll(now)
    sent = followups.send_requested(KIND, now)
    _look_soon(now)
    return sent


def _look_soon(now: datetime) -> None:
    """What was asked to stop is asked about at the quickest pace, so that the end is seen."""
    accepted = Cancellation.objects.filter(
        status=CancellationStatus.ACCEPTED, changed_at__gte=now
    ).values("order")
    orders = Order.objects.filter(pk__in=accepted, status__in=AT_PROVIDER, tier__gt=Tier.FAST)
    for pk in list(orders.order_by("pk").values_list("pk", flat=True)):
        orders.filter(pk=pk).update(tier=Tier.FAST, changed_at=now)


def poll(now: datetime) -> int:
    """Close the requests of orders that have ended; returns how many.

    Nothing is asked here: how an order stands is known from the sweeps.
    """
    open_ones = Cancellation.objects.filter(status__in=CANCEL_IN_FLIGHT)
    return sum(
        _close(pk, order_id, status, now) for pk, order_id, status in _of_ended_orders(open_ones)
    )


def _of_ended_orders(open_ones: QuerySet[Cancellation]) -> list[tuple[int, int, str]]:
    ended = open_ones.filter(order__status__in=statuses.FINAL)
    # One that is on its way to the provider right now is closed once it has come back.
    found = ended.exclude(status=CancellationStatus.SENDING).order_by("pk")
    return list(found.values_list("pk", "order_id", "order__status")[:1000])


def _close(pk: int, order_id: int, order_status: str, now: datetime) -> int:
    stopped = order_status in STOPPED
    status = CancellationStatus.DONE if stopped else CancellationStatus.DECLINED
    answer = "" if stopped else gettext_noop("The order was completed before it could be stopped.")
    with sql.short_transaction():
        closed = (
            Cancellation.objects.filter(pk=pk, status__in=CANCEL_IN_FLIGHT)
            .exclude(status=CancellationStatus.SENDING)
            .update(status=status, answer=answer, claim=None, changed_at=now, ended_at=now)
        )
        if closed:
            followups.tell(KIND, pk, order_id, status, now, detail=answer)
    return closed


def settle(
    cancellation: Cancellation, *, by: User, now: datetime, reason: str, arrived: bool
) -> Cancellation:
    """A person says what became of a request whose answer was lost: it arrived, and the order's
    end is awaited; or it did not, and it may be asked for again.

    Raises `FieldErrors`, `StateChanged` or `NotAllowed`.
    """
    persons.require_staff(by)
    persons.require_sight(by, cancellation.order.customer)
    if not reason.strip():
        raise FieldErrors({"reason": _("Say why; it is kept with the order.")})
    status = CancellationStatus.ACCEPTED if arrived else CancellationStatus.DECLINED
    with sql.short_transaction():
        settled = Cancellation.objects.filter(LOST, pk=cancellation.pk).update(
            status=status,
            claim=None,
            answer=reason.strip()[:300],
            changed_at=now,
            ended_at=None if arrived else now,
        )
        if not settled:
            raise StateChanged(_("This request moved on in the meantime; look at it again."))
        followups.tell(
            KIND,
            cancellation.pk,
            cancellation.order_id,
            status,
            now,
            person_id=by.pk,
            detail=reason.strip(),
        )
        told = {"status": status}
        auditing.record_order(
            by, "cancellation.settled", cancellation.order, {}, told, reason, at=now
        )
    cancellation.refresh_from_db()
    return cancellation


def overdue(now: datetime) -> Q:
    """Those under way that should have come to an end by now."""
    under_way = (CancellationStatus.REQUESTED, CancellationStatus.ACCEPTED)
    return Q(status__in=under_way, asked_at__lt=now - OVERDUE_AFTER)
