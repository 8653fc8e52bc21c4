"""The tabs of the orders list: which orders each holds, and what an empty one says."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders import lateness
from orders.enums import OrderStatus
from orders.models import Order

Orders = QuerySet[Order]
Statuses = Collection[OrderStatus]
Branches = Callable[[Orders, Statuses], list[Orders]]
"""Of orders that have one of these statuses: what else a tab holds is not looked for, because a
database that is asked for the running among the completed walks along all of either."""
S = OrderStatus


def _all(orders: Orders, among: Statuses) -> list[Orders]:
    return [orders]


def _with(*statuses: OrderStatus) -> Branches:
    """One branch a status: each is a walk along the index of (status, -id)."""
    return lambda orders, among: [orders.filter(status=one) for one in statuses if one in among]


def _late(orders: Orders, among: Statuses) -> list[Orders]:
    return [lateness.late_orders(orders)] if set(among) & set(lateness.RUNNING) else []


def _unasked(orders: Orders, among: Statuses) -> list[Orders]:
    return [lateness.needing_a_person(orders, timezone.now())]


def _review(orders: Orders, among: Statuses) -> list[Orders]:
    asked = _with(S.UNCONFIRMED, S.FAILED)(orders, among)
    unknown = [orders.filter(refund_unknown=True)] if {S.PARTIAL, S.CANCELED} & set(among) else []
    return [*asked, *unknown]


@dataclass(frozen=True)
class Tab:
    """One tab. `branches` together hold its orders; `counted` ones show how many, or how many
    `to_count` finds."""

    slug: str
    label: str | Promise
    branches: Branches
    empty: str | Promise
    explained: str | Promise
    counted: bool = False
    to_count: Branches | None = None

    @property
    def is_late(self) -> bool:
        return self.slug == "late"


TABS = (
    Tab(
        "all",
        pgettext_lazy("orders", "All"),
        _all,
        _("Orders will be listed here"),
        _("Place the first one for a client."),
    ),
    Tab(
        "waiting",
        _("Waiting"),
        _with(S.WAITING),
        _("Nothing waits"),
        _("Every order has been sent. New ones stand here for a few seconds."),
        counted=True,
    ),
    Tab(
        "running",
        _("Running"),
        _with(S.SENDING, S.PENDING, S.PROCESSING, S.IN_PROGRESS),
        _("Nothing is running"),
        _("Orders stand here from being sent until the provider has ended them."),
        counted=True,
    ),
    Tab(
        "late",
        _("Late"),
        _late,
        _("Nothing is late"),
        _("Something has moved in every running order within the last day."),
        counted=True,
        to_count=_unasked,
    ),
    Tab(
        "review",
        _("Review"),
        _review,
        _("Nothing to review"),
        _("No order waits for a decision."),
        counted=True,
    ),
    Tab(
        "partial",
        _("Partial"),
        _with(S.PARTIAL),
        _("No partial orders"),
        _("Orders that were delivered in part, with the rest paid back, stand here."),
    ),
    Tab(
        "canceled",
        _("Canceled"),
        _with(S.CANCELED, S.REFUSED),
        _("No canceled orders"),
        _("Canceled and refused orders stand here, with their price paid back."),
    ),
    Tab(
        "completed",
        _("Completed"),
        _with(S.COMPLETED),
        _("No completed orders yet"),
        _("Orders stand here once the provider has delivered all of them."),
    ),
)

BY_SLUG = {tab.slug: tab for tab in TABS}


def tab_of(slug: str) -> Tab:
    """The tab that an address names; the first one for any other word."""
    return BY_SLUG.get(slug, TABS[0])
