"""A customer puts money on their balance: choose a way and an amount, pay, see it arrive."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from orders import panel_settings, topups
from orders.enums import PaymentKind, TopUpStatus
from orders.errors import Declined, FieldErrors
from orders.kept_words import told
from orders.models import OPEN_TOP_UPS, Customer, PaymentMethod, TopUp
from panel import paginator
from panel.access import customer_required, person, user
from panel.amounts import AmountField, as_typed, read
from panel.customer.top_up_words import Words, terms_of, words_of
from panel.htmx import render

LATEST = 5
"""Earlier top-ups beside the form."""


class TopUpForm(forms.Form):
    """How much, which way, and what proves it."""

    amount = AmountField(
        label=gettext_lazy("How much do you pay?"), max_value=10**9, decimal_places=2
    )
    method = forms.ModelChoiceField(
        PaymentMethod.objects.none(),
        label=gettext_lazy("Which way?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a way to pay.")},
    )
    proof = forms.FileField(
        label=gettext_lazy("Proof of the payment"),
        required=False,
        help_text=gettext_lazy("A picture (PNG, JPEG) or a PDF of up to 2 MB."),
        widget=forms.FileInput({"accept": "image/png,image/jpeg,application/pdf"}),
        error_messages={"empty": gettext_lazy("This file is empty.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Such as the name on the account you pay from."),
    )
    client_key = forms.CharField(max_length=80, widget=forms.HiddenInput)
    next = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        offered = topups.offered()
        self.fields["method"].queryset = offered  # type: ignore[attr-defined]
        self.fields["note"].limits = _("optional")  # type: ignore[attr-defined]
        self.fields["proof"].limits = _("where it is asked for")  # type: ignore[attr-defined]

    def upload(self) -> topups.Upload | None:
        """The proof, read no further than it may be long."""
        sent = self.cleaned_data["proof"]
        return topups.Upload(sent.read(topups.MOST_BYTES + 1)) if sent else None


@dataclass(frozen=True)
class Way:
    """A way to pay, as a card of the form."""

    number: int
    name: str
    terms: str
    is_chosen: bool
    asks_proof: bool
    fee: Decimal | None
    added: Decimal | None


@dataclass(frozen=True)
class Row:
    """One top-up in the list."""

    number: int
    reference: str
    way: str
    amount: Decimal
    added: Decimal
    asked_at: datetime
    words: Words


@customer_required
def top_up(request: HttpRequest) -> HttpResponse:
    """The form, worked out anew while it is filled in, and asking."""
    customer = person(request).customer
    assert customer is not None  # customer_required
    form, status = _form(request), 200
    if request.method == "POST":
        if form.is_valid() and (done := _carry_out(request, customer, form)):
            return done
        status = 422
    return render(
        request,
        "customer/top_up.html",
        {
            "form": form,
            "ways": _ways(form),
            "rows": _rows(customer)[:LATEST],
            "is_blocked": customer.is_blocked,
            "next_url": _local(request, str(form["next"].value() or "")),
        },
        parts=("ways",),
        status=status,
    )


@customer_required
def top_ups(request: HttpRequest) -> HttpResponse:
    """All of the customer's own, newest first."""
    found = topups.visible(person(request)).select_related("method")
    page = paginator.page(found, request.GET)
    rows = [_row(one) for one in page.rows]
    context = {"rows": rows, "newer": page.newer, "older": page.older}
    return render(request, "customer/top_ups.html", context)


@customer_required
def asked(request: HttpRequest, number: int) -> HttpResponse:
    """One top-up: what to do, and where it stands; to HTMX its live part."""
    found = _own(request, number)
    if found.status == TopUpStatus.CHECKOUT:
        found = topups.look(found, timezone.now())
    is_open = found.status in OPEN_TOP_UPS
    next_url = _local(request, request.GET.get("next", ""))
    return render(
        request,
        "customer/asked_top_up.html",
        {
            "one": _row(found),
            "instructions": found.method.instructions.replace("{reference}", found.reference),
            "is_open": is_open,
            "can_withdraw": found.status in (TopUpStatus.REQUESTED, TopUpStatus.CHECKOUT),
            "pay_url": found.checkout_url if found.status == TopUpStatus.CHECKOUT else "",
            "fee": found.fee,
            "note": found.note,
            "reason": told(found.reason),
            "next_url": next_url,
            "live_url": _page(found.pk, next_url),
        },
        parts=("top-up-live",),
        finished=not is_open,
    )


