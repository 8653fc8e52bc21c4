"""Late orders: running ones in which nothing has moved for a day, and who has asked about them.

What is late is told from the pace alone: `polling.retier` gives an order its slowest pace a day
after its last movement, and any movement takes it away again. So an order stops being late by
itself the moment something happens to it.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from orders import history, persons, sql, statuses
from orders.enums import EventKind, OrderStatus, Tier
from orders.errors import Declined
from orders.models import Order, User

ASKED_FOR = timedelta(hours=24)
"""So long after somebody asked the provider's support, a late order waits for their answer."""

QUIET = (statuses.Standing.ACTIVE.value, statuses.Standing.PAUSED.value)
AWAITS_POSTS = Q(least_per_post__isnull=False, upstream_status__in=QUIET)
"""Subscriptions that go on: nothing moves in them until somebody posts."""

RUNNING = (OrderStatus.PENDING, OrderStatus.PROCESSING, OrderStatus.IN_PROGRESS)


def late_orders(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Running orders in which nothing has moved for a day: those at the pace of an hour.

    Told from the tier, because of those an index keeps the numbers.
    """
    return orders.filter(tier=Tier.OLD, status__in=RUNNING).exclude(AWAITS_POSTS)


def needing_a_person(orders: QuerySet[Order], now: datetime) -> QuerySet[Order]:
    """Late orders about which nobody has asked within the last day."""
    return late_orders(orders).filter(_unasked(now))


def is_late(order: Order) -> bool:
    """Whether nothing has moved in a running order for a day."""
    if order.is_subscription and order.upstream_status in QUIET:
        return False
    return order.tier == Tier.OLD and order.status in RUNNING


def asked_at(order: Order, now: datetime) -> datetime | None:
    """When somebody asked about an order that is still late; None: nobody has, within a day."""
    at = order.support_asked_at
    return at if at is not None and is_late(order) and at > now - ASKED_FOR else None


def mark_asked(order: Order, *, by: User, now: datetime) -> None:
    """Note that a person asked the provider's support about a late order.

    Raises `Declined` when it is not late or was asked about within the last day, `NotAllowed`.
    """
    persons.require_staff(by)
    persons.require_sight(by, order.customer)
    with sql.short_transaction():
        running = Order.objects.filter(pk=order.pk, tier=Tier.OLD, status__in=RUNNING)
        late = running.exclude(AWAITS_POSTS)
        if late.filter(_unasked(now)).update(support_asked_at=now, support_asked_by=by):
            history.note(order.pk, EventKind.ASKED, now, status=order.status, person_id=by.pk)
        elif late.exists():
            raise Declined(_("Somebody asked about it within the last day."))
        else:
            raise Declined(_("This order is not late."))


def _unasked(now: datetime) -> Q:
    return Q(support_asked_at=None) | Q(support_asked_at__lte=now - ASKED_FOR)
