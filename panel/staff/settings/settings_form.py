"""The settings on one form, in groups."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField

from orders.enums import SignUp
from orders.models import Panel
from orders.panel_settings import SPANS
from panel.amounts import AmountField
from panel.staff.time_zones import zone_choices

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _percent(label: str, hint: str) -> forms.DecimalField:
    field = forms.DecimalField(
        label=label,
        min_value=0,
        max_value=1000,
        max_digits=6,
        decimal_places=2,
        widget=forms.TextInput(PLAIN | {"inputmode": "decimal"}),
        help_text=hint,
    )
    field.affix = "%"  # type: ignore[attr-defined]
    return field


def _span(name: str, label: str, unit: str, hint: str) -> forms.IntegerField:
    least, most = SPANS[name]
    field = forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        widget=forms.TextInput(PLAIN | {"inputmode": "numeric"}),
        help_text=hint,
    )
    field.limits = f"{least} to {most:,} {unit}"  # type: ignore[attr-defined]
    return field


class SettingsForm(forms.Form):
    """Everything that people set for the whole panel."""

    name = forms.CharField(
        label="Name", max_length=60, help_text="In titles, e-mails, the frame and on the sign-in."
    )
    currency = forms.CharField(
        label="Currency",
        max_length=3,
        widget=forms.TextInput(PLAIN | {"autocapitalize": "characters"}),
    )
    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Days, and daily limits, begin at its midnight."
    )
    language = forms.ChoiceField(
        label="Language",
        choices=settings.LANGUAGES,
        help_text="Of alerts, and of everybody who has chosen none.",
    )
    sign_up = forms.ChoiceField(
        label="Who may sign up",
        choices=SignUp.choices,
        help_text="As a client, by themselves.",
    )
    price_step = AmountField(
        label="Price step",
        decimal_places=8,
        max_value=1000,
        help_text="Selling rates are rounded up to it.",
    )
    minimum_charge = AmountField(
        label="Minimum charge",
        min_value=Decimal(0),
        decimal_places=8,
        max_value=10**6,
        help_text="The least that an order costs.",
    )
    rise_threshold = _percent(
        "Cost rise that pauses", "Above what a person last accepted; smaller ones re-price by rule."
    )
    shrink_threshold = _percent(
        "Vanished offers that hold", "Of a catalog that lacks more, the removals wait for somebody."
    )
    cost_fresh_minutes = _span(
        "cost_fresh_minutes",
        "A cost is fresh for",
        "minutes",
        "Older ones are read again before anything is sent.",
    )
    waiting_hours = _span(
        "waiting_hours",
        "An order waits for",
        "hours",
        "Then it is canceled and refunded in full.",
    )
    fallback_minutes = _span(
        "fallback_minutes",
        "A provider may be out for",
        "minutes",
        "Then what waits there goes to the service's fallback, where it has one.",
    )
    staff_daily_limit = AmountField(
        label="Daily limit",
        min_value=Decimal(0),
        max_value=10**9,
        decimal_places=2,
        help_text="Gifts, corrections and refunds, a day.",
    )
    staff_big_order = AmountField(
        label="Big order from",
        min_value=Decimal(0),
        max_value=10**9,
        decimal_places=2,
        help_text="Confirmed by typing its quantity again.",
    )
    readings_days = _span(
        "readings_days",
        "Balances, quiet runs, answer times",
        "days",
        "Of balances, later the first of each hour.",
    )
    answers_days = _span(
        "answers_days", "Providers' raw answers", "days", "What followed from them stays."
    )
    proofs_days = _span(
        "proofs_days", "Proofs of top-ups", "days", "From the decision; the payment stays."
    )
    alerts_days = _span("alerts_days", "Alerts that are over", "days", "With who was told.")
    reason = forms.CharField(
        label="Reason", max_length=300, required=False, help_text="Stays in the audit trail."
    )

    GROUPS = (
        ("The panel", "", ("name", "currency", "time_zone", "language", "sign_up")),
        (
            "Prices",
            "The markup and the floor stand with the prices.",
            ("price_step", "minimum_charge"),
        ),
        ("Catalogs", "", ("rise_threshold", "shrink_threshold")),
        ("Orders", "", ("cost_fresh_minutes", "waiting_hours", "fallback_minutes")),
        (
            "New members",
            "Those who are there keep theirs.",
            ("staff_daily_limit", "staff_big_order"),
        ),
        (
            "Kept for",
            "The ledger, the audit trail and orders are kept for good.",
            ("readings_days", "answers_days", "proofs_days", "alerts_days"),
        ),
    )

    def __init__(self, data: Any, panel: Panel, *, fixed: bool):
        super().__init__(data, initial=_initial(panel, self.base_fields))
        self.fields["time_zone"].choices = zone_choices(panel.time_zone)  # type: ignore[attr-defined]
        self.fields["reason"].limits = "optional"  # type: ignore[attr-defined]
        self.fields["currency"].disabled = fixed
        self.fields["currency"].help_text = (
            "Money has moved in it; it stays."
            if fixed
            else "Three letters. The first payment fixes it."
        )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def groups(self) -> Iterator[tuple[str, str, list[BoundField]]]:
        """The fields by what they are about."""
        for title, note, names in self.GROUPS:
            yield title, note, [self[name] for name in names]


class LogoForm(forms.Form):
    """A picture."""

    logo = forms.FileField(
        label="Picture",
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/webp"}),
        help_text="PNG, JPEG or WebP, at most 512 kB; a square looks best.",
        error_messages={"required": "Choose a picture.", "empty": "The file is empty."},
    )


def _initial(panel: Panel, names: Any) -> dict[str, Any]:
    values = {name: getattr(panel, name) for name in names if name != "reason"}
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in values.items()
    }
