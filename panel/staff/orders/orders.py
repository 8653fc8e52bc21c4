"""The orders list: one search box, tabs, filters, live rows, pages by keyset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from orders.enums import OrderStatus
from orders.models import Order
from orders.people import Person, visible_orders
from panel import paginator
from panel.access import person, staff_required
from panel.htmx import render
from panel.staff import setup_steps
from panel.staff.orders import order_rows, order_search, order_tabs
from panel.staff.orders.order_filters import OrderFilters
from panel.staff.orders.order_tabs import Tab

SIZE = paginator.SIZE


@staff_required
def orders(request: HttpRequest) -> HttpResponse:
    """Every order that the person may see; to HTMX only the table."""
    listing = _Listing(person(request), request.GET)
    return render(
        request,
        "staff/orders.html",
        listing.context(),
        parts=("order-table", "order-tabs"),
        finished=not listing.is_live,
    )


@dataclass(frozen=True)
class TabLink:
    """A tab as the page shows it."""

    label: str
    url: str
    current: bool
    count: int | None


class _Listing:
    """One page of the list, told from the address."""

    def __init__(self, who: Person, query: QueryDict):
        self.who, self.query = who, query
        self.text = query.get("q", "").strip()
        self.tab = order_tabs.tab_of(query.get("tab", ""))
        self.filters = OrderFilters(who, query)
        mine = self.filters.apply(visible_orders(who))
        self.page = _page(self._branches(mine), query)
        self.rows = order_rows.rows(self.page.rows, who)

    @property
    def is_live(self) -> bool:
        """Whether anything on the page can still change."""
        return any(row.can_change for row in self.rows)

    def _branches(self, mine: QuerySet[Order]) -> list[QuerySet[Order]]:
        found = order_search.branches(mine, self.text, self.who) if self.text else [mine]
        among = self.filters.statuses
        return [branch for hit in found for branch in self.tab.branches(hit, among)]

    def context(self) -> dict[str, Any]:
        # Tabs are a function: a live row's answer never asks for their counts.
        return {
            "rows": self.rows,
            "is_live": self.is_live,
            "newer": self.page.newer,
            "older": self.page.older,
            "tab": self.tab,
            "tabs": self._tabs,
            "filters": self.filters,
            "unfiltered": self._url(self.tab, without=tuple(self.filters.fields)),
            "search_text": self.text,
            "sees_cost": self.who.sees_cost,
            "searched": self._searched,
            "next_step": setup_steps.next_step(self.who),
            "narrowed": bool(self.text or self.filters.is_active),
        }

    def _searched(self) -> str:
        """Where a search that found nothing has looked."""
        if self.tab is order_tabs.TABS[0]:
            where = _("Searched for “%(text)s”.")
        else:
            where = _("Searched for “%(text)s” under %(tab)s.")
        if self.who.sees_cost:
            how = _(
                "A number is looked for as ours, as the provider's and as the beginning of a phone "
                "number; anything else as the beginning of a link or part of a client's name."
            )
        else:
            how = _(
                "A number is looked for as ours and as the beginning of a phone number; anything "
                "else as the beginning of a link or part of a client's name."
            )
        return f"{where % {'text': self.text[:200], 'tab': self.tab.label}} {how}"

    def _tabs(self) -> list[TabLink]:
        return [
            TabLink(str(tab.label), self._url(tab), tab is self.tab, self._count(tab))
            for tab in order_tabs.TABS
        ]

    def _url(self, tab: Tab, without: tuple[str, ...] = ()) -> str:
        query = self.query.copy()
        for name in ("before", "after", "tab", *without):
            query.pop(name, None)
        if tab is not order_tabs.TABS[0]:
            query["tab"] = tab.slug
        return f"?{query.urlencode()}"

    def _count(self, tab: Tab) -> int | None:
        if not tab.counted:
            return None
        most, mine = paginator.MOST_COUNTED, visible_orders(self.who)
        branches = (tab.to_count or tab.branches)(mine, OrderStatus)
        counts = (paginator.count_up_to(branch) for branch in branches)
        return min(sum(counts), most + 1)


def _page(branches: Sequence[QuerySet[Order]], query: QueryDict) -> paginator.Page[Order]:
    """One page of all branches together: each gives its own first rows, by its own index."""
    if len(branches) == 1:
        return paginator.page(order_rows.joined(branches[0]), query, size=SIZE)
    numbers = {pk for branch in branches for pk in _first_numbers(branch, query)}
    together = Order.objects.filter(pk__in=numbers)
    return paginator.page(order_rows.joined(together), query, size=SIZE)


def _first_numbers(branch: QuerySet[Order], query: QueryDict) -> list[int]:
    page = paginator.page(branch.only("pk"), query, size=SIZE + 1)
    return [order.pk for order in page.rows]
