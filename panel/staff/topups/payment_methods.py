"""Ways to pay: what clients choose among when they top up."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from orders import topups
from orders.enums import PaymentKind
from orders.errors import Declined
from orders.gateways import GATEWAYS
from orders.models import PaymentMethod
from panel.access import admin_required, person, user
from panel.amounts import NumberField
from panel.htmx import render
from panel.staff.amounts import AmountField, add_refusal, refusal_text

INVALID = 422


class MethodForm(forms.Form):
    """What clients read of a way, and its terms."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    instructions = forms.CharField(
        label=gettext_lazy("Instructions"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What the client does. {reference} is replaced by theirs."),
    )
    least = AmountField(label=gettext_lazy("Least"), max_value=10**9, decimal_places=2)
    most = AmountField(
        label=gettext_lazy("Most"), required=False, max_value=10**9, decimal_places=2
    )
    fee_percent = NumberField(
        label=gettext_lazy("Fee, per cent"),
        min_value=0,
        max_value=99,
        decimal_places=2,
    )
    fee_fixed = AmountField(label=gettext_lazy("Fee, fixed"), max_value=10**9, decimal_places=2)
    asks_proof = forms.BooleanField(
        label=gettext_lazy("Ask for a picture or PDF of the payment"), required=False
    )
    is_on = forms.BooleanField(label=gettext_lazy("Clients can choose it"), required=False)
    position = forms.IntegerField(
        label=gettext_lazy("Place in the list"), min_value=0, max_value=999
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["most"].limits = _("optional")  # type: ignore[attr-defined]
        self.fields["fee_percent"].affix = "%"  # type: ignore[attr-defined]


class SecretsForm(forms.Form):
    """What a gateway gave us; never shown again."""

    key = forms.CharField(
        label=gettext_lazy("Secret key"),
        max_length=255,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    secret = forms.CharField(
        label=gettext_lazy("Signing secret"),
        max_length=255,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )

    def __init__(self, kind: str, data: Any = None):
        super().__init__(data)
        signposts = GATEWAYS[kind].signposts
        self.fields["key"].help_text = signposts.key
        self.fields["secret"].help_text = signposts.secret


FRESH = {"least": "5", "fee_percent": "0", "fee_fixed": "0", "is_on": True, "position": 0}


@dataclass(frozen=True)
class Row:
    """One way in the list."""

    number: int
    name: str
    kind: str
    least: Decimal
    most: Decimal | None
    fee_percent: Decimal
    fee_fixed: Decimal
    is_on: bool


@admin_required
def methods(request: HttpRequest) -> HttpResponse:
    """All ways to pay."""
    rows = [_row(method) for method in PaymentMethod.objects.all()[:200]]
    gateways = [(kind, gateway.signposts.button) for kind, gateway in GATEWAYS.items()]
    return render(request, "staff/payment_methods.html", {"rows": rows, "gateways": gateways})


@admin_required
def new_method(request: HttpRequest) -> HttpResponse:
    """Add a way: one with instructions, or one at a gateway."""
    asked = request.GET.get("kind", "")
    kind = PaymentKind(asked) if asked in GATEWAYS else PaymentKind.MANUAL
    form = MethodForm(request.POST or None, initial=FRESH)
    secrets = SecretsForm(kind, request.POST or None) if kind in GATEWAYS else None
    if request.method == "POST" and _all_valid(form, secrets):
        more = secrets.cleaned_data if secrets else {}
        try:
            method = topups.add_method(
                kind=kind, by=user(request), now=timezone.now(), **form.cleaned_data, **more
            )
        except Declined as error:
            _say(error, form, secrets)
        else:
            messages.success(request, _("%(name)s is there.") % {"name": method.name})
            return redirect("staff:payment_method", number=method.pk)
    context = {"form": form, "secrets": secrets, "method": None}
    status = INVALID if request.method == "POST" else 200
    return render(request, "staff/payment_method.html", context, status=status)


@admin_required
def method(request: HttpRequest, number: int) -> HttpResponse:
    """Change a way."""
    found = get_object_or_404(PaymentMethod, pk=number)
    form = MethodForm(request.POST or None, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            topups.change_method(found, by=user(request), now=timezone.now(), **form.cleaned_data)
        except Declined as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Kept. What was asked for already keeps its fee."))
            return redirect("staff:payment_method", number=number)
    news = reverse("payment_news", args=[found.pk])
    context = {
        "form": form,
        "secrets": SecretsForm(found.kind) if _replaces(request, found) else None,
        "method": _row(found),
        "gateway": GATEWAYS[found.kind].signposts if found.kind in GATEWAYS else None,
        "key_last4": found.key_last4,
        "news_url": request.build_absolute_uri(news),
    }
    status = INVALID if form.errors else 200
    return render(request, "staff/payment_method.html", context, status=status)


@admin_required
@require_POST
def replace_secrets(request: HttpRequest, number: int) -> HttpResponse:
    """Put other secrets in the place of a gateway's."""
    found = get_object_or_404(PaymentMethod.objects.exclude(kind=PaymentKind.MANUAL), pk=number)
    form = SecretsForm(found.kind, request.POST)
    try:
        if not form.is_valid():
            messages.error(request, _("Type both: key and signing secret."))
        else:
            by, now = user(request), timezone.now()
            topups.change_secrets(found, by=by, now=now, **form.cleaned_data)
            messages.success(request, _("Replaced. They are shown to nobody."))
    except Declined as error:
        messages.error(request, refusal_text(error))
    return redirect("staff:payment_method", number=number)


def _replaces(request: HttpRequest, found: PaymentMethod) -> bool:
    return person(request).is_owner and found.kind != PaymentKind.MANUAL


def _all_valid(form: forms.Form, secrets: forms.Form | None) -> bool:
    return all([form.is_valid(), secrets is None or secrets.is_valid()])


def _say(error: Declined, form: forms.Form, secrets: forms.Form | None) -> None:
    """Each word at its field, in whichever of the two forms that stands."""
    errors = getattr(error, "errors", {})
    in_secrets = secrets is not None and bool(set(errors) & set(secrets.fields))
    add_refusal(secrets if in_secrets and secrets is not None else form, error)


def _initial(found: PaymentMethod) -> dict[str, Any]:
    values = {name: getattr(found, name) for name in MethodForm.base_fields}
    for name in ("least", "most", "fee_fixed", "fee_percent"):
        if values[name] is not None:
            values[name] = f"{values[name].normalize():f}"
    return values


def _row(found: PaymentMethod) -> Row:
    return Row(
        found.pk,
        found.name,
        found.get_kind_display(),
        found.least,
        found.most,
        found.fee_percent,
        found.fee_fixed,
        found.is_on,
    )
