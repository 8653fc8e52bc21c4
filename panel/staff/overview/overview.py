"""The staff's first page: what needs a hand, how the day goes, what happens now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from orders import health, statuses
from orders.models import Order
from orders.people import Person, visible_orders
from panel.access import person, staff_required
from panel.htmx import render
from panel.staff.orders import order_rows
from panel.staff.overview import (
    attention,
    overview_accounts,
    overview_cards,
    overview_figures,
    overview_machinery,
)

log = structlog.get_logger(__name__)

LATEST = 12
"""Eight are shown; more only beside a long list of what needs attention (board.css)."""

SHOWS = {
    "": pgettext_lazy("orders", "All"),
    "open": pgettext_lazy("orders", "Open"),
    "ended": pgettext_lazy("orders", "Ended"),
}
STATUSES = {"open": statuses.OPEN, "ended": statuses.FINAL}
PARTS = ("figures", "needs", "latest-orders", "state-of-things")


@dataclass(frozen=True)
class Card:
    """A card's content, or that it could not be worked out."""

    content: Any = None
    failed: bool = False


@staff_required
def overview(request: HttpRequest) -> HttpResponse:
    """The whole page; to HTMX one of its live parts."""
    who, now = person(request), timezone.now()
    span = overview_figures.span_of(request.GET.get("span", ""))
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    cards = {
        "steps": lambda: overview_cards.first_steps(now) if who.is_admin else None,
        "board": lambda: overview_figures.board(who, span, now),
        "needs": lambda: attention.needs(health.concerns(who, now), who, now),
        "latest": lambda: _latest(who, show),
        "accounts": lambda: overview_accounts.accounts(now) if who.sees_cost else None,
        "machines": lambda: overview_machinery.machines(who, now),
    }
    context = {name: _Once(name, build) for name, build in cards.items()}
    return render(
        request,
        "staff/overview.html",
        context | _head(span, show, now) | {"sees_cost": who.sees_cost, "is_admin": who.is_admin},
        parts=PARTS,
    )


def _head(span: overview_figures.Span, show: str, now: datetime) -> dict[str, Any]:
    return {
        "now": now,
        "show": show,
        "asked": urlencode({"span": span.slug, "show": show}),
        "shows": [
            {"label": str(label), "url": _url(span, slug), "current": slug == show}
            for slug, label in SHOWS.items()
        ],
        "against": overview_figures.against(span, now),
        "spans": [
            {"label": str(each.label), "url": _url(each, show), "current": each is span}
            for each in overview_figures.SPANS
        ],
    }


def _url(span: overview_figures.Span, show: str) -> str:
    return f"?{urlencode({'span': span.slug, 'show': show})}"


def _latest(who: Person, show: str) -> list[order_rows.Row]:
    """The newest orders; of some statuses, each status gives its own by its index."""
    mine = visible_orders(who).order_by("-pk")
    if show:
        newest = [
            pk
            for status in sorted(STATUSES[show])
            for pk in mine.filter(status=status).values_list("pk", flat=True)[:LATEST]
        ]
        mine = Order.objects.filter(pk__in=newest).order_by("-pk")
    return order_rows.rows(order_rows.joined(mine)[:LATEST], who)


class _Once:
    """A card that is worked out when the template first asks for it, or never: one that fails
    leaves the others standing."""

    def __init__(self, name: str, build: Callable[[], Any]):
        self._name, self._build = name, build
        self._card: Card | None = None

    def __call__(self) -> Card:
        if self._card is None:
            self._card = self._worked_out()
        return self._card

    def _worked_out(self) -> Card:
        try:
            return Card(self._build())
        except Exception:
            log.exception("overview.card_failed", card=self._name)
            return Card(failed=True)
