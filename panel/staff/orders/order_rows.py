"""Orders as rows of a table: what a staff member may see of each, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from orders import lateness, panel_settings, service_types
from orders.enums import OrderStatus
from orders.kept_words import told
from orders.models import Order, Panel
from orders.people import Person
from orders.submission import why_held
from panel.delivery import delivered, progress, target_of
from panel.display import span, time_html
from panel.staff.orders import order_markup, order_state

WITH = ("customer", "service", "provider__state", "support_asked_by", "markup_of__user")
"""What a row reads beside the order; join it, or each row asks for itself."""


@dataclass(frozen=True)
class Row:
    """One order. Charge, profit, markup, provider and its id are empty for who sees no cost."""

    number: int
    placed_at: datetime
    client: str
    client_number: int
    service: str
    link: str
    coin: str
    label: str
    flag: str
    ordered: int
    delivered: int | None
    progress: str
    price: Decimal
    net: Decimal
    provider: str | None
    charge: Decimal | None
    profit: Decimal | None
    markup: str
    can_change: bool
    upstream_id: str
    is_waiting: bool
    still: str
    """For how long nothing has moved, with the exact moment as its title."""
    asked_at: datetime | None
    """When the provider's support was asked about an order that is late."""
    asked_by: str

    @property
    def was_refunded(self) -> bool:
        return self.net != self.price


def joined(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The orders with all that a row reads."""
    return orders.select_related(*WITH)


def rows(orders: Iterable[Order], who: Person) -> list[Row]:
    """Rows of `joined` orders; one query, for the panel's switches."""
    panel, now = panel_settings.current(), timezone.now()
    return [_row(order, who, panel, now) for order in orders]


def _row(order: Order, who: Person, panel: Panel, now: datetime) -> Row:
    state = order_state.state_of(order, why_held(order, panel, now))
    net = order.price - order.refunded
    moved_at = max(order.changed_at, order.status_at)
    known = who.sees_cost and order.cost is not None
    return Row(
        number=order.pk,
        placed_at=order.placed_at,
        client=order.customer.name,
        client_number=order.customer_id,
        service=order.service.name,
        link=target_of(order),
        coin=state.coin,
        label=state.label,
        flag=told(order.flag) if who.sees_cost else "",
        ordered=order.delivery_total or order.billable,
        delivered=delivered(order),
        progress=progress(order),
        price=order.price,
        net=net,
        provider=order.provider.name if who.sees_cost else None,
        charge=order.cost if who.sees_cost else None,
        profit=net - (order.cost or 0) if known else None,
        markup=order_markup.in_words(order) if who.sees_cost else "",
        can_change=order_state.can_change(order),
        upstream_id=(order.upstream_id or "") if who.sees_cost else "",
        is_waiting=order.status == OrderStatus.WAITING,
        still=time_html(moved_at, span((now - moved_at).total_seconds())),
        asked_at=lateness.asked_at(order, now),
        asked_by=str(order.support_asked_by or ""),
    )


def details_of(order: Order) -> list[tuple[str, str]]:
    """The order's other fields, by the labels of its type; lists as one text."""
    kind = service_types.by_slug(order.service_type)
    found = []
    for field in kind.fields:
        value = order.details.get(field.name)
        if field.name in ("link", "quantity") or value in (None, "", []):
            continue
        text = ", ".join(value) if isinstance(value, list) else str(value)
        found.append((field.label, field.told(text)))
    return found
