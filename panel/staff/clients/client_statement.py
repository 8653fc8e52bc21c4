"""A client's statement by date: on the page, on paper, and as a CSV file."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from orders import wallets
from orders.models import Customer
from orders.money import ZERO
from orders.people import visible_customers
from panel.access import person, staff_required
from panel.display import panel_currency
from panel.htmx import render
from panel.sheets import Cell
from panel.sheets import sheet as csv_sheet
from panel.staff.clients.client_rows import shown_phone
from panel.staff.statement_lines import Statement, row, statement

SIZE = 100
AT_ONCE = 500


def _day_picker() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DatesForm(forms.Form):
    """From a day up to and with another; either may be empty."""

    begin = forms.DateField(required=False, label="From", widget=_day_picker())
    end = forms.DateField(required=False, label="To", widget=_day_picker())

    def clean(self) -> dict[str, Any]:
        begin, end = self.cleaned_data.get("begin"), self.cleaned_data.get("end")
        if begin and end and begin > end:
            self.add_error("end", "The end lies before the beginning.")
        return self.cleaned_data

    @property
    def span(self) -> wallets.Span:
        """The moments in the panel's zone; of wrong dates neither counts."""
        if not self.is_valid():
            return None, None
        begin, end = self.cleaned_data["begin"], self.cleaned_data["end"]
        try:
            return _midnight(begin), _midnight(end and end + timedelta(days=1))
        except OverflowError:
            return None, None


class StatementPage:
    """One client's movements within some days; each part asks the database when it is shown."""

    def __init__(self, client: Customer, query: QueryDict):
        self.client, self._before = client, query.get("before")
        self.number, self.name = client.pk, client.name
        self.phone = shown_phone(client.phone)
        days = {name: str(query.get(name, "")) for name in ("begin", "end")}
        self.form = DatesForm(days)
        self.span = self.form.span
        self._days = urlencode({name: day for name, day in days.items() if day})

    @property
    def url(self) -> str:
        """The page with its dates, without the place in the list."""
        return self._with_days(reverse("staff:client_statement", args=[self.number]))

    @property
    def sheet_url(self) -> str:
        return self._with_days(reverse("staff:client_sheet", args=[self.number]))

    @cached_property
    def figures(self) -> list[dict[str, Any]]:
        """The balance before, what came and went, and the balance after."""
        begin, end = self.span
        moved = wallets.turnover(self.client, self.span)
        before = wallets.balance_at(self.client, begin) if begin else ZERO
        return [
            {"label": "Balance before", "amount": before},
            {"label": "In", "amount": moved.incoming, "tone": "green"},
            {"label": "Out", "amount": moved.outgoing, "tone": "copper"},
            {
                "label": "Balance after" if end else "Balance now",
                "amount": before + moved.incoming - moved.outgoing,
                "tone": "accent",
            },
        ]

    @cached_property
    def statement(self) -> Statement:
        """A page of movements."""
        return statement(
            lambda before, limit: wallets.statement(self.client, before, limit, self.span),
            self._before,
            self.url,
            size=SIZE,
        )

    def _with_days(self, url: str) -> str:
        return f"{url}?{self._days}" if self._days else url


@staff_required
def show(request: HttpRequest, number: int) -> HttpResponse:
    """The statement, a hundred movements a page."""
    page = StatementPage(_client(request, number), request.GET)
    context = {"page": page, "currency": panel_currency(), "now": timezone.now()}
    return render(request, "staff/client_statement.html", context)


@staff_required
def sheet(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """Every movement within the days, the newest first, as CSV."""
    page = StatementPage(_client(request, number), request.GET)
    head = ("When", "What", "Order", "Note", "By", f"Amount {panel_currency()}", "Balance")
    return csv_sheet(f"statement-{number}.csv", head, _lines(page.client, page.span))


def _lines(client: Customer, span: wallets.Span) -> Iterator[list[Cell]]:
    before: int | None = None
    while lines := wallets.statement(client, before, AT_ONCE, span):
        for line in lines:
            told = row(line)
            yield [
                told.at,
                told.kind,
                told.order,
                told.memo,
                told.person,
                told.amount,
                told.balance,
            ]
        before = lines[-1].id


def _client(request: HttpRequest, number: int) -> Customer:
    mine = visible_customers(person(request)).select_related("wallet")
    return get_object_or_404(mine, pk=number)


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None
