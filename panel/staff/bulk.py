"""What is done to several orders of the list at once: the verb of each, then a plain summary."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.views.decorators.http import require_POST

from orders import cancellations, lateness, refills
from orders.errors import Declined
from orders.models import Order, User
from orders.people import visible_orders
from panel.access import person, staff_required, user
from panel.htmx import render

log = structlog.get_logger(__name__)

MOST = 100
"""How many orders one request may be about."""

BROKE = "Something broke on our side. Look at the order before you ask again."


@dataclass(frozen=True)
class Act:
    """One bulk act. `do` carries it out for an order and says which of the `words` it made
    true; it raises `Declined` with the reason when it is not done."""

    do: Callable[[Order, User, datetime], str]
    nothing: str
    """Said when it was done for no order."""


@dataclass(frozen=True)
class Outcome:
    """What became of one request, in sentences with the numbers of the orders they are true of."""

    done: dict[str, list[int]]
    left: dict[str, list[int]]
    """For which it was not done, by the reason."""
    nothing: str

    @property
    def count_left(self) -> int:
        return sum(len(numbers) for numbers in self.left.values())


def _cancel(order: Order, by: User, now: datetime) -> str:
    if cancellations.request(order, by=by, now=now) is None:
        return "canceled before sending and paid back"
    return "asked to be canceled; the provider decides"


def _refill(order: Order, by: User, now: datetime) -> str:
    refills.request(order, by=by, now=now)
    return "asked to be refilled"


def _mark(order: Order, by: User, now: datetime) -> str:
    lateness.mark_asked(order, by=by, now=now)
    return "marked as asked"


ACTS = {
    "cancel": Act(_cancel, "No order was asked to be canceled."),
    "refill": Act(_refill, "No refill was asked for."),
    "asked": Act(_mark, "No order was marked as asked."),
}


@staff_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Carry one act out for the chosen orders; each stands or falls by itself."""
    act = ACTS.get(request.POST.get("act", ""))
    numbers = _numbers(request.POST.getlist("order"))
    if act is None or len(numbers) > MOST:
        return HttpResponseBadRequest(f"One known act, for {MOST} orders at most.")
    mine = visible_orders(person(request)).select_related("customer")
    found = list(mine.filter(pk__in=numbers).order_by("-pk"))
    outcome = carry_out(act, found, by=user(request), now=timezone.now())
    response = render(request, "staff/bulk.html", {"outcome": outcome}, parts=("bulk-outcome",))
    response["HX-Trigger-After-Settle"] = "orders-changed"
    return response


def carry_out(act: Act, orders: Iterable[Order], *, by: User, now: datetime) -> Outcome:
    """Do it order by order; what goes wrong with one is told and stops none of the others."""
    outcome = Outcome({}, {}, act.nothing)
    for order in orders:
        try:
            outcome.done.setdefault(act.do(order, by, now), []).append(order.pk)
        except Declined as error:
            outcome.left.setdefault(str(error), []).append(order.pk)
        except Exception:
            log.exception("bulk.broke", order=order.pk)
            outcome.left.setdefault(BROKE, []).append(order.pk)
    return outcome


def _numbers(texts: Iterable[str]) -> set[int]:
    return {int(text) for text in texts if text.isdecimal() and len(text) < 19}
