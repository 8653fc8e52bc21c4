"""A customer's orders as rows: plain values that hold nothing but what they may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders import panel_settings, refills
from orders.enums import OrderStatus
from orders.models import CANCEL_IN_FLIGHT, REFILL_IN_FLIGHT, Cancellation, Order, Refill
from orders.statuses import FINAL
from panel.customer.order_words import reading
from panel.delivery import coin_of, delivered, progress, target_of

STOPPABLE = (OrderStatus.PENDING, OrderStatus.PROCESSING, OrderStatus.IN_PROGRESS)


@dataclass(frozen=True)
class Row:
    """One order. `act` is its one likely next act: "cancel", "refill", "again" or nothing."""

    number: int
    placed_at: datetime
    service: str
    link: str
    quantity: int
    coin: str
    label: str
    ordered: int
    delivered: int | None
    progress: str
    paid: Decimal
    returned: Decimal
    note: str
    act: str
    can_change: bool


def joined(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The orders with all that a row reads."""
    return orders.select_related("service", "offer", "provider__state").prefetch_related(
        "submissions"
    )


def rows(orders: Sequence[Order], now: datetime) -> list[Row]:
    """Rows of `joined` orders; three queries more, however many there are."""
    panel = panel_settings.current()
    asked = _in_flight(orders)
    return [
        Row(
            number=order.pk,
            placed_at=order.placed_at,
            service=order.service.name,
            link=target_of(order),
            quantity=order.delivery_total or order.billable,
            coin="refilling" if order.pk in asked.refills else coin_of(order),
            label=_("Refilling") if order.pk in asked.refills else reading(order, panel, now).title,
            ordered=order.delivery_total or order.billable,
            delivered=delivered(order),
            progress=_progress(order),
            paid=order.price - order.refunded,
            returned=order.refunded,
            note=_("Cancel requested") if order.pk in asked.cancels else "",
            act=_act(order, asked, now),
            can_change=_can_change(order, asked),
        )
        for order in orders
    ]


@dataclass(frozen=True)
class _Asked:
    refills: set[int]
    cancels: set[int]


def _in_flight(orders: Sequence[Order]) -> _Asked:
    numbers = [order.pk for order in orders]
    refilling = Refill.objects.filter(order__in=numbers, status__in=REFILL_IN_FLIGHT)
    canceling = Cancellation.objects.filter(order__in=numbers, status__in=CANCEL_IN_FLIGHT)
    return _Asked(
        set(refilling.values_list("order_id", flat=True)),
        set(canceling.values_list("order_id", flat=True)),
    )


def _can_change(order: Order, asked: _Asked) -> bool:
    return order.status not in FINAL or order.refund_unknown or order.pk in asked.refills


def _progress(order: Order) -> str:
    if order.status in (OrderStatus.WAITING, OrderStatus.SENDING):
        return _("starts soon")
    if order.status in (OrderStatus.CANCELED, OrderStatus.REFUSED) and not delivered(order):
        return _("none sent")
    if delivered(order) is not None:
        return progress(order)
    return _("%(amount)s ordered") % {"amount": progress(order)}


def _has_refill(order: Order) -> bool:
    return order.offer.refill and order.provider.has_refill and not order.is_subscription


def _act(order: Order, asked: _Asked, now: datetime) -> str:
    if order.status == OrderStatus.WAITING:
        return "cancel"
    if order.status in STOPPABLE and order.offer.cancel and order.provider.has_cancel:
        return "" if order.pk in asked.cancels else "cancel"
    if order.status == OrderStatus.COMPLETED and _has_refill(order):
        until = refills.refill_until(order)
        if order.pk in asked.refills:
            return ""
        return "again" if until is not None and until < now else "refill"
    return "again" if order.status in FINAL else ""
