"""The forms of a new order that staff alone have: the markup, and the cash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from orders import pricing
from orders.enums import MarkupKind, PriceLevel
from orders.kept_words import Sentence
from orders.money import ZERO
from panel.amounts import NumberField
from panel.staff.amounts import AmountField

_TYPED_BY = Sentence(gettext_noop("typed by %(name)s"))

ACTING, PERCENT, TOTAL = "acting", "percent", "total"


@dataclass(frozen=True)
class MarkupChoice:
    """One way to say the markup: a rule that speaks about this sale, or typed."""

    value: str
    label: str
    markup: pricing.Markup | None = None


class MarkupForm(forms.Form):
    """The acting rule, another rule's markup, or a typed markup or total."""

    markup = forms.ChoiceField(widget=forms.RadioSelect, required=False)
    percent = NumberField(
        label=_("Markup"), required=False, min_value=0, max_value=100_000, decimal_places=4
    )
    total = NumberField(
        label=_("What the client pays"),
        required=False,
        min_value=0,
        max_value=10**9,
        decimal_places=8,
        help_text=_("For the whole order."),
    )

    def __init__(
        self, choices: Sequence[MarkupChoice], data: Mapping[str, Any] | None, *, typed_by: str
    ):
        self._markups = {choice.value: choice.markup for choice in choices}
        acting = choices[0].value
        if data is not None:
            given = data.get("markup")
            typed = {name: data.get(name) for name in (PERCENT, TOTAL)}
            data = {"markup": given if given in self._markups else acting} | typed
        super().__init__(data, initial={"markup": acting})
        self._typed_by = typed_by
        self.fields["markup"].choices = [(c.value, c.label) for c in choices]  # type: ignore[attr-defined]
        for name in ("percent", "total"):
            field = self.fields[name]
            field.widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})

    @property
    def chosen(self) -> str:
        """The way that is chosen; the acting rule unless another one was."""
        return str(self["markup"].value())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("markup")
        for name, words in (
            (PERCENT, gettext("Type the markup in per cent.")),
            (TOTAL, gettext("Type what the client pays.")),
        ):
            if chosen == name and data.get(name) is None and name not in self.errors:
                self.add_error(name, words)
            if chosen != name:  # what is not chosen does not matter, however it looks
                self.errors.pop(name, None)
        return data

    def typed(self) -> pricing.Markup | None:
        """The markup that was typed or taken from another rule; None: the acting rule's."""
        if not self.is_bound or not self.is_valid():
            return None
        chosen, who = self.chosen, _TYPED_BY.of(name=self._typed_by)
        if chosen == PERCENT:
            value = self.cleaned_data["percent"]
            return pricing.Markup(PriceLevel.TYPED, MarkupKind.PERCENT, value, who=who)
        if chosen == TOTAL:
            value = self.cleaned_data["total"]
            return pricing.Markup(PriceLevel.TYPED_TOTAL, None, value, who=who)
        other = self._markups.get(chosen)
        if other is None:
            return None
        return pricing.Markup(PriceLevel.TYPED, other.kind, other.value, who=who)


class CashForm(forms.Form):
    """What the client hands over; empty: no more than what is missing."""

    cash = AmountField(
        label=_("Cash from the client"),
        required=False,
        max_value=10**9,
        decimal_places=2,
        help_text=_(
            "Through your till; what is over stays on the balance. "
            "Empty: what is missing, if anything is."
        ),
    )

    def handed(self) -> Decimal:
        """The typed amount, zero without one."""
        return (self.cleaned_data.get("cash") if self.is_valid() else None) or ZERO
