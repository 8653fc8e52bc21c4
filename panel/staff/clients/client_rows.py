"""Clients as rows of a table, and finding them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import QueryDict

from orders.models import Customer, Order
from orders.money import ZERO
from orders.people import Person, search_customers, visible_customers
from panel import paginator

MOST_FOUND = 50
"""Hits of a search that are listed; whoever wants others types more."""


@dataclass(frozen=True)
class Row:
    """One client."""

    number: int
    name: str
    contact: str
    balance: Decimal
    manager: str
    signs_in: bool
    is_blocked: bool
    last_order_at: datetime | None


@dataclass(frozen=True)
class Found:
    """Rows of one page; `cut` says that a search had more hits than are listed."""

    rows: list[Row]
    newer: str = ""
    older: str = ""
    cut: bool = False


def found(who: Person, query: QueryDict) -> Found:
    """One page of the person's clients, or those that the typed text fits, by name."""
    text = typed(query)
    if text:
        hits = search_customers(who, text, MOST_FOUND + 1)
        return Found(_rows(hits[:MOST_FOUND]), cut=len(hits) > MOST_FOUND)
    page = paginator.page(_of(who, query), query)
    return Found(_rows(page.rows), page.newer, page.older)


def typed(query: QueryDict) -> str:
    """What stands in the search box."""
    return query.get("q", "").strip()[:200]


def shown_phone(digits: str) -> str:
    """A stored number as it is dialled."""
    return f"+{digits}" if digits else ""


def _of(who: Person, query: QueryDict) -> QuerySet[Customer]:
    clients = visible_customers(who).select_related("wallet", "manager__user")
    if query.get("of") == "me" and who.staff is not None:
        clients = clients.filter(manager=who.staff)
    return clients


def _rows(clients: list[Customer]) -> list[Row]:
    last = _last_orders(clients)
    return [_row(client, last.get(client.pk)) for client in clients]


def _last_orders(clients: list[Customer]) -> dict[int, datetime | None]:
    """When each placed its last order: one probe of an index each, in one query."""
    newest = Order.objects.filter(customer=OuterRef("pk")).order_by("-pk").values("placed_at")[:1]
    listed = Customer.objects.filter(pk__in=[client.pk for client in clients])
    return dict(listed.values_list("pk", Subquery(newest)))


def _row(client: Customer, last_order_at: datetime | None) -> Row:
    phone = shown_phone(client.phone)
    return Row(
        number=client.pk,
        name=client.name,
        contact=" · ".join(filter(None, (phone, client.email))),
        balance=client.wallet.balance or ZERO,
        manager=client.manager.name if client.manager else "",
        signs_in=client.user_id is not None,
        is_blocked=client.is_blocked,
        last_order_at=last_order_at,
    )
