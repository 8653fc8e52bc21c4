"""Top-ups that customers asked for: those that wait for a person, all, and deciding one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from orders import topups
from orders.enums import TopUpStatus
from orders.errors import Declined
from orders.kept_words import told
from orders.models import TopUp
from orders.people import Person
from panel import paginator
from panel.access import person, staff_required, user
from panel.display import money_text
from panel.htmx import render
from panel.staff.amounts import AmountField, add_refusal

COINS = {
    TopUpStatus.REQUESTED: "waiting",
    TopUpStatus.CHECKOUT: "pending",
    TopUpStatus.HELD: "held",
    TopUpStatus.ADDED: "completed",
    TopUpStatus.DECLINED: "refused",
    TopUpStatus.WITHDRAWN: "canceled",
    TopUpStatus.EXPIRED: "canceled",
}
DECIDABLE = (TopUpStatus.REQUESTED, TopUpStatus.HELD)
INVALID = 422


class ApproveForm(forms.Form):
    """What arrived."""

    received = AmountField(label=gettext_lazy("What arrived"), max_value=10**9, decimal_places=2)


class DeclineForm(forms.Form):
    """Why nothing is added."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("The client reads it."),
        error_messages={"required": gettext_lazy("Say why; the client reads it.")},
    )


@dataclass(frozen=True)
class Row:
    """One top-up."""

    number: int
    reference: str
    client: str
    client_number: int
    way: str
    amount: Decimal
    fee: Decimal
    added: Decimal
    coin: str
    label: str
    asked_at: datetime
    ended_at: datetime | None
    decided_by: str
    note: str
    flag: str
    reason: str
    payment_id: str
    has_proof: bool


@staff_required
def top_ups(request: HttpRequest) -> HttpResponse:
    """The list; to HTMX only the table."""
    who, shows_all = person(request), request.GET.get("tab") == "all"
    client = request.GET.get("client", "")
    found = topups.visible(who) if shows_all or client else topups.to_decide(who)
    if client.isascii() and client.isdecimal() and len(client) < 19:
        found = found.filter(customer=int(client))
    # The oldest first where somebody has to act on them.
    page = paginator.page(_joined(found), request.GET, rising=not (shows_all or client))
    return render(
        request,
        "staff/top_ups.html",
        {
            "rows": [_row(one) for one in page.rows],
            "newer": page.newer,
            "older": page.older,
            "shows_all": shows_all or bool(client),
            "tabs": lambda: _tabs(who, shows_all or bool(client)),
            "is_admin": who.is_admin,
        },
        parts=("top-up-table",),
    )


@staff_required
def top_up(request: HttpRequest, number: int) -> HttpResponse:
    """One top-up, with what can be decided about it."""
    return _page(request, _found(request, number))


@staff_required
@require_POST
def approve(request: HttpRequest, number: int) -> HttpResponse:
    """Add what arrived."""
    found, form = _found(request, number), ApproveForm(request.POST)
    if form.is_valid():
        try:
            received = form.cleaned_data["received"]
            done = topups.approve(found, by=user(request), now=timezone.now(), received=received)
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(
                request,
                _("%(credit)s added to %(name)s.")
                % {"credit": money_text(done.credit), "name": done.customer.name},
            )
            return redirect("staff:top_up", number=number)
    return _page(request, found, approving=form)


@staff_required
@require_POST
def decline(request: HttpRequest, number: int) -> HttpResponse:
    """Add nothing."""
    found, form = _found(request, number), DeclineForm(request.POST)
    if form.is_valid():
        try:
            topups.decline(found, by=user(request), now=timezone.now(), **form.cleaned_data)
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Declined. Nothing was added; the client reads why."))
            return redirect("staff:top_up", number=number)
    return _page(request, found, declining=form)


@staff_required
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """What the customer sent, as a file to keep, never as a page of ours."""
    mine = topups.visible(person(request)).filter(proof__isnull=False)
    sent = get_object_or_404(mine.select_related("proof"), pk=number).proof
    ending = sent.content_type.rpartition("/")[2].replace("jpeg", "jpg")
    response = HttpResponse(bytes(sent.content), content_type=sent.content_type)
    response["Content-Disposition"] = f'attachment; filename="HP-{number}.{ending}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def _found(request: HttpRequest, number: int) -> TopUp:
    return get_object_or_404(_joined(topups.visible(person(request))), pk=number)


def _joined(found: QuerySet[TopUp]) -> QuerySet[TopUp]:
    related = found.select_related("method", "customer", "decided_by", "proof")
    return related.defer("proof__content")


def _page(request: HttpRequest, found: TopUp, **forms_so_far: Any) -> HttpResponse:
    fresh = ApproveForm(initial={"received": f"{found.amount.normalize():f}"})
    context = {
        "one": _row(found),
        "can_decide": found.status in DECIDABLE,
        "is_own": found.customer.user_id == user(request).pk,
        "approving": forms_so_far.get("approving") or fresh,
        "declining": forms_so_far.get("declining") or DeclineForm(),
    }
    return render(request, "staff/top_up.html", context, status=INVALID if forms_so_far else 200)


def _row(one: TopUp) -> Row:
    status = TopUpStatus(one.status)
    return Row(
        number=one.pk,
        reference=one.reference,
        client=one.customer.name,
        client_number=one.customer_id,
        way=one.method.name,
        amount=one.amount,
        fee=one.fee,
        added=one.credit,
        coin=COINS[status],
        label=str(status.label),
        asked_at=one.asked_at,
        ended_at=one.ended_at,
        decided_by=str(one.decided_by or ""),
        note=one.note,
        flag=told(one.flag),
        reason=one.reason,
        payment_id=one.payment_id or "",
        has_proof=hasattr(one, "proof"),
    )


def _tabs(who: Person, shows_all: bool) -> list[dict[str, Any]]:
    waiting = paginator.count_up_to(topups.to_decide(who))
    return [
        {"label": _("To decide"), "url": "?", "current": not shows_all, "count": waiting},
        {"label": _("All"), "url": "?tab=all", "current": shows_all, "count": None},
    ]