@customer_required
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take a request back."""
    try:
        topups.withdraw(_own(request, number), by=user(request), now=timezone.now())
    except Declined as declined:
        messages.error(request, str(declined))
    else:
        messages.success(request, _("Withdrawn. Money that arrives all the same is added."))
    return redirect("my:asked_top_up", number=number)


def _own(request: HttpRequest, number: int) -> TopUp:
    mine = topups.visible(person(request)).select_related("method", "customer")
    return get_object_or_404(mine, pk=number)


def _form(request: HttpRequest) -> TopUpForm:
    if request.method == "POST":
        return TopUpForm(request.POST, request.FILES)
    first = topups.offered().values_list("pk", flat=True).first()
    # What is typed so far comes by GET, from the part that works out what is added.
    initial = {
        "amount": as_typed(request.GET.get("amount", "")[:20]),
        "method": request.GET.get("method", "")[:20] or first,
        "client_key": uuid4().hex,
        "next": _local(request, request.GET.get("next", "")),
    }
    return TopUpForm(initial=initial)


def _ways(form: TopUpForm) -> list[Way]:
    chosen = str(form["method"].value() or "")
    amount = read(form["amount"].value())
    return [_way(method, amount, str(method.pk) == chosen) for method in topups.offered()]


def _way(method: PaymentMethod, amount: Decimal | None, is_chosen: bool) -> Way:
    fits = amount is not None and amount >= method.least and amount < 10**9
    fits = fits and (method.most is None or (amount or 0) <= method.most)
    fee = topups.fee_of(method, amount) if fits and amount is not None else None
    return Way(
        number=method.pk,
        name=method.name,
        terms=terms_of(method),
        is_chosen=is_chosen,
        asks_proof=method.asks_proof,
        fee=fee,
        added=None if fee is None or amount is None else amount - fee,
    )


def _carry_out(request: HttpRequest, customer: Customer, form: TopUpForm) -> HttpResponse | None:
    """Ask, or begin the payment, and lead to its page; None when the form says what is wrong."""
    data, now = form.cleaned_data, timezone.now()
    common: dict[str, Any] = {"by": user(request), "now": now, "client_key": data["client_key"]}
    method, amount = data["method"], data["amount"]
    try:
        if method.kind == PaymentKind.MANUAL:
            proof, note = form.upload(), data["note"]
            made = topups.ask(customer, method, amount, note=note, proof=proof, **common)
        else:
            title, back = panel_settings.current().name, _back(request, data["next"])
            made = topups.begin(customer, method, amount, title=title, back=back, **common)
    except FieldErrors as error:
        for name, text in error.errors.items():
            form.add_error(name if name in form.fields else None, text)
        return None
    except Declined as error:
        form.add_error(None, str(error))
        return None
    return redirect(_page(made.pk, _local(request, data["next"])))


def _page(number: int, next_url: str) -> str:
    query = f"?{urlencode({'next': next_url})}" if next_url else ""
    return reverse("my:asked_top_up", args=[number]) + query


def _back(request: HttpRequest, next_url: str) -> str:
    """The page's address for the gateway, with a place for the number that is not known yet."""
    path = request.build_absolute_uri(_page(0, _local(request, next_url)))
    return path.replace("/0/", "/{number}/", 1)


def _local(request: HttpRequest, url: str) -> str:
    """The address to go back to, if it is one of ours."""
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, {request.get_host()})
    return url if is_ours else ""


def _rows(customer: Customer) -> list[Row]:
    found = TopUp.objects.filter(customer=customer).select_related("method").order_by("-pk")
    return [_row(one) for one in found[: LATEST + 1]]


def _row(one: TopUp) -> Row:
    return Row(
        number=one.pk,
        reference=one.reference,
        way=one.method.name,
        amount=one.amount,
        added=one.credit,
        asked_at=one.asked_at,
        words=words_of(one),
    )
