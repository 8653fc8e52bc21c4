"""The daily limit of a staff member: credit given out and review refunds together."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, Sum

from orders import panel_settings
from orders.enums import AccountKind, EventKind, TransferKind
from orders.errors import LimitReached
from orders.models import Event, Staff, Transfer
from orders.money import ZERO


def used_today(staff: Staff, now: datetime) -> Decimal:
    """What of the limit the member has used since midnight, in the panel's time zone.

    It counts gifts, corrections in a customer's favour, approved top-ups, and refunds that the
    member decided.
    Cash through a till does not count (the till has to hold it), nor does canceling an order
    that was not sent yet: that gives back what nobody had earned.
    """
    begin, end = _day(now)
    unsent = Event.objects.filter(
        order=OuterRef("order"), person=OuterRef("person"), kind=EventKind.CANCELED
    )
    counted = (
        Q(kind__in=[TransferKind.GIFT, TransferKind.TOP_UP])
        | Q(kind=TransferKind.CORRECTION, target__kind=AccountKind.WALLET)
        | (Q(kind=TransferKind.REFUND) & ~Exists(unsent))
    )
    theirs = Transfer.objects.filter(person=staff.user_id, at__gte=begin, at__lt=end)
    return theirs.filter(counted).aggregate(sum=Sum("amount"))["sum"] or ZERO


def lock_member(staff: Staff) -> Staff:
    """Let one spending at a time look at this member's limit, until the transaction ends."""
    return Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)


def spend_limit(staff: Staff, amount: Decimal, now: datetime) -> None:
    """Raise `LimitReached` when `amount` more today would pass the member's limit.

    Inside the transaction that then posts `amount`, after locking orders and before locking
    wallets. Admins have no limit: they are whom the others ask.
    """
    if staff.is_admin:
        return
    limit = lock_member(staff).daily_limit
    left = max(ZERO, limit - used_today(staff, now))
    if amount > left:
        raise LimitReached(limit, left)


def _day(now: datetime) -> tuple[datetime, datetime]:
    local = now.astimezone(ZoneInfo(panel_settings.current().time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight, midnight + timedelta(days=1)
