"""Reconciliation: every provider at a glance, one by day, and what was paid in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import reconcile
from orders.errors import Declined
from orders.models import Provider
from panel.access import admin_required, cost_required, person, user
from panel.display import money_text
from panel.htmx import render
from panel.sheets import sheet as csv_sheet
from panel.staff.amounts import add_refusal, refusal_text
from panel.staff.reconciliation import account_page, account_rows
from panel.staff.reconciliation.account_page import AccountPage
from panel.staff.reconciliation.forms import TakeBackForm, TopUpForm

INVALID = 422
MOST = 100


@cost_required
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Every provider over the same days; three queries for any number of them."""
    now, days = timezone.now(), account_page.days_of(request.GET.get("days", ""))
    providers = list(Provider.objects.select_related("state").order_by("name")[:MOST])
    spans = reconcile.spans(providers, account_page.first_of(days, now), now)
    rows = [{"span": span, "verdict": account_rows.verdict(span)} for span in spans]
    periods = [
        {
            "label": _("%(days)s days") % {"days": length},
            "url": f"?days={slug}",
            "current": length == days,
        }
        for slug, length in account_page.PERIODS.items()
    ]
    context = {"rows": rows, "periods": periods, "days": days, "is_admin": person(request).is_admin}
    return render(request, "staff/reconciliation.html", context)


@cost_required
def account(request: HttpRequest, number: int) -> HttpResponse:
    """One provider by day."""
    found = _provider(number)
    return _page(request, found, _empty_form(found))


@cost_required
def sheet(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """The days as CSV, the earliest first, with the readings that bound them."""
    page = AccountPage(_provider(number), person(request), request.GET, timezone.now())
    head = ("Day", "From", "Balance", "To", "Balance", "Moved", "Charged", "Given back")
    more = ("Topped up", "Unexplained", "May be off", "Unexplained so far", "Currency")
    return csv_sheet(f"reconciliation-{number}.csv", head + more, _lines(page))


@admin_required
@require_POST
def top_up(request: HttpRequest, number: int) -> HttpResponse:
    """Write down what was paid onto the provider's account."""
    found = _provider(number)
    form = TopUpForm(found, request.POST)
    if form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        try:
            row = reconcile.record_top_up(found, **said, by=user(request), now=timezone.now())
        except Declined as error:
            add_refusal(form, error)
        else:
            amount = money_text(row.amount, found.currency)
            messages.success(
                request, _("The top-up of %(amount)s is on record.") % {"amount": amount}
            )
            return redirect("staff:reconciliation_account", number=number)
    return _page(request, found, form, status=INVALID)


@admin_required
@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Undo a top-up that was written down wrongly."""
    found, form = _provider(number), TakeBackForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was taken back: say what was wrong with it."))
        return redirect("staff:reconciliation_account", number=number)
    try:
        row = reconcile.take_back(
            found,
            form.cleaned_data["number"],
            by=user(request),
            now=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except Declined as error:
        messages.error(request, refusal_text(error))
    else:
        amount = money_text(-row.amount, found.currency)
        messages.success(
            request,
            _("The top-up of %(amount)s is taken back; both lines stay.") % {"amount": amount},
        )
    return redirect("staff:reconciliation_account", number=number)


def _provider(number: int) -> Provider:
    return get_object_or_404(Provider.objects.select_related("state"), pk=number)


def _empty_form(provider: Provider) -> TopUpForm:
    return TopUpForm(provider, initial={"at": timezone.localtime()})


def _page(
    request: HttpRequest, provider: Provider, form: TopUpForm, *, status: int = 200
) -> HttpResponse:
    page = AccountPage(provider, person(request), request.GET, timezone.now())
    return render(request, "staff/reconciled.html", {"page": page, "form": form}, status=status)


def _lines(page: AccountPage) -> Any:
    for day, row in zip(page.account.days, page.rows, strict=True):
        opening, closing = day.span.opening, day.span.closing
        yield [
            day.day.isoformat(),
            opening and opening.at,
            opening and opening.amount,
            closing and closing.at,
            closing and closing.amount,
            row.observed,
            row.charged,
            row.returned,
            row.topped_up,
            row.unexplained,
            row.may_be_off,
            row.so_far,
            page.currency,
        ]
