"""The page on the API, and what a customer does there: make a key, revoke one, allow repeats."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from orders import api_keys, drafts, panel_settings, shop
from orders.errors import Declined, FieldErrors, NotAllowed
from orders.models import ApiKey, Customer
from orders.shop import Listed
from panel import api_errors
from panel.access import customer_required, person, user
from panel.api_rows import figure, service_row
from panel.customer.api import calls, languages, reference
from panel.display import localised
from panel.htmx import render

INVALID = 422


class KeyForm(forms.Form):
    """What a new key is for."""

    name = forms.CharField(
        max_length=60,
        label=gettext_lazy("What uses it"),
        help_text=gettext_lazy("The name of your shop or program, to tell keys apart."),
    )


@customer_required
def api(request: HttpRequest) -> HttpResponse:
    """Keys and reference."""
    return _page(request, KeyForm())


@customer_required
@require_POST
def make_key(request: HttpRequest) -> HttpResponse:
    """Make a key and show it, this once."""
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            made, key = api_keys.make(
                _me(request), form.cleaned_data["name"], by=user(request), now=timezone.now()
            )
        except FieldErrors as wrong:
            form.add_error("name", wrong.errors.get("name", str(wrong)))
        else:
            shown = render(request, "customer/api_key.html", {"name": made.name, "key": key})
            add_never_cache_headers(shown)
            return shown
    return _page(request, form, status=INVALID)


@customer_required
@require_POST
def revoke_key(request: HttpRequest, number: int) -> HttpResponse:
    """Close a key for good."""
    mine = api_keys.of(_me(request)).select_related("customer")
    key = get_object_or_404(mine, pk=number)
    try:
        api_keys.revoke(key, by=user(request), now=timezone.now())
    except Declined as declined:
        messages.error(request, str(declined))
    else:
        said = _("%(key)s is revoked. Programs with that key are refused.")
        messages.success(request, said % {"key": key.name})
    return redirect("my:api")


@customer_required
@require_POST
def repeats(request: HttpRequest) -> HttpResponse:
    """Refuse exact repeats within a minute, or take them."""
    allowed = request.POST.get("repeats") == "take"
    api_keys.allow_repeats(_me(request), allowed, by=user(request), now=timezone.now())
    said = (
        _("Exact repeats within a minute are taken as orders of their own.")
        if allowed
        else _("Exact repeats within a minute are refused.")
    )
    messages.success(request, said)
    return redirect("my:api")


@dataclass(frozen=True)
class KeyRow:
    """A key in the list."""

    name: str
    prefix: str
    made_at: datetime
    used_at: datetime | None
    used_from: str
    dialog: str
    revoke_url: str


def _row(key: ApiKey) -> KeyRow:
    return KeyRow(
        name=key.name,
        prefix=key.prefix,
        made_at=key.created_at,
        used_at=key.last_used_at,
        used_from=key.last_used_from or "",
        dialog=f"revoke-{key.pk}",
        revoke_url=reverse("my:revoke_key", args=[key.pk]),
    )


def _me(request: HttpRequest) -> Customer:
    me = person(request).customer
    if me is None:
        raise NotAllowed(_("Only customers have keys."))
    return me


def _page(request: HttpRequest, form: KeyForm, *, status: int = 200) -> HttpResponse:
    me, rows = _me(request), shop.listed(_me(request))
    return render(
        request,
        "customer/api.html",
        {
            "keys": [_row(key) for key in api_keys.of(me)],
            "form": form,
            "takes_repeats": me.repeats_ok,
            "per_key": settings.API_CALLS_PER_KEY,
            "lists_per_key": settings.API_LISTS_PER_KEY,
            "per_address": settings.API_CALLS_PER_ADDRESS,
            "url": _endpoint(request),
            "errors": api_errors.MEANINGS,
            **_reference(request, rows),
        },
        status=status,
    )


def _endpoint(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("api"))


def _reference(request: HttpRequest, rows: list[Listed]) -> dict[str, Any]:
    """The examples, in the language and for the type that the address asks for."""
    kinds = calls.one_of_each_type(rows)
    language = request.GET.get("in", "curl")
    if language not in languages.WRITERS:
        language = "curl"
    kind = next((row for row in kinds if row.type == request.GET.get("type")), None)
    row = kind or next(iter(kinds), None)
    write = languages.WRITERS[language][1]
    url, panel = _endpoint(request), panel_settings.current()
    call = calls.add_call(row) if row else {}

    def link(**chosen: str) -> str:
        now = {"in": language, "type": row.type if row else ""} | chosen
        return f"?{urlencode({name: value for name, value in now.items() if value})}#add"

    listed = service_row(row) if row else reference.SERVICE
    actions = reference.actions(listed, panel.currency)
    return {
        "languages": [
            {"label": label, "url": link(**{"in": slug}), "current": slug == language}
            for slug, (label, _) in languages.WRITERS.items()
        ],
        "types": [
            {"label": each.type, "url": link(type=each.type), "current": each == row}
            for each in kinds
        ],
        "service": row,
        "add_call": write(url, call) if row else "",
        "add_answer": reference.ADD.answer,
        "parameters": calls.parameters_of(row) if row else [],
        "billed_by": calls.billed_by(row) if row else "",
        "worked": _worked(_me(request), row, call) if row else None,
        "minimum": panel.minimum_charge,
        "actions": [(action, write(url, action.call)) for action in actions],
    }


@dataclass(frozen=True)
class Worked:
    """The price of the example order, as it would be charged now."""

    rate: str
    quantity: int
    package: bool
    price: str
    is_minimum: bool


def _worked(me: Customer, row: Listed, call: calls.Call) -> Worked | None:
    """By the same way as an order's; None where it could not be placed as it stands."""
    try:
        order = drafts.draft(me, row.service, call, by=None)
    except Declined:
        return None
    quote = order.quote
    is_minimum = any(stage.code == "minimum" for stage in quote.stages)
    rate, price = localised(figure(quote.rate)), localised(figure(quote.price))
    return Worked(rate, order.details.billable, row.package, price, is_minimum)
