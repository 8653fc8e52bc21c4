"""A customer's orders: tabs, one search box, live rows, pages by keyset, and a file of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from orders import service_types, sql
from orders.enums import OrderStatus
from orders.models import Order
from orders.people import visible_orders
from orders.statuses import OPEN
from panel import paginator
from panel.access import customer_required, person
from panel.customer import order_rows
from panel.display import capped, panel_currency
from panel.htmx import render
from panel.sheets import Cell
from panel.sheets import sheet as csv_sheet

S = OrderStatus
AT_ONCE = 500


@dataclass(frozen=True)
class Tab:
    """One tab: the states that it holds (None: all), and what an empty one says.

    Those whose orders will still move are counted above the list, in the words of `counted`.
    """

    slug: str
    label: str | Promise
    statuses: tuple[OrderStatus, ...] | None
    empty: str | Promise
    counted: str | Promise = ""


TABS = (
    Tab("all", gettext_lazy("All"), None, gettext_lazy("No orders yet")),
    Tab(
        "open",
        gettext_lazy("Under way"),
        tuple(OPEN - {S.WAITING}),
        gettext_lazy("Nothing is under way"),
        gettext_lazy("%(count)s under way"),
    ),
    Tab(
        "waiting",
        gettext_lazy("Waiting"),
        (S.WAITING,),
        gettext_lazy("Nothing waits"),
        gettext_lazy("%(count)s waiting"),
    ),
    Tab(
        "completed",
        gettext_lazy("Completed"),
        (S.COMPLETED,),
        gettext_lazy("Nothing is completed yet"),
    ),
    Tab(
        "partial",
        gettext_lazy("Partly delivered"),
        (S.PARTIAL,),
        gettext_lazy("Nothing was delivered in part"),
    ),
    Tab(
        "canceled",
        gettext_lazy("Canceled"),
        (S.CANCELED, S.REFUSED),
        gettext_lazy("Nothing was canceled"),
    ),
)


@customer_required
def orders(request: HttpRequest) -> HttpResponse:
    """The customer's own orders; to HTMX only the table."""
    mine, text = visible_orders(person(request)), request.GET.get("q", "").strip()
    tab = _tab(request)
    found = _search(_in_tab(mine, tab), text)
    page = paginator.page(order_rows.joined(found), request.GET)
    rows = order_rows.rows(page.rows, timezone.now())
    is_live = any(row.can_change for row in rows)
    return render(
        request,
        "customer/orders.html",
        {
            "rows": rows,
            "newer": page.newer,
            "older": page.older,
            "tab": tab,
            # Functions: a live row's answer never asks for what it does not show.
            "tabs": lambda: [_link(mine, each, tab, text) for each in TABS],
            "moving": lambda: _moving(mine),
            "search_text": text,
            "is_live": is_live,
            "sheet_url": f"{reverse('my:orders_sheet')}?{urlencode({'tab': tab.slug})}",
        },
        parts=("order-table",),
        finished=not is_live,
    )


@customer_required
def sheet(request: HttpRequest) -> StreamingHttpResponse:
    """Every order of the tab, the newest first, as CSV."""
    found = _in_tab(visible_orders(person(request)), _tab(request))
    money = panel_currency()
    head = ("Order", "Placed", "Service", "Link", "Quantity", "Status", "Progress")
    return csv_sheet("orders.csv", (*head, f"Paid {money}", f"Paid back {money}"), _lines(found))


def _lines(found: QuerySet[Order]) -> Iterator[list[Cell]]:
    older = found
    while page := list(order_rows.joined(older).order_by("-pk")[:AT_ONCE]):
        for order, row in zip(page, order_rows.rows(page, timezone.now()), strict=True):
            yield [
                row.number,
                row.placed_at,
                row.service,
                order.link or row.link,
                row.quantity,
                row.label,
                row.progress,
                row.paid,
                row.returned,
            ]
        older = found.filter(pk__lt=page[-1].pk)


def _tab(request: HttpRequest) -> Tab:
    return next((tab for tab in TABS if tab.slug == request.GET.get("tab")), TABS[0])


def _in_tab(orders: QuerySet[Order], tab: Tab) -> QuerySet[Order]:
    return orders if tab.statuses is None else orders.filter(status__in=tab.statuses)


def _search(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """A number is an order's; anything else begins a link."""
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19:
        return orders.filter(pk=int(number))
    key = service_types.link_key(text)
    return orders.filter(sql.begins_with("link_key", key)) if key else orders


def _count(mine: QuerySet[Order], tab: Tab) -> int:
    return paginator.count_up_to(_in_tab(mine, tab))


def _moving(mine: QuerySet[Order]) -> str:
    """What will still move, such as "3 under way, 1 waiting"; "" when nothing does."""
    counts = [(_count(mine, tab), tab.counted) for tab in TABS if tab.counted]
    return ", ".join(str(words) % {"count": capped(count)} for count, words in counts if count)


def _link(mine: QuerySet[Order], tab: Tab, current: Tab, text: str) -> dict[str, object]:
    """A tab with its count; within a search, without: that would be searched for six times."""
    words = {"tab": "" if tab is TABS[0] else tab.slug, "q": text}
    query = urlencode({name: value for name, value in words.items() if value})
    return {
        "label": tab.label,
        "url": f"?{query}",
        "current": tab is current,
        "count": None if text else _count(mine, tab),
    }
