"""The settings on one form, in groups."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import SignUp
from orders.models import Panel
from orders.panel_settings import SPANS
from panel.amounts import AmountField, NumberField
from panel.display import count
from panel.staff.time_zones import zone_choices

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

LIMITS = {
    "minutes": gettext_lazy("%(least)s to %(most)s minutes"),
    "hours": gettext_lazy("%(least)s to %(most)s hours"),
    "days": gettext_lazy("%(least)s to %(most)s days"),
}
"""By the unit with which the name of a setting ends."""

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _percent(label: "_StrOrPromise", hint: "_StrOrPromise") -> NumberField:
    field = NumberField(
        label=label,
        min_value=0,
        max_value=1000,
        max_digits=6,
        decimal_places=2,
        help_text=hint,
    )
    field.affix = "%"  # type: ignore[attr-defined]
    return field


def _span(name: str, label: "_StrOrPromise", hint: "_StrOrPromise") -> forms.IntegerField:
    least, most = SPANS[name]
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        widget=forms.TextInput(PLAIN | {"inputmode": "numeric"}),
        help_text=hint,
    )


class SettingsForm(forms.Form):
    """Everything that people set for the whole panel."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("In titles, e-mails, the frame and on the sign-in."),
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        max_length=3,
        widget=forms.TextInput(PLAIN | {"autocapitalize": "characters"}),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Days, and daily limits, begin at its midnight."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=settings.LANGUAGES,
        help_text=gettext_lazy("Of alerts, and of everybody who has chosen none."),
    )
    sign_up = forms.ChoiceField(
        label=gettext_lazy("Who may sign up"),
        choices=SignUp.choices,
        help_text=gettext_lazy("As a client, by themselves."),
    )
    price_step = AmountField(
        label=gettext_lazy("Price step"),
        decimal_places=8,
        max_value=1000,
        help_text=gettext_lazy("Selling rates are rounded up to it."),
    )
    minimum_charge = AmountField(
        label=gettext_lazy("Minimum charge"),
        min_value=Decimal(0),
        decimal_places=8,
        max_value=10**6,
        help_text=gettext_lazy("The least that an order costs."),
    )
    rise_threshold = _percent(
        gettext_lazy("Cost rise that pauses"),
        gettext_lazy("Above what a person last accepted; smaller ones re-price by rule."),
    )
    shrink_threshold = _percent(
        gettext_lazy("Vanished offers that hold"),
        gettext_lazy("Of a catalog that lacks more, the removals wait for somebody."),
    )
    cost_fresh_minutes = _span(
        "cost_fresh_minutes",
        gettext_lazy("A cost is fresh for"),
        gettext_lazy("Older ones are read again before anything is sent."),
    )
    waiting_hours = _span(
        "waiting_hours",
        gettext_lazy("An order waits for"),
        gettext_lazy("Then it is canceled and refunded in full."),
    )
    fallback_minutes = _span(
        "fallback_minutes",
        gettext_lazy("A provider may be out for"),
        gettext_lazy("Then what waits there goes to the service's fallback, where it has one."),
    )
    staff_daily_limit = AmountField(
        label=gettext_lazy("Daily limit"),
        min_value=Decimal(0),
        max_value=10**9,
        decimal_places=2,
        help_text=gettext_lazy("Gifts, corrections and refunds, a day."),
    )
    staff_big_order = AmountField(
        label=gettext_lazy("Big order from"),
        min_value=Decimal(0),
        max_value=10**9,
        decimal_places=2,
        help_text=gettext_lazy("Confirmed by typing its quantity again."),
    )
    readings_days = _span(
        "readings_days",
        gettext_lazy("Balances, quiet runs, answer times"),
        gettext_lazy("Of balances, later the first of each hour."),
    )
    answers_days = _span(
        "answers_days",
        gettext_lazy("Providers' raw answers"),
        gettext_lazy("What followed from them stays."),
    )
    proofs_days = _span(
        "proofs_days",
        gettext_lazy("Proofs of top-ups"),
        gettext_lazy("From the decision; the payment stays."),
    )
    alerts_days = _span(
        "alerts_days",
        gettext_lazy("Alerts that are over"),
        gettext_lazy("With who was told."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Stays in the audit trail."),
    )

    GROUPS = (
        (
            gettext_lazy("The panel"),
            "",
            ("name", "currency", "time_zone", "language", "sign_up"),
        ),
        (
            gettext_lazy("Prices"),
            gettext_lazy("The markup and the floor stand with the prices."),
            ("price_step", "minimum_charge"),
        ),
        (gettext_lazy("Catalogs"), "", ("rise_threshold", "shrink_threshold")),
        (gettext_lazy("Orders"), "", ("cost_fresh_minutes", "waiting_hours", "fallback_minutes")),
        (
            gettext_lazy("New members"),
            gettext_lazy("Those who are there keep theirs."),
            ("staff_daily_limit", "staff_big_order"),
        ),
        (
            gettext_lazy("Kept for"),
            gettext_lazy("The ledger, the audit trail and orders are kept for good."),
            ("readings_days", "answers_days", "proofs_days", "alerts_days"),
        ),
    )

    def __init__(self, data: Any, panel: Panel, *, fixed: bool):
        super().__init__(data, initial=_initial(panel, self.base_fields))
        self.fields["time_zone"].choices = zone_choices(panel.time_zone)  # type: ignore[attr-defined]
        for name, (least, most) in SPANS.items():
            limits = str(LIMITS[name.rpartition("_")[2]]) % {"least": least, "most": count(most)}
            self.fields[name].limits = limits  # type: ignore[attr-defined]
        self.fields["reason"].limits = _("optional")  # type: ignore[attr-defined]
        self.fields["currency"].disabled = fixed
        self.fields["currency"].help_text = (
            _("Money has moved in it; it stays.")
            if fixed
            else _("Three letters. The first payment fixes it.")
        )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def groups(self) -> Iterator[tuple["_StrOrPromise", "_StrOrPromise", list[BoundField]]]:
        """The fields by what they are about."""
        for title, note, names in self.GROUPS:
            yield title, note, [self[name] for name in names]


class LogoForm(forms.Form):
    """A picture."""

    logo = forms.FileField(
        label=gettext_lazy("Picture"),
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/webp"}),
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 512 kB; a square looks best."),
        error_messages={
            "required": gettext_lazy("Choose a picture."),
            "empty": gettext_lazy("The file is empty."),
        },
    )


def _initial(panel: Panel, names: Any) -> dict[str, Any]:
    values = {name: getattr(panel, name) for name in names if name != "reason"}
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in values.items()
    }
