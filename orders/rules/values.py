"""What a markup, a floor, a ceiling, a step can be. Each check raises `FieldErrors`."""

from decimal import Decimal

from django.utils.translation import gettext as _

from orders.enums import MarkupKind
from orders.errors import FieldErrors
from orders.money import Unrepresentable, to_units
from orders.spelling import count

MOST_PERCENT = Decimal(99_999)
BOUND_PLACES = Decimal("0.0001")


def check_value(kind: MarkupKind, value: Decimal) -> None:
    if not is_amount(value):
        raise FieldErrors({"value": _("A number of at least zero, with at most eight places.")})
    if kind == MarkupKind.PERCENT and value > MOST_PERCENT:
        raise FieldErrors(
            {"value": _("At most %(most_percent)s %%.") % {"most_percent": count(MOST_PERCENT)}}
        )


def check_bounds(floor: Decimal | None, ceiling: Decimal | None) -> None:
    errors = {}
    for name, value in (("floor_percent", floor), ("ceiling_percent", ceiling)):
        if value is not None and not (is_amount(value) and value <= MOST_PERCENT):
            errors[name] = _("A percentage from 0 to %(most_percent)s.") % {
                "most_percent": count(MOST_PERCENT)
            }
        elif value is not None and value != value.quantize(BOUND_PLACES):
            errors[name] = _("With at most four places.")
    if not errors and floor is not None and ceiling is not None and floor > ceiling:
        errors["ceiling_percent"] = _("The ceiling lies below the floor.")
    if errors:
        raise FieldErrors(errors)


def check_terms(step: Decimal, minimum_charge: Decimal) -> None:
    errors = {}
    if not is_amount(step) or not step:
        errors["price_step"] = _("More than zero; 0.0001 is usual.")
    if not is_amount(minimum_charge):
        errors["minimum_charge"] = _("Zero or more, with at most eight places.")
    if errors:
        raise FieldErrors(errors)


def is_amount(value: Decimal) -> bool:
    """Whether it can be stored as money and is not below zero."""
    try:
        return to_units(value) >= 0
    except Unrepresentable:
        return False
