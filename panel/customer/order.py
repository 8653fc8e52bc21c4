"""One order of the customer's own: where it stands, what became of the money, what can be asked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from orders import cancellations, panel_settings, refills
from orders.enums import OrderStatus, TransferKind
from orders.errors import Declined, StateChanged
from orders.models import Order, User
from orders.people import visible_orders
from orders.statuses import Reading
from panel.access import customer_required, person, user
from panel.customer import follow_ups, order_rows
from panel.customer.follow_ups import CANCEL_ASKED, FollowUp
from panel.customer.order_rows import Row
from panel.customer.order_words import reading
from panel.display import money_text
from panel.htmx import render


@dataclass(frozen=True)
class Refund:
    """Money that came back."""

    amount: Decimal
    at: datetime


@dataclass(frozen=True)
class Act:
    """Something to ask for, or the sentence that says why not."""

    is_possible: bool
    why_not: str


@dataclass(frozen=True)
class OrderPage:
    """What the page shows, in plain values."""

    row: Row
    said: Reading
    link: str
    url: str
    price: Decimal
    refunds: list[Refund]
    start_count: int | None
    finished_at: datetime | None
    follow_ups: list[FollowUp]
    cancel: Act
    refill: Act
    waits: bool


@customer_required
def order(request: HttpRequest, number: int) -> HttpResponse:
    """The page; to HTMX its live part."""
    page = _page(_own(request, number), timezone.now())
    return render(
        request,
        "customer/order.html",
        {"page": page},
        parts=("order-live",),
        finished=not page.row.can_change,
    )


@customer_required
@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel what waits, ask the supplier about what runs."""
    order = _own(request, number)
    promised = request.GET.get("from") == "waiting"
    try:
        done = (_cancel_waiting if promised else _ask_to_stop)(order, user(request))
    except Declined as declined:
        messages.error(request, str(declined))
    else:
        messages.success(request, done)
    return redirect("my:order", number=number)


def _cancel_waiting(order: Order, by: User) -> str:
    """Who was promised the whole price gets that or nothing."""
    try:
        cancellations.cancel_waiting(order, by=by, now=timezone.now())
    except StateChanged as changed:
        raise StateChanged(
            "This order has been sent in the meantime, so it was not canceled."
        ) from changed
    return _all_back(order)


def _ask_to_stop(order: Order, by: User) -> str:
    asked = cancellations.request(order, by=by, now=timezone.now())
    return CANCEL_ASKED if asked else _all_back(order)


def _all_back(order: Order) -> str:
    return f"Canceled. {money_text(order.price)} returned to your balance."


@customer_required
@require_POST
def refill(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for what has dropped to be filled up."""
    try:
        refills.request(_own(request, number), by=user(request), now=timezone.now())
    except Declined as declined:
        messages.error(request, str(declined))
    else:
        messages.success(request, "Refill requested.")
    return redirect("my:order", number=number)


def _own(request: HttpRequest, number: int) -> Order:
    mine = order_rows.joined(visible_orders(person(request)))
    return get_object_or_404(mine, pk=number)


def _page(order: Order, now: datetime) -> OrderPage:
    row = order_rows.rows([order], now)[0]
    asked = follow_ups.of(order)
    no_cancel = cancellations.why_not_cancel(order)
    no_refill = refills.why_not_refill(order, now)
    return OrderPage(
        row=row,
        said=reading(order, panel_settings.current(), now),
        link=row.link,
        url=order.link if order.link.startswith(("https://", "http://")) else "",
        price=order.price,
        refunds=_refunds(order),
        start_count=order.start_count,
        finished_at=order.finished_at,
        follow_ups=list(asked),
        # While one is under way, its own line says so.
        cancel=Act(not no_cancel, "" if asked.cancel_is_open else no_cancel),
        refill=Act(not no_refill, "" if asked.refill_is_open else no_refill),
        waits=order.status == OrderStatus.WAITING,
    )


def _refunds(order: Order) -> list[Refund]:
    back = order.transfers.filter(kind=TransferKind.REFUND).order_by("pk")
    return [Refund(transfer.amount, transfer.at) for transfer in back[:20]]
