"""From what a person or a program typed to an order's details."""

from collections.abc import Mapping
from typing import Any

from orders.enums import DripLimit, NotSold
from orders.errors import FieldErrors, NotForSale
from orders.service_types.declaration import Details, Field, Limits, ServiceType, Value
from orders.service_types.values import Wrong, clean_value, is_blank, missing

Values = dict[str, Value]
Errors = dict[str, str]


def clean(service_type: ServiceType, raw: Mapping[str, Any], limits: Limits) -> Details:
    """The order's details. Keys of `raw` that the type does not declare are ignored.

    Raises `FieldErrors` with a sentence for every field that is wrong, and `NotForSale` for a type
    that cannot be ordered.
    """
    if not service_type.orderable:
        raise NotForSale(NotSold.TYPE, service_type.why_not)
    values, errors = _clean_fields(service_type, raw)
    for check in (_required_by_others, _drip_feed):
        errors = check(service_type, values, errors) | errors
    errors = _within_limits(service_type, values, limits) | errors
    if errors:
        raise FieldErrors(errors)
    return _details(service_type, values)


def _clean_fields(service_type: ServiceType, raw: Mapping[str, Any]) -> tuple[Values, Errors]:
    values: Values = {}
    errors: Errors = {}
    for field in service_type.fields:
        given = raw.get(field.name)
        try:
            if not is_blank(given):
                values[field.name] = clean_value(field, given)
            elif field.required:
                errors[field.name] = missing(field)
        except Wrong as wrong:
            errors[field.name] = str(wrong)
    return values, errors


def _required_by_others(service_type: ServiceType, values: Values, errors: Errors) -> Errors:
    return {
        field.name: missing(field)
        for field in service_type.fields
        if _asked_for(field, values) and field.name not in values
    }


def _asked_for(field: Field, values: Values) -> bool:
    if field.required_if is None:
        return False
    other, value = field.required_if
    return values.get(other) == value


def _drip_feed(service_type: ServiceType, values: Values, errors: Errors) -> Errors:
    """Runs without an interval, or the reverse, is an error upstream."""
    given = {"runs", "interval"} & (values.keys() | errors.keys())
    if given == {"runs"}:
        return {"interval": "Say how many minutes lie between two runs."}
    if given == {"interval"}:
        return {"runs": "Say how many runs there are."}
    return {}


def _within_limits(service_type: ServiceType, values: Values, limits: Limits) -> Errors:
    counted = values.get(service_type.counts)
    if counted is None:
        return {}
    quantity = _size(counted)
    limited = quantity * _runs(values) if limits.drip == DripLimit.TOTAL else quantity
    if not limits.least <= limited <= limits.most:
        sentence = f"Between {limits.least:,} and {limits.most:,} for this service."
    elif limits.multiple > 1 and limited % limits.multiple:
        sentence = f"In steps of {limits.multiple:,}."
    else:
        return {}
    return {service_type.counts: sentence + _what_was_counted(counted, limited)}


def _what_was_counted(counted: Value, limited: int) -> str:
    """Nobody sees a list's length, or all runs together, in what they typed."""
    if isinstance(counted, list):
        return f" You entered {limited:,}."
    return f" All runs together are {limited:,}." if limited != counted else ""


def _details(service_type: ServiceType, values: Values) -> Details:
    link = str(values["link"])
    if not service_type.counts:
        return Details(values, link, quantity=1, billable=1, delivery_total=None)
    quantity = _size(values[service_type.counts])
    total = quantity * _runs(values)
    return Details(values, link, quantity, billable=total, delivery_total=total)


def _size(counted: Value) -> int:
    return len(counted) if isinstance(counted, list) else int(counted)


def _runs(values: Values) -> int:
    return int(values["runs"]) if "runs" in values and isinstance(values["runs"], int) else 1
