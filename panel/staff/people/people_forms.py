"""Forms about the people of the house."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders import panel_settings
from orders.enums import MarkupKind, PriceLevel
from orders.models import Bound, MarkupRule, Staff
from orders.people import Person
from orders.rules import BoundChange, Change, MarkupChange, Scope
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
        label=_("Admin"),
        help_text=_("Sees and does everything but what is the owner's; has no limits."),
    )
    sees_all_customers = SwitchField(
        label=_("All clients"), help_text=_("Off: only the clients whom they manage.")
    )
    sees_cost = SwitchField(
        label=_("Sees cost"), help_text=_("Cost, profit, providers and their words.")
    )
    decides_reviews = SwitchField(
        label=_("Decides reviews"),
        help_text=_("Unconfirmed and failed orders, within the daily limit."),
    )
    daily_limit = AmountField(
        label=_("Daily limit"),
        initial=200,
        help_text=_("Gifts, corrections and refunds that they decide, together, a day."),
    )
    big_order_limit = AmountField(
        label=_("Big order from"),
        initial=500,
        help_text=_("An order of this price is confirmed by typing its quantity again."),
    )
    till_limit = AmountField(
        label=_("Till may hold"),
        required=False,
        help_text=_("Cash. No more can be taken until some is in the safe. Empty: any amount."),
    )

    def __init__(self, who: Person, data: Any = None, **options: Any):
        super().__init__(data, **options)
        if not who.is_owner:
            del self.fields["is_admin"]


class NewMemberForm(RightsForm):
    """Somebody new: name, address, and what they may do."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.CharField(
        max_length=254, label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave it empty: you get a link to pass on, with which they choose their own."),
    )
    field_order = ["name", "email", "password"]

    def __init__(self, who: Person, data: Any = None):
        panel = panel_settings.current()
        usual = {
            "daily_limit": format(panel.staff_daily_limit.normalize(), "f"),
            "big_order_limit": format(panel.staff_big_order.normalize(), "f"),
        }
        super().__init__(who, data, initial=usual)


class ChangeMemberForm(RightsForm):
    """Switches and limits of a member, as they stand."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("Stays on record.")
    )

    def __init__(self, who: Person, staff: Staff, data: Any = None):
        names = ("is_admin", "sees_all_customers", "sees_cost", "decides_reviews")
        initial: dict[str, Any] = {name: getattr(staff, name) for name in names}
        for name in ("daily_limit", "big_order_limit", "till_limit"):
            if (limit := getattr(staff, name)) is not None:
                initial[name] = plain_number(limit)
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

    value = MarkupField(
        label=_("Markup"),
        required=False,
        help_text=_("Acts on the orders of the clients whom they manage. Empty: the panel's acts."),
    )
    kind = forms.ChoiceField(choices=MarkupKind.choices, initial=MarkupKind.PERCENT, label=_("As"))

    def __init__(self, staff: Staff, data: Any = None):
        acting = MarkupRule.objects.filter(level=PriceLevel.STAFF, staff=staff, ended_at=None)
        rule = acting.first() if data is None else None
        initial = {"kind": rule.kind, "value": plain_number(rule.value)} if rule else {}
        super().__init__(data, initial=initial)
        self._scope = Scope(PriceLevel.STAFF, staff=staff.pk)

    def change(self) -> Change:
        """What a valid form asks for."""
        value = self.cleaned_data["value"]
        kind = None if value is None else MarkupKind(self.cleaned_data["kind"])
        return MarkupChange(self._scope, kind, value)


class PercentField(AmountField):
    """A percentage over cost."""

    currency = "%"


class BoundsForm(forms.Form):
    """The least and the most markup over cost; empty is none."""

    floor = PercentField(
        label=_("Least"),
        required=False,
        help_text=_("Over cost. Of all floors about a sale the highest holds."),
    )
    ceiling = PercentField(
        label=_("Most"),
        required=False,
        help_text=_("Over cost. Of all ceilings the lowest holds."),
    )

    def __init__(self, staff: Staff, data: Any = None):
        acting = Bound.objects.filter(level=PriceLevel.STAFF, staff=staff, ended_at=None)
        bound = acting.first() if data is None else None
        sides = (bound.floor_percent, bound.ceiling_percent) if bound else (None, None)
        initial = {
            name: plain_number(side)
            for name, side in zip(("floor", "ceiling"), sides, strict=True)
            if side is not None
        }
        super().__init__(data, initial=initial)
        self._scope = Scope(PriceLevel.STAFF, staff=staff.pk)

    def change(self) -> Change:
        """What a valid form asks for."""
        return BoundChange(self._scope, self.cleaned_data["floor"], self.cleaned_data["ceiling"])


class SeenForm(forms.Form):
    """A reason, and the fingerprint of what the person saw before they pressed."""

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Stays on record."))


class HeirForm(forms.Form):
    """Who is to manage clients; empty is nobody."""

    heir = forms.ModelChoiceField(
        managers(),
        required=False,
        empty_label=_("Nobody"),
        label=_("Who manages them"),
        widget=forms.Select(attrs={"class": "in"}),
    )

    def __init__(self, data: Any = None, *, but: Staff | None = None):
        super().__init__(data)
        if but is not None:
            others = managers().exclude(pk=but.pk)
            self.fields["heir"].queryset = others  # type: ignore[attr-defined]


class LeaveForm(SeenForm):
    """Whoever is switched off leaves their clients and the cash in their till to somebody."""

    heir = forms.ModelChoiceField(
        managers(),
        required=False,
        empty_label=_("Nobody"),
        label=_("Who takes over their clients"),
        help_text=_("Their markup and sight apply from then on."),
    )
    counted = AmountField(
        label=_("Counted in the till"),
        required=False,
        help_text=_("Every note and coin. A difference waits for another admin."),
    )
    cash_to = forms.ModelChoiceField(
        managers(),
        required=False,
        empty_label=_("The safe"),
        label=_("Where the cash goes"),
        help_text=_("Into the safe, or into the till of somebody who has it now."),
    )
    field_order = ["heir", "counted", "cash_to", "reason", "seen"]

    def __init__(self, staff: Staff, data: Any = None, **options: Any):
        super().__init__(data, **options)
        for name in ("heir", "cash_to"):
            others = managers().exclude(pk=staff.pk)
            self.fields[name].queryset = others  # type: ignore[attr-defined]


def plain_number(value: Decimal) -> str:
    """As somebody would type it: no zeros at the end, no exponent."""
    return format(value.normalize(), "f")
