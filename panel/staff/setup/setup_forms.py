"""Forms of the first run."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from panel.amounts import NumberField
from panel.staff.providers.provider_forms import NewProviderForm
from panel.staff.time_zones import zone_choices

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


_first_rule = lazy(lambda: " ".join(password_validators_help_texts()[:1]), str)


def password_field() -> forms.CharField:
    """A new password, with what it must be like."""
    return forms.CharField(
        max_length=200,
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_first_rule(),
    )


def email_field() -> forms.EmailField:
    return forms.EmailField(
        max_length=254,
        label=gettext_lazy("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class OwnerForm(forms.Form):
    """Who owns the panel, with the code that only who started it can read."""

    code = forms.CharField(
        max_length=40,
        label=gettext_lazy("Set-up code"),
        widget=forms.TextInput(attrs=PLAIN | {"autocapitalize": "characters"}),
        help_text=gettext_lazy("Twelve signs, such as K7QF-2M6X-PTRD."),
    )
    name = forms.CharField(
        max_length=120,
        label=gettext_lazy("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = email_field()
    password = password_field()


class PanelForm(forms.Form):
    """What the panel is called, what it counts in and whose clock it goes by."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name of the panel"))
    currency = forms.CharField(
        max_length=3,
        label=gettext_lazy("Currency"),
        widget=forms.TextInput(
            attrs=PLAIN | {"list": "currencies", "autocapitalize": "characters"}
        ),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Days, and daily limits, begin at its midnight."),
    )

    def __init__(self, data: Any = None, *, fixed: bool, **options: Any):
        super().__init__(data, **options)
        now = self.initial.get("time_zone", "UTC")
        self.fields["time_zone"].choices = zone_choices(now)  # type: ignore[attr-defined]
        self.fields["currency"].disabled = fixed
        self.fields["currency"].help_text = (
            _("Money has moved in it; it stays.")
            if fixed
            else _("Three letters. Prices and wallets are kept in it; the first payment fixes it.")
        )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()


class SetupProviderForm(NewProviderForm):
    """The first provider: what it offers begins hidden, and is chosen in a later step."""

    new_offers_hidden = forms.BooleanField(
        required=False,
        initial=True,
        label=gettext_lazy("Sell only what I choose"),
        help_text=gettext_lazy(
            "What it offers, now and later, stays hidden until somebody puts it on sale."
        ),
    )


class PricesForm(forms.Form):
    """What the panel adds to a cost where no other rule speaks, and the least it ever adds."""

    markup = NumberField(
        label=gettext_lazy("Markup"),
        max_digits=9,
        decimal_places=4,
        min_value=Decimal(0),
        help_text=gettext_lazy(
            "Over cost, where no rule of a client, member, service or category speaks."
        ),
    )
    floor = NumberField(
        label=gettext_lazy("Floor"),
        max_digits=9,
        decimal_places=4,
        min_value=Decimal(0),
        help_text=gettext_lazy("Nothing is sold below it, whoever types the price."),
    )


class FirstClientForm(forms.Form):
    """Whom the first order is for."""

    name = forms.CharField(max_length=120, required=False, label=gettext_lazy("Name"))
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        help_text=gettext_lazy("With the country code: +49 30 901820."),
    )
    email = forms.EmailField(max_length=254, required=False, label=gettext_lazy("E-mail"))
