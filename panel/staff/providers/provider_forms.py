"""Forms about a provider: its address and key, its money terms, its profile."""

from decimal import Decimal
from typing import Any

from django import forms

from orders.enums import DripLimit
from orders.models import Provider

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _decimal(label: str, hint: str, places: int, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=hint,
        decimal_places=places,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        **more,
    )


class NewProviderForm(forms.Form):
    """What it takes to speak to a provider; the rest has good values to begin with."""

    name = forms.CharField(max_length=80, help_text="Yours; customers never see it.")
    url = forms.CharField(
        max_length=300,
        label="API address",
        widget=forms.TextInput(attrs=PLAIN | {"inputmode": "url"}),
        help_text="From the provider's API page; it usually ends in /api/v2.",
    )
    key = forms.CharField(
        max_length=300,
        label="API key",
        widget=forms.PasswordInput(attrs=PLAIN | {"autocomplete": "new-password"}),
        help_text="Kept encrypted and never shown again, only its last four signs.",
    )
    currency = forms.CharField(
        max_length=3,
        required=False,
        help_text="Three letters. Empty: what the provider's balance says.",
    )
    exchange_rate = _decimal(
        "Exchange rate",
        "What one unit of its currency is in yours. Empty if it is the same currency.",
        8,
        required=False,
        max_digits=18,
    )
    factor = _decimal(
        "Top-up fee as a factor",
        "1.015 when topping up costs 1.5 %; below 1 for a bonus.",
        6,
        initial=Decimal(1),
        max_digits=9,
    )
    new_offers_hidden = forms.BooleanField(
        required=False, label="Hide what is new until somebody chooses to sell it"
    )


class KeyForm(forms.Form):
    """A new key for a provider that is there."""

    key = NewProviderForm.base_fields["key"]


class ProfileForm(forms.Form):
    """How a provider is spoken to and what its money is worth."""

    exchange_rate = _decimal(
        "Exchange rate", "What one unit of its currency is in yours.", 8, max_digits=18
    )
    factor = _decimal(
        "Top-up fee as a factor", "1.015 for a fee of 1.5 %; below 1 for a bonus.", 6, max_digits=9
    )
    batch_size = forms.IntegerField(
        label="Orders a status call",
        min_value=1,
        max_value=1000,
        help_text="How many orders it answers about at once; 100 is usual.",
    )
    requests_per_second = _decimal(
        "Calls a second",
        "All our calls together. Lower it when it asks us to slow down.",
        2,
        max_digits=6,
    )
    requests_at_once = forms.IntegerField(
        label="Calls at once",
        min_value=1,
        max_value=64,
        help_text="Status calls that may be under way side by side.",
    )
    total_timeout = forms.IntegerField(
        label="Longest call, seconds",
        min_value=1,
        max_value=120,
        help_text="After this the answer to an order counts as lost.",
    )
    drip_limit = forms.ChoiceField(
        label="Min and max bind",
        choices=DripLimit.choices,
        help_text="For drip-feed: its limits hold for one run, or for all runs together.",
    )
    has_refill = forms.BooleanField(
        required=False,
        label="Takes refill requests",
        help_text="Off: nobody is offered a refill, whatever its catalog says.",
    )
    has_cancel = forms.BooleanField(
        required=False,
        label="Takes cancel requests",
        help_text="Off: nobody can ask to stop what runs there.",
    )
    new_offers_hidden = forms.BooleanField(
        required=False,
        label="New offers begin hidden",
        help_text="Nothing new is sold until somebody chooses it.",
    )

    def __init__(self, provider: Provider, data: Any = None):
        names = self.base_fields
        initial = {name: getattr(provider, name) for name in names}
        for name in ("exchange_rate", "factor", "requests_per_second"):
            initial[name] = format(initial[name].normalize(), "f")
        super().__init__(data, initial=initial)
