"""A wallet's statement, whoever reads it: its days, its sums, its pages, its file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from orders import wallets
from orders.enums import TransferKind
from orders.models import Customer
from orders.money import ZERO
from orders.wallets import Line

AT_ONCE = 500
Fetch = Callable[[int | None, int], list[Line]]

ICONS = {
    TransferKind.ORDER: "shopping-cart",
    TransferKind.REFUND: "undo-2",
    TransferKind.CASH_TAKEN: "banknote",
    TransferKind.PAID_OUT: "hand-coins",
    TransferKind.DROP: "vault",
    TransferKind.HANDOVER: "arrow-right-left",
    TransferKind.TOP_UP: "landmark",
    TransferKind.CORRECTION: "pencil",
    TransferKind.GIFT: "gift",
    TransferKind.TILL_DIFFERENCE: "scale",
    TransferKind.IMPORT: "import",
}


def _day_picker() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DatesForm(forms.Form):
    """From a day up to and with another; either may be empty."""

    begin = forms.DateField(
        required=False, label=pgettext_lazy("a day", "From"), widget=_day_picker()
    )
    end = forms.DateField(required=False, label=pgettext_lazy("a day", "To"), widget=_day_picker())

    def clean(self) -> dict[str, Any]:
        begin, end = self.cleaned_data.get("begin"), self.cleaned_data.get("end")
        if begin and end and begin > end:
            self.add_error("end", _("The end lies before the beginning."))
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


class Period:
    """The days that an address names."""

    def __init__(self, query: QueryDict):
        days = {name: str(query.get(name, "")) for name in ("begin", "end")}
        self.form = DatesForm(days)
        self.span = self.form.span
        self._query = urlencode({name: day for name, day in days.items() if day})

    def of(self, url: str) -> str:
        """An address with these days, without the place in the list."""
        return f"{url}?{self._query}" if self._query else url


def figures(customer: Customer, span: wallets.Span) -> list[dict[str, Any]]:
    """The balance before, what came and went, and the balance after."""
    begin, end = span
    moved = wallets.turnover(customer, span)
    before = wallets.balance_at(customer, begin) if begin else ZERO
    return [
        {"label": _("Balance before"), "amount": before},
        {"label": pgettext("money", "In"), "amount": moved.incoming},
        {"label": pgettext("money", "Out"), "amount": moved.outgoing},
        {
            "label": _("Balance after") if end else _("Balance now"),
            "amount": before + moved.incoming - moved.outgoing,
        },
    ]


@dataclass(frozen=True)
class Leaf:
    """One page of movements, the newest first, and the links to its neighbours."""

    lines: list[Line]
    newest: str
    older: str


def leaf(fetch: Fetch, before: str | None, url: str, size: int) -> Leaf:
    """The page of movements that begins before the one that the address names."""
    start = int(before) if before and before.isascii() and before.isdigit() else None
    if start is not None and start >= 2**63:
        start = None
    lines = fetch(start, size + 1)
    shown = lines[:size]
    older = _older(url, shown[-1].id) if len(lines) > size else ""
    return Leaf(shown, newest=url if start is not None else "", older=older)


def batches(customer: Customer, span: wallets.Span) -> Iterator[list[Line]]:
    """Every movement within the days, the newest first, some hundreds at a time."""
    before: int | None = None
    while lines := wallets.statement(customer, before, AT_ONCE, span):
        yield lines
        before = lines[-1].id


def _older(url: str, before: int) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'before': before})}"


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None
