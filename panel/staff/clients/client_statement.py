"""A client's statement by date: on the page, on paper, and as a CSV file."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from orders import wallets
from orders.enums import TransferKind
from orders.models import Customer, Order
from orders.people import visible_customers
from panel.access import person, staff_required
from panel.display import dated, panel_currency
from panel.htmx import render
from panel.sheets import Cell
from panel.sheets import sheet as csv_sheet
from panel.staff.clients.client_rows import shown_phone
from panel.staff.orders import order_markup
from panel.staff.statement_lines import Statement, row, statement
from panel.statements import Period, batches, figures

SIZE = 100


class StatementPage:
    """One client's movements within some days; each part asks the database when it is shown."""

    def __init__(self, client: Customer, query: QueryDict):
        self.client, self._before = client, query.get("before")
        self.number, self.name = client.pk, client.name
        self.phone = shown_phone(client.phone)
        self._period = Period(query)
        self.form, self.span = self._period.form, self._period.span

    @property
    def until(self) -> str:
        """The last day, where one was chosen."""
        end = self.form.cleaned_data.get("end") if self.form.is_valid() else None
        return dated(end, with_year=True, long=True) if end else ""

    @property
    def url(self) -> str:
        """The page with its dates, without the place in the list."""
        return self._period.of(reverse("staff:client_statement", args=[self.number]))

    @property
    def sheet_url(self) -> str:
        return self._period.of(reverse("staff:client_sheet", args=[self.number]))

    @property
    def inside_url(self) -> str:
        """The file with markups, for the house alone."""
        return f"{self.sheet_url}{'&' if '?' in self.sheet_url else '?'}markups=1"

    @cached_property
    def figures(self) -> list[dict[str, Any]]:
        """The balance before, what came and went, and the balance after."""
        shown = figures(self.client, self.span)
        for figure, tone in zip(shown[1:], ("green", "copper", "accent"), strict=True):
            figure["tone"] = tone
        return shown

    @cached_property
    def statement(self) -> Statement:
        """A page of movements."""
        return statement(
            lambda before, limit: wallets.statement(self.client, before, limit, self.span),
            self._before,
            self.url,
            size=SIZE,
        )


@staff_required
def show(request: HttpRequest, number: int) -> HttpResponse:
    """The statement, a hundred movements a page."""
    page = StatementPage(_client(request, number), request.GET)
    context = {
        "page": page,
        "currency": panel_currency(),
        "now": timezone.now(),
        "sees_cost": person(request).sees_cost,
    }
    return render(request, "staff/client_statement.html", context)


@staff_required
def sheet(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """Every movement within the days, the newest first, as CSV.

    With `markups`, and for who sees costs, whose markup made each charge, and how much: a file for
    the house, under another name than the one for the client.
    """
    page = StatementPage(_client(request, number), request.GET)
    inside = person(request).sees_cost and "markups" in request.GET
    head = ["When", "What", "Order", "Note", "By", f"Amount {panel_currency()}", "Balance"]
    head += ["Markup", "Markup of"] if inside else []
    name = f"statement-{number}{'-inside' if inside else ''}.csv"
    return csv_sheet(name, head, _lines(page.client, page.span, inside=inside))


def _lines(client: Customer, span: wallets.Span, *, inside: bool) -> Iterator[list[Cell]]:
    for lines in batches(client, span):
        charged = _charged(lines) if inside else {}
        for line in lines:
            told = row(line)
            order = charged.get(line.id)
            yield [
                told.at,
                told.kind,
                told.order,
                told.memo,
                told.person,
                told.amount,
                told.balance,
                *(_markup(order) if inside else ()),
            ]


def _charged(lines: list[wallets.Line]) -> dict[int, Order]:
    """The orders that these lines are the charges of. One query."""
    numbers = {line.id: line.transfer.order_id or 0 for line in lines if _is_charge(line)}
    found = Order.objects.filter(pk__in=numbers.values()).select_related("markup_of__user")
    orders = {order.pk: order for order in found}
    return {line: orders[number] for line, number in numbers.items()}


def _markup(order: Order | None) -> tuple[str, str]:
    return (order_markup.how_much(order), order_markup.whose(order)) if order else ("", "")


def _is_charge(line: wallets.Line) -> bool:
    return line.transfer.kind == TransferKind.ORDER


def _client(request: HttpRequest, number: int) -> Customer:
    mine = visible_customers(person(request)).select_related("wallet")
    return get_object_or_404(mine, pk=number)
