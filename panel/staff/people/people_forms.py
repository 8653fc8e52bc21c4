"""Forms about the people of the house."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from orders import rules
from orders.enums import MarkupKind, PriceLevel
from orders.models import MarkupRule, Staff, User
from orders.people import Person
from panel.staff.amounts import AmountField
from panel.staff.clients.client_forms import managers


class SwitchField(forms.BooleanField):
    """Something that is on or off."""

    kind = "switch"

    def __init__(self, **options: Any):
        super().__init__(required=False, **options)


class RightsForm(forms.Form):
    """What a member may see and do."""

    is_admin = SwitchField(
        label="Admin", help_text="Sees and does everything but what is the owner's; has no limits."
    )
    sees_all_customers = SwitchField(
        label="All clients", help_text="Off: only the clients whom they manage."
    )
    sees_cost = SwitchField(label="Sees cost", help_text="Cost, profit, providers and their words.")
    decides_reviews = SwitchField(
        label="Decides reviews", help_text="Unconfirmed and failed orders, within the daily limit."
    )
    daily_limit = AmountField(
        label="Daily limit",
        initial=200,
        help_text="Gifts, corrections and refunds that they decide, together, a day.",
    )
    big_order_limit = AmountField(
        label="Big order from",
        initial=500,
        help_text="An order of this price is confirmed by typing its quantity again.",
    )

    def __init__(self, who: Person, data: Any = None, **options: Any):
        super().__init__(data, **options)
        if not who.is_owner:
            del self.fields["is_admin"]


class NewMemberForm(RightsForm):
    """Somebody new: name, address, and what they may do."""

    name = forms.CharField(max_length=120)
    email = forms.CharField(
        max_length=254, label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        max_length=128,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Leave it empty: you get a link to pass on, with which they choose their own.",
    )
    field_order = ["name", "email", "password"]


class ChangeMemberForm(RightsForm):
    """Switches and limits of a member, as they stand."""

    reason = forms.CharField(max_length=300, required=False, help_text="Stays on record.")

    def __init__(self, who: Person, staff: Staff, data: Any = None):
        names = ("is_admin", "sees_all_customers", "sees_cost", "decides_reviews")
        initial: dict[str, Any] = {name: getattr(staff, name) for name in names}
        for name in ("daily_limit", "big_order_limit"):
            initial[name] = format(getattr(staff, name).normalize(), "f")
        super().__init__(who, data, initial=initial)
        if staff.is_owner:
            self.fields.pop("is_admin", None)


class MarkupField(AmountField):
    """Per cent or an amount: what it is, the field beside it says."""

    @property
    def affix(self) -> str:
        return ""


class MarkupForm(forms.Form):
    """The member's own markup; empty is none."""

    kind = forms.ChoiceField(choices=MarkupKind.choices, initial=MarkupKind.PERCENT, label="As")
    value = MarkupField(
        label="Markup",
        required=False,
        help_text="Acts on the orders of the clients whom they manage. Empty: the panel's acts.",
    )
    markup_reason = forms.CharField(max_length=200, required=False, label="Reason")
    field_order = ["value", "kind", "markup_reason"]

    def __init__(self, staff: Staff, data: Any = None):
        acting = MarkupRule.objects.filter(level=PriceLevel.STAFF, staff=staff, ended_at=None)
        rule = acting.first() if data is None else None
        initial = {"kind": rule.kind, "value": format(rule.value.normalize(), "f")} if rule else {}
        super().__init__(data, initial=initial)


class LeaveForm(forms.Form):
    """Whoever is switched off leaves their clients to somebody."""

    heir = forms.ModelChoiceField(
        managers(),
        required=False,
        empty_label="Nobody",
        label="Who takes over their clients",
        help_text="Their markup and sight apply from then on.",
    )
    reason = forms.CharField(max_length=300, required=False, help_text="Stays on record.")

    def __init__(self, staff: Staff, data: Any = None):
        super().__init__(data, prefix="leave")
        self.fields["heir"].queryset = managers().exclude(pk=staff.pk)  # type: ignore[attr-defined]


def set_own_markup(staff: Staff, form: MarkupForm, *, by: User, now: datetime) -> str:
    """Do what a valid form says; returns the sentence that tells it. Raises `Declined`."""
    said: dict[str, Any] = form.cleaned_data
    value: Decimal | None = said["value"]
    reason = said["markup_reason"]
    if value is None:
        rules.end_markup(PriceLevel.STAFF, by, now, reason, staff=staff)
        return f"{staff.name} has no markup of their own any more."
    kind = MarkupKind(said["kind"])
    rules.set_markup(PriceLevel.STAFF, kind, value, by, now, reason, staff=staff)
    return f"The own markup of {staff.name} is changed. Open orders keep their price."
