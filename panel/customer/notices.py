"""Which e-mails a customer wants."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import notices
from orders.enums import NoticeKind
from orders.errors import FieldErrors
from orders.models import Customer
from panel.access import customer_required, person
from panel.amounts import NumberField
from panel.display import panel_currency
from panel.htmx import render

WORDS: dict[NoticeKind, tuple[Any, Any]] = {
    NoticeKind.COMPLETED: (gettext_lazy("An order is completed"), ""),
    NoticeKind.RETURNED: (
        gettext_lazy("Money comes back to my balance"),
        gettext_lazy("When an order was canceled, not accepted or partly delivered."),
    ),
    NoticeKind.ANSWERED: (gettext_lazy("You answer a message of mine"), ""),
    NoticeKind.LOW_BALANCE: (gettext_lazy("My balance runs low"), ""),
}


class NoticesForm(forms.Form):
    """A switch for each kind of news."""

    def __init__(self, *args: object, **options: object):
        super().__init__(*args, **options)  # type: ignore[arg-type]
        for kind, (label, hint) in WORDS.items():
            self.fields[kind.value] = forms.BooleanField(
                label=label, help_text=hint, required=False
            )
        self.fields["low_balance_under"] = NumberField(
            label=_("Low is under"), min_value=0, max_value=10**9, decimal_places=8
        )

    @property
    def switches(self) -> list[forms.BoundField]:
        """The fields that are switches."""
        return [self[kind.value] for kind in WORDS]


@customer_required
def choose(request: HttpRequest) -> HttpResponse:
    """Look at the choices, and change them."""
    customer = person(request).customer
    assert customer is not None  # customer_required
    if request.method == "POST":
        form = NoticesForm(request.POST)
        if form.is_valid() and _keep(customer, form):
            messages.success(request, _("Kept."))
            return redirect("my:notices")
    else:
        form = NoticesForm(initial=_initial(customer))
    email = customer.user.email if customer.user else ""
    context = {"form": form, "email": email, "currency": panel_currency()}
    return render(request, "customer/notices.html", context, status=422 if form.errors else 200)


def _initial(customer: Customer) -> dict[str, object]:
    choices = notices.choices_of(customer)
    under = choices.low_balance_under.normalize()
    return {kind.value: getattr(choices, kind.value) for kind in WORDS} | {
        "low_balance_under": f"{under:f}"
    }


def _keep(customer: Customer, form: NoticesForm) -> bool:
    wanted = {kind.value: form.cleaned_data[kind.value] for kind in WORDS}
    try:
        notices.choose(customer, wanted, form.cleaned_data["low_balance_under"])
    except FieldErrors as error:
        for name, text in error.errors.items():
            form.add_error(name, text)
        return False
    return True
