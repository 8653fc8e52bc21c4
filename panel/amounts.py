"""Numbers with decimals, and amounts of money, as people type them in their language.

Where the language has a comma before the decimals, "12,50" is twelve and a half, and so is "12.50":
neither can be read as something else. "1.250" could be a thousand and more, or one and a quarter;
it is refused with both ways to write it, never guessed.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from panel.display import marks, panel_currency

ODD = gettext_lazy("Type an amount like 12.50, with a dot before the cents.")

_GROUPED = re.compile(r"\d{1,3}(\.\d{3})+")
_TWO_WAYS = re.compile(r"[1-9]\d*\.\d{3}")


class Odd(ValueError):
    """Typed text that is no number in the language at hand."""


class TwoWays(Odd):
    """Typed text that could be two numbers; says how to type either."""


def plain(text: str) -> str:
    """A typed number as Python writes it, with a dot. Raises `Odd`.

    Of a language with a dot before the decimals nothing is changed, nor looked at.
    """
    if marks()[0] == ".":
        return text
    if not set(text) <= set("0123456789.,+-"):
        raise Odd(text)
    whole, comma, decimals = text.partition(",")
    if comma:
        if not _is_whole(whole) or not re.fullmatch(r"\d*", decimals):
            raise Odd(text)
        return f"{whole.replace('.', '')}.{decimals}"
    if _TWO_WAYS.fullmatch(text.lstrip("+-")):
        raise TwoWays(text)
    return text.replace(".", "") if text.count(".") > 1 and _is_whole(text) else text


def _is_whole(text: str) -> bool:
    digits = text.lstrip("+-")
    return "." not in digits or bool(_GROUPED.fullmatch(digits))


def typed(value: Any) -> str:
    """A number as somebody would type it, to be put into a box: no marks between thousands."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.replace(".", marks()[0])


def read(text: object) -> Decimal | None:
    """What a typed text comes to; None when it is no number."""
    try:
        number = Decimal(plain(str(text or "").strip()))
    except (Odd, InvalidOperation):
        return None
    return number if number.is_finite() else None


def as_typed(text: str) -> str:
    """Text out of an address, to be put into a box as it is: it may be unreadable."""
    return _Typed(text)


class _Typed(str):
    """Text as somebody typed it, to be shown again as it is."""


class NumberField(forms.DecimalField):
    """A number with decimals, in one line of text."""

    def __init__(self, **options: Any):
        options.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        )
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(plain(str(value if value is not None else "").strip()))
        except TwoWays as two:
            raise ValidationError(_two_ways(str(two)), code="invalid") from two
        except Odd as odd:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from odd

    def bound_data(self, data: Any, initial: Any) -> Any:
        data = super().bound_data(data, initial)
        return _Typed(data) if isinstance(data, str) else data

    def prepare_value(self, value: Any) -> Any:
        """What is set stands in the box as the language writes it."""
        if value is None or isinstance(value, _Typed):
            return value
        return typed(value)


class AmountField(NumberField):
    """An amount in the panel's currency, or in `currency` when that is set; the engine says how
    large and how fine it may be."""

    currency = ""

    default_error_messages = {"invalid": ODD, "required": gettext_lazy("Type an amount.")}

    def __init__(self, **options: Any):
        options.setdefault("label", gettext_lazy("Amount"))
        super().__init__(**options)

    @property
    def affix(self) -> str:
        """What stands beside the box."""
        return self.currency or panel_currency()

    def to_python(self, value: Any) -> Any:
        """What is no plain number, such as 1e9, is no amount either."""
        if not set(str(value or "").strip()) <= set("0123456789." + marks()[0]):
            raise ValidationError(ODD, code="invalid")
        return super().to_python(value)


def _two_ways(text: str) -> str:
    both = {"typed": text, "whole": text.replace(".", ""), "part": text.replace(".", marks()[0])}
    return _("“%(typed)s” can be read in two ways: type %(whole)s or %(part)s.") % both
