"""What is done to several orders of the list at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_POST

from orders import cancellations, lateness, refills
from orders.models import Order, User
from orders.people import visible_orders
from panel.access import person, staff_required, user
from panel.htmx import render
from panel.staff.orders.outcomes import Words, carry_out, numbers_in

MOST = 100
"""How many orders one request may be about."""


@dataclass(frozen=True)
class Act:
    """One bulk act. `do` carries it out for an order and says which of the `words` it made
    true; it raises `Declined` with the reason when it is not done."""

    do: Callable[[Order, User, datetime], str]
    words: Words


def _cancel(order: Order, by: User, now: datetime) -> str:
    return "canceled" if cancellations.request(order, by=by, now=now) is None else "asked"


def _refill(order: Order, by: User, now: datetime) -> str:
    refills.request(order, by=by, now=now)
    return "asked"


def _mark(order: Order, by: User, now: datetime) -> str:
    lateness.mark_asked(order, by=by, now=now)
    return "marked"


ACTS = {
    "cancel": Act(
        _cancel,
        Words(
            gettext_lazy("No order was asked to be canceled."),
            {
                "canceled": ngettext_lazy(
                    "%(count)s order canceled before sending and paid back.",
                    "%(count)s orders canceled before sending and paid back.",
                    "count",
                ),
                "asked": ngettext_lazy(
                    "%(count)s order asked to be canceled; the provider decides.",
                    "%(count)s orders asked to be canceled; the provider decides.",
                    "count",
                ),
            },
        ),
    ),
    "refill": Act(
        _refill,
        Words(
            gettext_lazy("No refill was asked for."),
            {
                "asked": ngettext_lazy(
                    "%(count)s order asked to be refilled.",
                    "%(count)s orders asked to be refilled.",
                    "count",
                )
            },
        ),
    ),
    "asked": Act(
        _mark,
        Words(
            gettext_lazy("No order was marked as asked."),
            {
                "marked": ngettext_lazy(
                    "%(count)s order marked as asked.",
                    "%(count)s orders marked as asked.",
                    "count",
                )
            },
        ),
    ),
}


@staff_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Carry one act out for the chosen orders; each stands or falls by itself."""
    act = ACTS.get(request.POST.get("act", ""))
    numbers = numbers_in(request.POST.getlist("order"))
    if act is None or len(numbers) > MOST:
        return HttpResponseBadRequest(
            _("One known act, for %(most)s orders at most.") % {"most": MOST}
        )
    mine = visible_orders(person(request)).select_related("customer")
    found = list(mine.filter(pk__in=numbers).order_by("-pk"))
    by, now = user(request), timezone.now()
    outcome = carry_out(found, lambda order: act.do(order, by, now), act.words)
    response = render(request, "staff/bulk.html", {"outcome": outcome}, parts=("bulk-outcome",))
    response["HX-Trigger-After-Settle"] = "orders-changed"
    return response
