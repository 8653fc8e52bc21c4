"""Until when a refill may be asked for, and why not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import ngettext

from orders.enums import NoRefill, OrderStatus
from orders.errors import NoRefillNow
from orders.models import REFILL_IN_FLIGHT, Order, Refill


@dataclass(frozen=True)
class Window:
    """So many days after completion a refill may be asked for, by the house's rule or the
    provider's."""

    days: int
    is_ours: bool


def window(order: Order) -> Window | None:
    """What holds for an order's service today; None: nobody has said, and nothing ends."""
    if ours := order.service.refill_days:
        return Window(ours, is_ours=True)
    theirs = order.offer.refill_days
    return Window(theirs, is_ours=False) if theirs else None


def refill_until(order: Order) -> datetime | None:
    """Until when a refill can be asked for; None: not known, or the order has not ended."""
    rule = window(order)
    if rule is None or order.finished_at is None:
        return None
    return order.finished_at + timedelta(days=rule.days)


def why_not_refill(order: Order, now: datetime) -> str:
    """A sentence for anybody, or "" when a refill can be asked for."""
    refusal = refusal_of(order, now)
    return str(refusal) if refusal else ""


def refusal_of(order: Order, now: datetime) -> NoRefillNow | None:
    if order.is_subscription:
        return NoRefillNow(NoRefill.POSTS)
    if not (order.offer.refill and order.provider.has_refill):
        return NoRefillNow(NoRefill.SERVICE)
    if order.status != OrderStatus.COMPLETED or not order.upstream_id:
        return NoRefillNow(NoRefill.NOT_COMPLETED)
    if order.runs and order.children.exists():
        return NoRefillNow(NoRefill.RUNS)
    rule, until = window(order), refill_until(order)
    if rule is not None and until is not None and until < now:
        words = ngettext(
            "The %(count)s day for refills ended on %(day)s.",
            "The %(count)s days for refills ended on %(day)s.",
            rule.days,
        ) % {"count": rule.days, "day": date_format(until, "j M Y")}
        return NoRefillNow(NoRefill.OVER, words)
    if Refill.objects.filter(order=order, status__in=REFILL_IN_FLIGHT).exists():
        return NoRefillNow(NoRefill.ASKED)
    return None
