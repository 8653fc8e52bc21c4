"""What people and time do to orders that wait: hold, release, allow a loss, expire."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import auditing, cancellations, doorbell, history, panel_settings, people, sql
from orders.enums import EventKind, HoldReason, OrderStatus
from orders.errors import Busy, NotAllowed, StateChanged
from orders.kept_words import Sentence
from orders.models import Order, User
from orders.money import ZERO
from orders.submission import gate

AT_A_LOSS = Sentence(gettext_noop("Send at a loss of %(loss)s: %(reason)s"))
STOCK = 500


def hold(order: Order, *, by: User, now: datetime, reason: str) -> None:
    """A person keeps the order from being sent.

    Raises `StateChanged` when it no longer waits, `NotAllowed`.
    """
    _change_waiting(order, by, now, EventKind.HELD, HoldReason.STAFF, reason)


def release(order: Order, *, by: User, now: datetime, reason: str = "") -> None:
    """A person lets the order go again; what the machinery checks is checked anew.

    Raises `StateChanged` when it no longer waits, `NotAllowed`.
    """
    _change_waiting(order, by, now, EventKind.RELEASED, HoldReason.NONE, reason)
    doorbell.ring("orders.submit_due", order.provider_id)


def _change_waiting(
    order: Order, by: User, now: datetime, kind: EventKind, hold: HoldReason, reason: str
) -> None:
    people.require_sight(by, order.customer)
    with sql.short_transaction():
        changed = Order.objects.filter(pk=order.pk, status=OrderStatus.WAITING).update(
            hold=hold, hold_detail=reason[:300], not_before=None
        )
        if not changed:
            raise StateChanged(_("This order no longer waits; look at it again."))
        history.note(
            order.pk, kind, now, status=OrderStatus.WAITING, person_id=by.pk, detail=reason
        )
        action = "order.held" if hold else "order.released"
        auditing.record_order(by, action, order, {}, {}, reason, at=now)


def allow_loss(order: Order, *, seen: Decimal, by: User, now: datetime, reason: str) -> Decimal:
    """An admin lets this order be sent although its cost rose; returns the loss allowed.

    The permission stays on the order. `seen` is the loss that the person had before them: raises
    `StateChanged` if it has grown since, or when the order no longer waits; `NotAllowed`.
    """
    person = people.person_of(by)
    if not person.is_admin:
        raise NotAllowed(_("Only an admin can send an order below the floor."))
    with sql.short_transaction():
        fresh = (
            Order.objects.select_related("provider", "offer", "service", "customer")
            .filter(pk=order.pk, status=OrderStatus.WAITING)
            .first()
        )
        if fresh is None:
            raise StateChanged(_("This order no longer waits; look at it again."))
        loss = max(gate.expected_cost_now(fresh) - fresh.price, ZERO)
        if loss > seen:
            raise StateChanged(_("The loss has grown in the meantime; look at it again."))
        Order.objects.filter(pk=order.pk).update(loss_allowed=loss, loss_allowed_by=by)
        before, after = {"loss_allowed": fresh.loss_allowed}, {"loss_allowed": loss}
        auditing.record_order(by, "order.loss_allowed", fresh, before, after, reason, at=now)
        release(fresh, by=by, now=now, reason=AT_A_LOSS.of(loss=f"{loss:f}", reason=reason))
    return loss


def expire_waiting(now: datetime) -> int:
    """Cancel and refund what has been waiting longer than the panel allows. Returns how many."""
    oldest = now - timedelta(hours=panel_settings.current().waiting_hours)
    late = Order.objects.filter(status=OrderStatus.WAITING, waiting_since__lt=oldest)
    ended = 0
    for order in late.order_by("pk")[:STOCK]:
        try:
            cancellations.cancel_waiting(order, by=None, now=now, kind=EventKind.EXPIRED)
        except (StateChanged, Busy):
            continue  # it was claimed in this very moment, or is locked: the next round sees to it
        ended += 1
    return ended
