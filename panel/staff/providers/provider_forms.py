"""Forms about a provider: its address and key, its money terms, its profile."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders import provider_profile
from orders.enums import DripLimit
from orders.errors import FieldErrors
from orders.models import Provider
from panel.amounts import NumberField

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _decimal(
    label: "_StrOrPromise", hint: "_StrOrPromise", places: int, **more: Any
) -> NumberField:
    return NumberField(
        label=label,
        help_text=hint,
        decimal_places=places,
        **more,
    )


class NewProviderForm(forms.Form):
    """What it takes to speak to a provider; the rest has good values to begin with."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Yours; customers never see it.")
    )
    url = forms.CharField(
        max_length=300,
        label=_("API address"),
        widget=forms.TextInput(attrs=PLAIN | {"inputmode": "url"}),
        help_text=_("From the provider's API page; it usually ends in /api/v2."),
    )
    key = forms.CharField(
        max_length=300,
        label=_("API key"),
        widget=forms.PasswordInput(attrs=PLAIN | {"autocomplete": "new-password"}),
        help_text=_("Kept encrypted and never shown again, only its last four signs."),
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        required=False,
        help_text=_("Three letters. Empty: what the provider's balance says."),
    )
    exchange_rate = _decimal(
        _("Exchange rate"),
        _("What one unit of its currency is in yours. Empty if it is the same currency."),
        8,
        required=False,
        max_digits=18,
    )
    factor = _decimal(
        _("Top-up fee as a factor"),
        _("1.015 when topping up costs 1.5 %; below 1 for a bonus."),
        6,
        initial=Decimal(1),
        max_digits=9,
    )
    new_offers_hidden = forms.BooleanField(
        required=False, label=_("Hide what is new until somebody chooses to sell it")
    )


class GuidedProviderForm(NewProviderForm):
    """The same with the policy of its catalog, where the steps are gone through."""

    rise_threshold = _decimal(
        _("A cost may rise by, %"),
        _("More pauses the service. Empty: the panel's."),
        2,
        max_digits=6,
        min_value=Decimal(0),
        required=False,
    )
    shrink_threshold = _decimal(
        _("Offers that may vanish at once, %"),
        _("More is held until somebody decides. Empty: the panel's."),
        2,
        max_digits=6,
        min_value=Decimal(0),
        required=False,
    )


class KeyForm(forms.Form):
    """A new key for a provider that is there."""

    key = NewProviderForm.base_fields["key"]
    insist = forms.BooleanField(
        required=False,
        label=_("Keep it even if the test fails"),
        help_text=_("The old key is then gone; orders wait until the new one works."),
    )


class ProfileForm(forms.Form):
    """How a provider is spoken to and what its money is worth."""

    exchange_rate = _decimal(
        _("Exchange rate"), _("What one unit of its currency is in yours."), 8, max_digits=18
    )
    factor = _decimal(
        _("Top-up fee as a factor"),
        _("1.015 for a fee of 1.5 %; below 1 for a bonus."),
        6,
        max_digits=9,
    )
    batch_size = forms.IntegerField(
        label=_("Orders a status call"),
        min_value=1,
        max_value=1000,
        help_text=_("How many orders it answers about at once; 100 is usual."),
    )
    requests_per_second = _decimal(
        _("Calls a second"),
        _("All our calls together. Lower it when it asks us to slow down."),
        2,
        max_digits=6,
    )
    requests_at_once = forms.IntegerField(
        label=_("Calls at once"),
        min_value=1,
        max_value=64,
        help_text=_("Status calls that may be under way side by side."),
    )
    connect_timeout = forms.IntegerField(
        label=_("Longest wait to connect, seconds"),
        min_value=1,
        max_value=60,
        help_text=_("Nothing is sent before that; the order simply waits."),
    )
    read_timeout = forms.IntegerField(
        label=_("Longest silence, seconds"),
        min_value=1,
        max_value=120,
        help_text=_("Between two pieces of an answer."),
    )
    total_timeout = forms.IntegerField(
        label=_("Longest call, seconds"),
        min_value=1,
        max_value=120,
        help_text=_("After this the answer to an order counts as lost."),
    )
    drip_limit = forms.ChoiceField(
        label=_("Min and max bind"),
        choices=DripLimit.choices,
        help_text=_("For drip-feed: its limits hold for one run, or for all runs together."),
    )
    idempotency_field = forms.CharField(
        label=_("Field that makes a repeat harmless"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_(
            "Such as request_id; empty for most providers. Only where its documentation "
            "promises that the same value is answered with the same order: then a lost answer is "
            "asked for again by itself. Without that promise, an order would be bought twice."
        ),
    )
    extra_parameters = forms.CharField(
        label=_("Extra parameters"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs=PLAIN | {"rows": 3}),
        help_text=_(
            "One name=value a line, sent with every call. Values are secrets: once saved "
            "they are shown as dots; a line with dots keeps its value."
        ),
    )
    low_balance = _decimal(
        _("Alert when the balance is under"),
        _("In its currency. Empty: only by the hours left."),
        8,
        max_digits=18,
        required=False,
    )
    has_refill = forms.BooleanField(
        required=False,
        label=_("Takes refill requests"),
        help_text=_(
            "Off: it knows no such call. Nobody is offered a refill, whatever its catalog "
            "says, and staff read why."
        ),
    )
    has_cancel = forms.BooleanField(
        required=False,
        label=_("Takes cancel requests"),
        help_text=_(
            "Off: it knows no such call. Nobody can ask to stop what runs there, and staff "
            "read why."
        ),
    )
    new_offers_hidden = forms.BooleanField(
        required=False,
        label=_("New offers begin hidden"),
        help_text=_("Nothing new is sold until somebody chooses it."),
    )
    rise_threshold = GuidedProviderForm.base_fields["rise_threshold"]
    shrink_threshold = GuidedProviderForm.base_fields["shrink_threshold"]

    def __init__(self, provider: Provider, data: Any = None):
        names = self.base_fields
        initial = {name: getattr(provider, name) for name in names}
        decimals = [n for n, each in names.items() if isinstance(each, NumberField)]
        for name in decimals:
            if initial[name] is not None:
                initial[name] = format(initial[name].normalize(), "f")
        self._kept = provider.extra_parameters
        initial["extra_parameters"] = provider_profile.shown(self._kept)
        super().__init__(data, initial=initial)

    def clean_extra_parameters(self) -> dict[str, str]:
        """The lines as parameters; a masked value stays as it is."""
        try:
            return provider_profile.read(self.cleaned_data["extra_parameters"], self._kept)
        except FieldErrors as error:
            raise forms.ValidationError(error.errors["extra_parameters"]) from error
