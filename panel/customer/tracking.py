"""One order at its tracking address: for whoever holds the address, without a sign-in.

Who holds it may be anybody, so it tells where the order stands and nothing else: no client, no
link, no other order, and no way on to any other page.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders import panel_settings, tracking
from orders.models import Order
from orders.statuses import Reading
from panel.customer import order_rows
from panel.customer.order_words import reading
from panel.htmx import render
from panel.origins import guesses_too_much, note_guess
from panel.runs import Runs, runs_of

TEMPLATE = "tracking/order.html"
GONE = "tracking/gone.html"
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive"}


@dataclass(frozen=True)
class Tracked:
    """What the page shows, in plain values."""

    number: int
    service: str
    said: Reading
    coin: str
    ordered: int
    delivered: int | None
    price: Decimal
    returned: Decimal
    placed_at: datetime
    ended_at: datetime | None
    can_change: bool
    runs: Runs | None


@never_cache
@require_safe
def order(request: HttpRequest, key: str) -> HttpResponse:
    """The page; to HTMX its live part. An unknown key and a revoked one get the same answer."""
    response = guesses_too_much(request) or _looked_up(request, key)
    for name, value in HEADERS.items():
        response[name] = value
    return response


def _looked_up(request: HttpRequest, key: str) -> HttpResponse:
    number = tracking.order_with(key)
    page = None if number is None else _tracked(number, timezone.now())
    if page is None:
        note_guess(request)
        response = render(request, GONE, {}, status=404)
        response["HX-Refresh"] = "true"  # an open page that was revoked shows it at once
        return response
    context, finished = {"page": page, "key": key}, not page.can_change
    return render(request, TEMPLATE, context, parts=("order-live",), finished=finished)


def _tracked(number: int, now: datetime) -> Tracked:
    order = order_rows.joined(Order.objects.all()).get(pk=number)
    (row,) = order_rows.rows([order], now)
    return Tracked(
        number=row.number,
        service=row.service,
        said=reading(order, panel_settings.current(), now),
        coin=row.coin,
        ordered=row.ordered,
        delivered=row.delivered,
        price=order.price,
        returned=row.returned,
        placed_at=row.placed_at,
        ended_at=order.finished_at,
        can_change=row.can_change,
        runs=runs_of(order),
    )
