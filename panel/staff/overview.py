"""The staff's first page: what needs a hand, how the day goes, what happens now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from orders import health
from orders.people import Person, visible_orders
from panel.access import person, staff_required
from panel.htmx import render
from panel.staff import attention, order_rows, overview_cards, overview_figures

log = structlog.get_logger(__name__)

LATEST = 8


@dataclass(frozen=True)
class Card:
    """A card's content, or that it could not be worked out."""

    content: Any = None
    failed: bool = False


@staff_required
def overview(request: HttpRequest) -> HttpResponse:
    """The whole page; to HTMX its live list of orders or of needs."""
    who, now = person(request), timezone.now()
    span = overview_figures.span_of(request.GET.get("span", ""))
    cards = {
        "steps": lambda: overview_cards.first_steps(who, now) if who.is_admin else [],
        "board": lambda: overview_figures.board(who, span, now),
        "needs": lambda: attention.needs(health.concerns(who, now), who, now),
        "latest": lambda: _latest(who),
        "accounts": lambda: overview_cards.accounts(now) if who.sees_cost else [],
        "jobs": lambda: overview_cards.jobs(now),
    }
    context = {name: _Once(name, build) for name, build in cards.items()}
    return render(
        request,
        "staff/overview.html",
        context | _head(span, now) | {"sees_cost": who.sees_cost, "is_admin": who.is_admin},
        parts=("latest-orders", "needs"),
    )


def _head(span: overview_figures.Span, now: datetime) -> dict[str, Any]:
    return {
        "now": now,
        "against": overview_figures.against(span, now),
        "spans": [
            {"label": each.label, "url": f"?span={each.slug}", "current": each is span}
            for each in overview_figures.SPANS
        ],
    }


def _latest(who: Person) -> list[order_rows.Row]:
    newest = order_rows.joined(visible_orders(who)).order_by("-pk")[:LATEST]
    return order_rows.rows(newest, who)


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
