"""The refills list: what was asked for, how it stands and what the provider answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from orders import refills as verbs
from orders.enums import RefillStatus
from orders.errors import Declined, FieldErrors
from orders.models import REFILL_IN_FLIGHT, Refill
from orders.people import Person, visible_orders
from panel import paginator
from panel.access import person, staff_required, user
from panel.htmx import render

SIZE = paginator.SIZE
LOST = Q(status=RefillStatus.UNKNOWN) | Q(status__in=verbs.AT_PROVIDER, upstream_id="")
"""What nobody can ask the provider about: a person says what became of it."""

NOT_DONE = (RefillStatus.REJECTED, RefillStatus.FAILED, RefillStatus.CANCELED)


@dataclass(frozen=True)
class Tab:
    """Some of the refills, and what it says when there are none."""

    slug: str
    label: str
    fits: Q
    empty: str
    explained: str = ""


@dataclass(frozen=True)
class TabLink:
    """A tab as the page shows it."""

    label: str
    url: str
    current: bool
    count: None = None


@dataclass(frozen=True)
class Row:
    """One refill. Provider's words and id only for who sees the provider."""

    number: int
    order: int
    service: str
    client: str
    coin: str
    label: str
    asked_at: datetime
    asked_by: str
    changed_at: datetime
    upstream_id: str
    answer: str
    is_lost: bool
    in_flight: bool


TABS = (
    Tab(
        "",
        "All",
        Q(),
        "No refill has been asked for",
        "Open a completed order whose service has refills to ask for one.",
    ),
    Tab(
        "under-way",
        "Under way",
        Q(status__in=REFILL_IN_FLIGHT),
        "No refill is under way",
        "What was asked for has come to its end.",
    ),
    Tab("lost", "Answer lost", LOST, "No answer was lost", "The provider told us of every refill."),
    Tab("done", "Completed", Q(status=RefillStatus.COMPLETED), "No refill is completed yet"),
    Tab(
        "declined",
        "Declined",
        Q(status__in=NOT_DONE),
        "No refill was declined",
        "Those that a provider declines stand here, with its words.",
    ),
)


@staff_required
def refills(request: HttpRequest) -> HttpResponse:
    """The refills of all orders that the person may see; to HTMX only the table."""
    who, query = person(request), request.GET
    tab = next((tab for tab in TABS if tab.slug == query.get("tab", "")), TABS[0])
    page = paginator.page(_visible(who).filter(tab.fits), query, size=SIZE)
    rows = [_row(refill, who) for refill in page.rows]
    context = {
        "rows": rows,
        "newer": page.newer,
        "older": page.older,
        "tab": tab,
        "tabs": [_link(each, tab) for each in TABS],
        "sees_cost": who.sees_cost,
    }
    finished = not any(row.in_flight for row in rows)
    return render(
        request, "staff/refills.html", context, parts=("refill-table",), finished=finished
    )


class SettleForm(forms.Form):
    """What became of a refill; its number only from who sees the provider."""

    upstream_id = forms.CharField(label="Refill number", max_length=64, required=False)
    reason = forms.CharField(
        max_length=300,
        error_messages={"required": "Say why; it is kept with the order."},
    )

    def __init__(self, who: Person, *args: Any):
        super().__init__(*args)
        if not who.sees_cost:
            del self.fields["upstream_id"]


@staff_required
def settle(request: HttpRequest, number: int) -> HttpResponse:
    """Say what became of a refill that nobody can ask the provider about."""
    who = person(request)
    refill = get_object_or_404(_visible(who).filter(LOST), pk=number)
    form = SettleForm(who, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (answer := _settle(request, refill, form)):
        return answer
    context = {"row": _row(refill, who), "form": form}
    status = 422 if form.errors else 200
    return render(request, "staff/settle_refill.html", context, status=status)


def _settle(request: HttpRequest, refill: Refill, form: SettleForm) -> HttpResponse | None:
    """Settle it and go back; None when the form says what stands against it."""
    try:
        settled = verbs.settle(refill, by=user(request), now=timezone.now(), **form.cleaned_data)
    except FieldErrors as error:
        for name, text in error.errors.items():
            form.add_error(name if name in form.fields else None, text)
        return None
    except Declined as error:
        form.add_error(None, str(error))
        return None
    went_on = "is followed." if settled.upstream_id else "is closed; it can be asked for again."
    messages.success(request, f"The refill of order {settled.order_id} {went_on}")
    return redirect("staff:refills")


def _visible(who: Person) -> QuerySet[Refill]:
    found = Refill.objects.select_related("order__service", "order__customer", "asked_by")
    return found if who.sees_all else found.filter(order__in=visible_orders(who))


def _link(tab: Tab, current: Tab) -> TabLink:
    return TabLink(tab.label, f"?tab={tab.slug}" if tab.slug else "?", tab is current)


def _row(refill: Refill, who: Person) -> Row:
    unnumbered = refill.status in verbs.AT_PROVIDER and not refill.upstream_id
    return Row(
        number=refill.pk,
        order=refill.order_id,
        service=refill.order.service.name,
        client=refill.order.customer.name,
        coin=refill.status,
        label=refill.get_status_display(),
        asked_at=refill.asked_at,
        asked_by=str(refill.asked_by),
        changed_at=refill.changed_at,
        upstream_id=refill.upstream_id if who.sees_cost else "",
        answer=refill.answer if who.sees_cost else "",
        is_lost=refill.status == RefillStatus.UNKNOWN or unnumbered,
        in_flight=refill.status in REFILL_IN_FLIGHT,
    )
