"""Where a refill stands, and which of them are whose business."""

from datetime import datetime, timedelta

from django.db.models import Q

from orders.enums import RefillStatus

OVERDUE_AFTER = timedelta(days=3)
"""A refill without an end so long after it was asked for is overdue: providers speak of up to
three days. It is not asked for again by itself; a person looks at it."""

AT_PROVIDER = (RefillStatus.PENDING, RefillStatus.IN_PROGRESS)
ENDED = frozenset(
    {
        RefillStatus.COMPLETED,
        RefillStatus.REJECTED,
        RefillStatus.CANCELED,
        RefillStatus.FAILED,
    }
)

LOST = Q(status=RefillStatus.UNKNOWN) | Q(status__in=AT_PROVIDER, upstream_id="")
"""What nobody can ask the provider about: a person says what became of it."""

NUMBERED = Q(status__in=(*AT_PROVIDER, *ENDED)) & ~Q(upstream_id="")
"""What is followed by a number, or was to its end: a person may correct the number."""


def overdue(now: datetime) -> Q:
    """Those under way that should have come to an end by now; what is lost is not among them."""
    under_way = (RefillStatus.REQUESTED, *AT_PROVIDER)
    return Q(status__in=under_way, asked_at__lt=now - OVERDUE_AFTER) & ~LOST
