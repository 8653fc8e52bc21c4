"""One order of the customer's own: where it stands, what became of the money, what can be asked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import cancellations, panel_settings, refills, service_types, speeds
from orders import messages as written
from orders.enums import OrderStatus, TransferKind
from orders.errors import Declined, StateChanged
from orders.models import Order, User
from orders.people import visible_orders
from orders.statuses import FINAL, Reading
from orders.submission import why_held
from panel.access import customer_required, person, user
from panel.customer import conversation, follow_ups, order_rows, speed_words
from panel.customer.follow_ups import CANCEL_ASKED, FollowUp
from panel.customer.order_rows import Row
from panel.customer.order_words import reading
from panel.display import money_text
from panel.htmx import render
from panel.message_form import next_message
from panel.runs import Runs, runs_of

ON_THEIR_WAY = (
    OrderStatus.WAITING,
    OrderStatus.SENDING,
    OrderStatus.PENDING,
    OrderStatus.PROCESSING,
    OrderStatus.IN_PROGRESS,
)


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
class Typed:
    """A field of the order beside link and quantity, as it was typed."""

    label: str
    lines: list[str]

    @property
    def is_list(self) -> bool:
        return len(self.lines) > 1


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
    speed: str
    typed: list[Typed]
    has_ended: bool
    messages: list[conversation.Line]
    runs: Runs | None
    is_subscription: bool

    @property
    def awaits_answer(self) -> bool:
        """Whether the last word is the customer's, so that an answer may come."""
        return bool(self.messages) and self.messages[-1].is_mine


@customer_required
def order(request: HttpRequest, number: int) -> HttpResponse:
    """The page; to HTMX its live part."""
    found = _own(request, number)
    page = _page(found, timezone.now())
    return render(
        request,
        "customer/order.html",
        # Lazy: the live parts hold no form, and must not use up what is kept for one.
        {
            "page": page,
            "message_form": SimpleLazyObject(lambda: next_message(request, found)),
        },
        parts=("order-live", "message-list"),
        finished=_is_finished(request, page),
    )


def _is_finished(request: HttpRequest, page: OrderPage) -> bool:
    """Each of the two live parts goes on for as long as it has something to wait for."""
    if getattr(getattr(request, "htmx", None), "target", None) == "message-list":
        return not page.awaits_answer
    return not page.row.can_change


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
            _("This order has been sent in the meantime, so it was not canceled.")
        ) from changed
    return _all_back(order)


def _ask_to_stop(order: Order, by: User) -> str:
    asked = cancellations.request(order, by=by, now=timezone.now())
    return str(CANCEL_ASKED) if asked else _all_back(order)


def _all_back(order: Order) -> str:
    return _("Canceled. %(amount)s returned to your balance.") % {"amount": money_text(order.price)}


@customer_required
@require_POST
def refill(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for what has dropped to be filled up."""
    try:
        refills.request(_own(request, number), by=user(request), now=timezone.now())
    except Declined as declined:
        messages.error(request, str(declined))
    else:
        messages.success(request, _("Refill requested."))
    return redirect("my:order", number=number)


def _own(request: HttpRequest, number: int) -> Order:
    mine = order_rows.joined(visible_orders(person(request)))
    return get_object_or_404(mine, pk=number)


def _page(order: Order, now: datetime) -> OrderPage:
    row = order_rows.rows([order], now)[0]
    asked = follow_ups.of(order)
    no_cancel = cancellations.why_not_cancel(order)
    no_refill = refills.why_not_refill(order, now)
    messages_so_far = written.of(order)
    written.seen_by_customer(order, messages_so_far, now)
    return OrderPage(
        row=row,
        said=reading(order, panel_settings.current(), now),
        link=order.link,
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
        messages=conversation.lines(messages_so_far),
        speed=_speed(order, now),
        typed=_typed(order),
        has_ended=order.status in FINAL,
        runs=runs_of(order),
        is_subscription=order.is_subscription,
    )


def _speed(order: Order, now: datetime) -> str:
    """How long such orders usually take, of one that is on its way and not delayed; one in runs
    takes as long as it was told to."""
    if (
        order.runs
        or order.status not in ON_THEIR_WAY
        or why_held(order, panel_settings.current(), now)
    ):
        return ""
    measured = speeds.speeds([order.service_id]).get(order.service_id, speeds.UNKNOWN)
    said = speed_words.sentence(measured)
    return _("%(speed)s, counted from the order.") % {"speed": said} if said else ""


def _typed(order: Order) -> list[Typed]:
    kind = service_types.by_slug(order.service_type)
    found = []
    for field in kind.fields:
        value = order.details.get(field.name)
        if field.name in ("link", "quantity") or value in (None, "", []):
            continue
        words = str(dict(field.choices).get(str(value), field.told(str(value))))
        lines = list(map(str, value)) if isinstance(value, list) else [words]
        found.append(Typed(str(field.label), lines))
    return found


def _refunds(order: Order) -> list[Refund]:
    back = order.transfers.filter(kind=TransferKind.REFUND).order_by("pk")
    return [Refund(transfer.amount, transfer.at) for transfer in back[:20]]
