"""An amount of money as people type it."""

from typing import Any

from django import forms

from panel.display import panel_currency

ODD = "Type an amount like 12.50, with a dot before the cents."


class AmountField(forms.DecimalField):
    """An amount in the panel's currency, or in `currency` when that is set; the engine says how
    large and how fine it may be."""

    currency = ""

    default_error_messages = {"invalid": ODD, "required": "Type an amount."}

    def __init__(self, **options: Any):
        options.setdefault("label", "Amount")
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(widget=widget, **options)

    @property
    def affix(self) -> str:
        """What stands beside the box."""
        return self.currency or panel_currency()

    def to_python(self, value: Any) -> Any:
        """What is no plain number, such as 1e9, is no amount either."""
        text = str(value or "").strip()
        if not set(text) <= set("0123456789."):
            raise forms.ValidationError(ODD, code="invalid")
        return super().to_python(text)
