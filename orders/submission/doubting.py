"""Orders of which the database no longer knows whether they were sent: it was restored."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from orders import history
from orders.enums import EventKind, OrderStatus, SubmissionOutcome
from orders.models import Order, Submission

RESTORED = "restored"
_WORDS = gettext_noop(
    "It waited when the backup was made that this database was restored from; what was done "
    "with it since is not known."
)


def doubt(order_id: int, since: datetime, now: datetime) -> bool:
    """Make a waiting order unconfirmed, as one that may have been sent between `since` and `now`.

    False when it no longer waits.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        if order.status != OrderStatus.WAITING:
            return False
        last = Submission.objects.filter(order=order).order_by("-number").first()
        Submission.objects.create(
            order=order,
            provider=order.provider,
            number=last.number + 1 if last else 1,
            outcome=SubmissionOutcome.UNKNOWN,
            reason=RESTORED,
            claimed_at=max(order.waiting_since, since),
            expires_at=now,
        )
        order.status, order.status_at, order.changed_at = OrderStatus.UNCONFIRMED, now, now
        order.hold = order.hold_detail = ""
        order.not_before = None
        order.save()
        history.note(order.pk, EventKind.UNCONFIRMED, now, status=order.status, detail=_WORDS)
    return True
