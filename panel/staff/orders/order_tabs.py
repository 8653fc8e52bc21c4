"""The tabs of the orders list: which orders each holds, and what an empty one says."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from orders import lateness
from orders.enums import OrderStatus
from orders.models import Order

Orders = QuerySet[Order]
S = OrderStatus


def _all(orders: Orders) -> list[Orders]:
    return [orders]


def _with(*statuses: OrderStatus) -> Callable[[Orders], list[Orders]]:
    """One branch a status: each is a walk along the index of (status, -id)."""
    return lambda orders: [orders.filter(status=status) for status in statuses]


def _late(orders: Orders) -> list[Orders]:
    return [lateness.late_orders(orders)]


def _unasked(orders: Orders) -> list[Orders]:
    return [lateness.needing_a_person(orders, timezone.now())]


def _review(orders: Orders) -> list[Orders]:
    asked = [orders.filter(status=status) for status in (S.UNCONFIRMED, S.FAILED)]
    return [*asked, orders.filter(refund_unknown=True)]


@dataclass(frozen=True)
class Tab:
    """One tab. `branches` together hold its orders; `counted` ones show how many, or how many
    `to_count` finds."""

    slug: str
    label: str
    branches: Callable[[Orders], list[Orders]]
    empty: str
    explained: str
    counted: bool = False
    to_count: Callable[[Orders], list[Orders]] | None = None

    @property
    def is_late(self) -> bool:
        return self.slug == "late"


TABS = (
    Tab("all", "All", _all, "Orders will be listed here", "Place the first one for a client."),
    Tab(
        "waiting",
        "Waiting",
        _with(S.WAITING),
        "Nothing waits",
        "Every order has been sent. New ones stand here for a few seconds.",
        counted=True,
    ),
    Tab(
        "running",
        "Running",
        _with(S.SENDING, S.PENDING, S.PROCESSING, S.IN_PROGRESS),
        "Nothing is running",
        "Orders stand here from being sent until the provider has ended them.",
        counted=True,
    ),
    Tab(
        "late",
        "Late",
        _late,
        "Nothing is late",
        "Something has moved in every running order within the last day.",
        counted=True,
        to_count=_unasked,
    ),
    Tab(
        "review",
        "Review",
        _review,
        "Nothing to review",
        "No order waits for a decision.",
        counted=True,
    ),
    Tab(
        "partial",
        "Partial",
        _with(S.PARTIAL),
        "No partial orders",
        "Orders that were delivered in part, with the rest paid back, stand here.",
    ),
    Tab(
        "canceled",
        "Canceled",
        _with(S.CANCELED, S.REFUSED),
        "No canceled orders",
        "Canceled and refused orders stand here, with their price paid back.",
    ),
    Tab(
        "completed",
        "Completed",
        _with(S.COMPLETED),
        "No completed orders yet",
        "Orders stand here once the provider has delivered all of them.",
    ),
)

BY_SLUG = {tab.slug: tab for tab in TABS}


def tab_of(slug: str) -> Tab:
    """The tab that an address names; the first one for any other word."""
    return BY_SLUG.get(slug, TABS[0])
