"""Forms about who a client is."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from orders.errors import FieldErrors
from orders.models import Customer, Staff
from orders.people import Person, normalise_email, normalise_phone, visible_customers
from panel.staff.amounts import AmountField
from panel.staff.clients.client_rows import shown_phone

MANAGER = _("Whose own markup and sight apply.")


def managers() -> QuerySet[Staff]:
    """Whom a client can be given to."""
    members = Staff.objects.filter(user__is_active=True).select_related("user")
    return members.order_by("user__name", "pk")


class NewClientForm(forms.Form):
    """A name, a phone number or an e-mail address: one of them is enough."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        help_text=_("With the country code: +49 30 901820."),
    )
    email = forms.CharField(
        max_length=254,
        required=False,
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    manager = forms.ModelChoiceField(
        managers(),
        required=False,
        empty_label=_("Nobody"),
        label=_("Managed by"),
        help_text=MANAGER,
    )

    def __init__(self, who: Person, data: Any = None, **options: Any):
        super().__init__(data, **options)
        if not who.is_admin:
            del self.fields["manager"]


class ChangeClientForm(NewClientForm):
    """What is known of a client; the last two are an admin's to change.

    Another manager makes other prices, so a page of its own shows them first.
    """

    credit_limit = AmountField(
        label=_("Credit limit"), help_text=_("How far below zero orders may take the balance.")
    )
    is_blocked = forms.BooleanField(required=False, label=_("Blocked: places no orders"))

    def __init__(self, who: Person, client: Customer, data: Any = None):
        initial = {
            "name": client.name,
            "phone": shown_phone(client.phone),
            "email": client.email,
            "credit_limit": format(client.credit_limit.normalize(), "f"),
            "is_blocked": client.is_blocked,
        }
        super().__init__(who, data, initial=initial)
        self.fields.pop("manager", None)
        self.fields["name"].required = True
        if not who.is_admin:
            del self.fields["credit_limit"], self.fields["is_blocked"]


def there_already(who: Person, form: NewClientForm) -> list[Customer]:
    """The visible clients who have the typed phone number or address."""
    fits = Q()
    for name, normalise in (("phone", normalise_phone), ("email", normalise_email)):
        try:
            text = normalise(form.data.get(name, ""))
        except FieldErrors:
            continue
        if text:
            fits |= Q(**{f"{name}__iexact" if name == "email" else name: text})
    return list(visible_customers(who).filter(fits)[:2]) if fits else []
