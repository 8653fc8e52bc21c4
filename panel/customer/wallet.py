"""A customer's wallet: the balance, and every movement with what it was for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from orders import kept_words, wallets
from orders.enums import TransferKind
from orders.models import Order
from orders.wallets import Line
from panel import statements
from panel.access import customer, customer_required
from panel.display import panel_currency
from panel.htmx import render
from panel.sheets import Cell
from panel.sheets import sheet as csv_sheet

SIZE = 50

WORDS = {
    TransferKind.ORDER: gettext_lazy("Order"),
    TransferKind.REFUND: gettext_lazy("Paid back"),
    TransferKind.CASH_TAKEN: gettext_lazy("Cash received"),
    TransferKind.PAID_OUT: gettext_lazy("Paid out to you"),
    TransferKind.TOP_UP: gettext_lazy("Top-up"),
    TransferKind.CORRECTION: gettext_lazy("Correction by our team"),
    TransferKind.GIFT: gettext_lazy("Credit from our team"),
    TransferKind.IMPORT: gettext_lazy("Balance brought along"),
}
FOR_THE_CLIENT = (TransferKind.CORRECTION, TransferKind.GIFT)
"""Whose reasons are written for the client's statement; other memos and all names are staff's."""


@dataclass(frozen=True)
class Movement:
    """One movement as its owner reads it: what it was, for which order or reason."""

    at: datetime
    what: str
    about: str
    order: int | None
    icon: str
    amount: Decimal
    balance: Decimal | None


@customer_required
def wallet(request: HttpRequest) -> HttpResponse:
    """The balance and the movements, fifty a page."""
    who, period = customer(request), statements.Period(request.GET)
    leaf = statements.leaf(
        lambda before, limit: wallets.statement(who, before, limit, period.span),
        request.GET.get("before"),
        period.of(reverse("my:wallet")),
        SIZE,
    )
    context = {
        "name": who.name,
        "number": who.pk,
        "credit_limit": who.credit_limit,
        "form": period.form,
        "figures": statements.figures(who, period.span),
        "movements": _told(leaf.lines),
        "newest": leaf.newest,
        "older": leaf.older,
        "sheet_url": period.of(reverse("my:wallet_sheet")),
        "currency": panel_currency(),
        "now": timezone.now(),
        "begin": period.form.cleaned_data.get("begin") if period.form.is_valid() else None,
        "end": period.form.cleaned_data.get("end") if period.form.is_valid() else None,
    }
    return render(request, "customer/wallet.html", context)


@customer_required
def sheet(request: HttpRequest) -> StreamingHttpResponse:
    """Every movement within the days, the newest first, as CSV."""
    who, span = customer(request), statements.Period(request.GET).span

    def rows() -> Iterator[list[Cell]]:
        for lines in statements.batches(who, span):
            for told in _told(lines):
                yield [told.at, told.what, told.order, told.about, told.amount, told.balance]

    head = ("When", "What", "Order", "About", f"Amount {panel_currency()}", "Balance")
    return csv_sheet("wallet.csv", head, rows())


def _told(lines: Sequence[Line]) -> list[Movement]:
    """One query, for the services of the orders."""
    orders = {line.transfer.order_id for line in lines if line.transfer.order_id}
    services = dict(Order.objects.filter(pk__in=orders).values_list("pk", "service__name"))
    return [_movement(line, services) for line in lines]


def _movement(line: Line, services: dict[int, str]) -> Movement:
    transfer = line.transfer
    kind = TransferKind(transfer.kind)
    reason = kept_words.told(transfer.memo) if kind in FOR_THE_CLIENT else ""
    return Movement(
        at=transfer.at,
        what=str(WORDS.get(kind, kind.label)),
        about=services.get(transfer.order_id or 0, reason),
        order=transfer.order_id,
        icon=statements.ICONS.get(kind, "wallet"),
        amount=line.amount,
        balance=transfer.balance_after,
    )
