"""Which lines of an order's history its customer is told of by e-mail.

Notices are written in the transaction that makes the news true; `orders.notices` sends them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from orders.enums import EventKind, NoticeKind, OrderStatus
from orders.models import Customer, Event, Notice, NoticeChoices

GATHERED_FOR = timedelta(seconds=60)
"""News waits so long for more, so that what happens together leaves in one e-mail."""


def of_events(events: Sequence[Event]) -> None:
    """Notices for lines that have just been written, to those who want them; at most two queries,
    and none when nothing is worth an e-mail."""
    telling = [(event, kind) for event in events if (kind := _kind(event))]
    if not telling:
        return
    buyers = _buyers(event.order_id for event, _ in telling)
    Notice.objects.bulk_create(
        notice(buyers[event.order_id].pk, kind, f"event:{event.pk}", event.at, event.order_id)
        for event, kind in telling
        if event.order_id in buyers and _is_wanted(kind, buyers[event.order_id], event)
    )


def notice(
    customer_id: int, kind: NoticeKind, reference: str, at: datetime, order_id: int | None = None
) -> Notice:
    """An unsaved notice, to be sent a little later."""
    return Notice(
        customer_id=customer_id,
        kind=kind,
        order_id=order_id,
        reference=reference,
        at=at,
        not_before=at + GATHERED_FOR,
    )


def wants(kind: NoticeKind, customer: Customer) -> bool:
    """Whether this customer, as chosen or by default, is told of such news."""
    choices = getattr(customer, "notice_choices", None) or NoticeChoices()
    return bool(getattr(choices, kind))


def _kind(event: Event) -> NoticeKind | None:
    if event.kind == EventKind.REFUNDED:
        return NoticeKind.RETURNED
    if event.kind == EventKind.STATUS and event.status == OrderStatus.COMPLETED:
        return NoticeKind.COMPLETED
    return None


def _buyers(order_ids: Iterable[int]) -> dict[int, Customer]:
    """Those customers of these orders who have a sign-in that works, by order."""
    reachable = Customer.objects.filter(user__is_active=True, orders__in=set(order_ids))
    found = reachable.select_related("notice_choices").annotate(order_id=F("orders__pk"))
    return {customer.order_id: customer for customer in found}


def _is_wanted(kind: NoticeKind, customer: Customer, event: Event) -> bool:
    """What somebody has just done themselves, they know."""
    return wants(kind, customer) and event.person_id != customer.user_id
