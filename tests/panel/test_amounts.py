"""Typed numbers: what each language takes for one, what it refuses, what it writes into a box."""

from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from orders.service_types import values
from orders.service_types.types import QUANTITY
from panel.amounts import AmountField, NumberField, read


class Form(forms.Form):
    amount = AmountField(required=False)
    number = NumberField(required=False)


def typed(text: str, language: str, name: str = "amount") -> Decimal | str | None:
    """What a text comes to, or the sentence that refuses it."""
    with translation.override(language):
        form = Form({name: text})
        return str(form.errors[name][0]) if not form.is_valid() else form.cleaned_data[name]


@pytest.mark.parametrize("name", ["amount", "number"])
@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,50", "12.50"),
        ("12.50", "12.50"),
        ("12", "12"),
        (" 0,001 ", "0.001"),
        ("1250", "1250"),
        ("1.250,00", "1250"),
        ("1.234.567,8", "1234567.8"),
        ("1.234.567", "1234567"),
        ("12,", "12"),
        ("1,250", "1.250"),
        ("12.3456", "12.3456"),
        ("0.001", "0.001"),
        ("0,00000001", "0.00000001"),
    ],
)
def test_a_language_with_a_comma_takes_it_and_a_dot_that_means_one_thing(
    text: str, amount: str, name: str
) -> None:
    assert typed(text, "tr", name) == Decimal(amount)
    with translation.override("tr"):
        assert read(text) == Decimal(amount)


@pytest.mark.parametrize("name", ["amount", "number"])
@pytest.mark.parametrize("text", ["1.250", "12.500", "999.999", "1250.000"])
def test_what_could_be_a_thousand_times_as_much_is_refused_with_both_ways(
    text: str, name: str
) -> None:
    said = typed(text, "tr", name)
    assert isinstance(said, str)
    assert text.replace(".", "") in said and text.replace(".", ",") in said
    with translation.override("tr"):
        assert read(text) is None


@pytest.mark.parametrize(
    "text", ["1,2,3", "1,250.00", "12.50,0", "1.25.3", "12,5x", "1e9", "12.50.", "-"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert isinstance(typed(text, "tr"), str)
    assert isinstance(typed(text, "tr", "number"), str)


@pytest.mark.parametrize("text", ["12,50", "1,250", "1,250.00", "1e9", "-5"])
def test_english_takes_no_comma_and_says_how_to_type_it(text: str) -> None:
    assert typed(text, "en") == "Type an amount like 12.50, with a dot before the cents."


def test_english_takes_a_dot_whatever_follows() -> None:
    assert typed("1.250", "en") == typed("1.25", "en", "number") == Decimal("1.25")


def test_a_box_holds_what_is_set_as_the_language_writes_it_and_what_was_typed_as_it_was() -> None:
    for language, box in (("en", "1234.5"), ("tr", "1234,5")):
        with translation.override(language):
            for initial in (Decimal("1234.5"), "1234.5"):
                assert f'value="{box}"' in str(Form(initial={"amount": initial})["amount"])
            assert 'value="12.50"' in str(Form({"amount": "12.50"})["amount"])
            kept = Form(initial={"amount": Decimal("0.00000001")})["amount"].value()
            assert typed(kept, language) == Decimal("0.00000001")


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("tr", "1.000", 1000),
        ("tr", "12.345.678", 12_345_678),
        ("tr", "1,000", 1000),
        ("en", "1,000", 1000),
        ("en", "1.000", None),
        ("tr", "1.00", None),
        ("tr", "10.5", None),
    ],
)
def test_a_quantity_is_grouped_as_the_language_groups(
    language: str, text: str, number: int | None
) -> None:
    with translation.override(language):
        if number is None:
            with pytest.raises(values.Wrong):
                values.clean_value(QUANTITY, text)
        else:
            assert values.clean_value(QUANTITY, text) == number
