"""Money: `Decimal` in Python, a whole number of 10⁻⁸ units in the database.

SQLite keeps decimals as binary floating point and reads them back at 15 digits, so a decimal
column would neither store nor add exactly there. Whole numbers do both on every database.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable, register_combinable_fields

PLACES = 8
UNITS = 10**PLACES
QUANTUM = Decimal(1).scaleb(-PLACES)
WIDE = Context(prec=100)
ZERO = Decimal(0)
LARGEST = Decimal(2**63 - 1).scaleb(-PLACES)


class Unrepresentable(ValueError):
    """An amount that is not finite, has more than eight places, or does not fit a bigint."""


def to_units(amount: Decimal | int | str) -> int:
    """The amount as a whole number of 10⁻⁸ units.

    Raises `Unrepresentable` rather than round: rounding is a decision with a name (`round_up`,
    `round_down`) and has been made before.
    """
    if isinstance(amount, float):
        raise Unrepresentable("money is never a float")
    try:
        value = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise Unrepresentable(f"not an amount: {amount!r}") from error
    if not value.is_finite() or abs(value) > LARGEST:
        raise Unrepresentable(f"not an amount that can be stored: {value}")
    units = int(value.scaleb(PLACES, WIDE))
    # Comparing is exact; most arithmetic would first round to the digits of its context.
    if units * QUANTUM != value:
        raise Unrepresentable(f"{value} has more than {PLACES} decimal places")
    return units


def from_units(units: int) -> Decimal:
    """The amount that a whole number of 10⁻⁸ units stands for."""
    return Decimal(units).scaleb(-PLACES)


def round_up(amount: Decimal, step: Decimal = QUANTUM) -> Decimal:
    """The next multiple of `step` that is not below `amount`: prices and expected costs."""
    if step is QUANTUM:
        return amount.quantize(QUANTUM, ROUND_CEILING, WIDE)
    with localcontext(WIDE, rounding=ROUND_CEILING):
        return (amount / step).to_integral_value() * step


def round_down(amount: Decimal, step: Decimal = QUANTUM) -> Decimal:
    """The last multiple of `step` that is not above `amount`: figures that must not flatter."""
    with localcontext(WIDE, rounding=ROUND_FLOOR):
        return (amount / step).to_integral_value() * step


def plain(amount: Decimal) -> str:
    """The amount for sentences: every place that counts, and two at least ("4.20", "0.00125")."""
    whole, _, places = f"{amount:f}".partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


class MoneyField(models.Field):
    """A `Decimal` with up to eight places, stored as a bigint of 10⁻⁸ units.

    Comparing, ordering and `Sum` happen on whole numbers and are exact on both databases, and so
    do `F("price") - F("refunded")` and `F("price") * 2`. A plain number added in SQL would be
    taken for units: write `Value(amount, output_field=MoneyField())`. Django refuses the number
    where it has to know the expression's type; in `update()` and `filter()` it does not.
    """

    description = "Money"

    if TYPE_CHECKING:  # what django-stubs reads as the types of the attribute
        _pyi_private_set_type: Decimal | Combinable
        _pyi_private_get_type: Decimal
        _pyi_lookup_exact_type: Decimal | int

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        # PostgreSQL's SUM over bigint is numeric and arrives as a whole Decimal.
        return None if value is None else from_units(int(value))

    def to_python(self, value: Any) -> Decimal | None:
        if value is None:
            return None
        try:
            units = to_units(value)
            return value if isinstance(value, Decimal) else from_units(units)
        except Unrepresentable as error:
            raise ValidationError(str(error)) from error

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return to_units(value)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else format(value, "f")

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        kwargs.setdefault("form_class", forms.DecimalField)
        form_class = kwargs.pop("form_class")
        return models.Field.formfield(
            self, form_class=form_class, **{"decimal_places": PLACES, "max_digits": 18, **kwargs}
        )


# What Django may conclude of expressions. MoneyField is none of its integer fields, so that it
# concludes nothing else: neither that a difference is a plain number, nor that 1 is one unit.
for _sign in (Combinable.ADD, Combinable.SUB):
    register_combinable_fields(MoneyField, _sign, MoneyField, MoneyField)
register_combinable_fields(MoneyField, Combinable.MUL, models.IntegerField, MoneyField)
register_combinable_fields(models.IntegerField, Combinable.MUL, MoneyField, MoneyField)
