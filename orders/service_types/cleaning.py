"""From what a person or a program typed to an order's details."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders.enums import DripLimit, NotSold
from orders.errors import FieldErrors, NotForSale, OutsideLimits
from orders.kept_words import Sentence
from orders.service_types.declaration import Details, Limits, ServiceType, Value
from orders.service_types.values import Wrong, clean_value, is_blank, missing
from orders.spelling import count

NOT_IN_RUNS = gettext_noop("This service is delivered at once. Leave the runs empty.")
_AT_LEAST = Sentence(gettext_noop("At least %(least)s for this service."))
_BETWEEN = Sentence(gettext_noop("Between %(least)s and %(most)s for this service."))
_STEPS = Sentence(gettext_noop("In steps of %(step)s."))
_ENTERED = Sentence(gettext_noop("You entered %(count)s."))
_TOGETHER = Sentence(gettext_noop("All runs together are %(count)s."))

Values = dict[str, Value]
Errors = dict[str, str]


def clean(service_type: ServiceType, raw: Mapping[str, Any], limits: Limits) -> Details:
    """The order's details. Keys of `raw` that the type does not declare are ignored.

    Raises `FieldErrors` with a sentence for every field that is wrong (`OutsideLimits` when a
    quantity is among them that the service does not take), and `NotForSale` for a type that cannot
    be ordered.
    """
    if not service_type.orderable:
        raise NotForSale(NotSold.TYPE, str(service_type.why_not))
    values, errors = _asked_alone(service_type, *_clean_fields(service_type, raw))
    for check in (_required_by_others, _drip_feed):
        errors = check(service_type, values, errors) | errors
    errors |= _subscription(service_type, values, limits)
    if "runs" in values and not limits.dripfeed:
        errors = {"runs": _(NOT_IN_RUNS)} | errors
    limited = _limited(service_type, values, limits)
    if outside := _outside(service_type, values, limited, limits):
        raise OutsideLimits(outside | errors, limited, limits.least, limits.most, limits.multiple)
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


def _asked_alone(
    service_type: ServiceType, values: Values, errors: Errors
) -> tuple[Values, Errors]:
    """What hangs on another value and is not asked for now is neither judged nor sent."""
    asked = {field.name for field in service_type.asked(values)}
    return (
        {name: value for name, value in values.items() if name in asked},
        {name: text for name, text in errors.items() if name in asked},
    )


def _required_by_others(service_type: ServiceType, values: Values, errors: Errors) -> Errors:
    return {
        field.name: missing(field)
        for field in service_type.asked(values)
        if field.required_if and field.name not in values
    }


def _drip_feed(service_type: ServiceType, values: Values, errors: Errors) -> Errors:
    """Runs without an interval, or the reverse, is an error upstream; a single run is an order
    like any other, and no interval belongs to it."""
    if values.get("runs") == 1:
        for name in ("runs", "interval"):
            values.pop(name, None)
        return {}
    given = {"runs", "interval"} & (values.keys() | errors.keys())
    if given == {"runs"}:
        return {"interval": _("Say how many minutes lie between two runs.")}
    if given == {"interval"}:
        return {"runs": _("Say how many runs there are.")}
    return {}


def _subscription(service_type: ServiceType, values: Values, limits: Limits) -> Errors:
    """The least per post lies within the limits too, and the last day is to come."""
    errors = {}
    least, most = values.get(service_type.least), values.get(service_type.counts)
    if not (isinstance(least, int) and isinstance(most, int)) or most < limits.least:
        pass  # said at the most
    elif least < limits.least:
        errors[service_type.least] = _AT_LEAST.said(least=count(limits.least))
    elif least > most:
        errors[service_type.least] = _("No more than the most per post.")
    ends_on = last_day(values)
    if ends_on and limits.today and ends_on < limits.today:
        errors["expiry"] = _("This day has passed.")
    return errors


def last_day(values: Mapping[str, Value]) -> date | None:
    """When a subscription ends at the latest, of cleaned or stored fields."""
    told = values.get("expiry")
    return datetime.strptime(str(told), "%d/%m/%Y").date() if told else None  # noqa: DTZ007 (a day)


def _limited(service_type: ServiceType, values: Values, limits: Limits) -> int:
    """The quantity that the limits speak of; 0 for a package and while it is not known."""
    quantity = _size(values.get(service_type.counts, 0))
    return quantity * _runs(values) if limits.drip == DripLimit.TOTAL else quantity


def _outside(service_type: ServiceType, values: Values, limited: int, limits: Limits) -> Errors:
    counted = values.get(service_type.counts)
    if counted is None:
        return {}
    if not limits.least <= limited <= limits.most:
        sentence = _BETWEEN.said(least=count(limits.least), most=count(limits.most))
    elif limits.multiple > 1 and limited % limits.multiple:
        sentence = _STEPS.said(step=count(limits.multiple))
    else:
        return {}
    return {service_type.counts: f"{sentence} {_what_was_counted(counted, limited)}".strip()}


def _what_was_counted(counted: Value, limited: int) -> str:
    """Nobody sees a list's length, or all runs together, in what they typed."""
    if isinstance(counted, list):
        return _ENTERED.said(count=count(limited))
    return _TOGETHER.said(count=count(limited)) if limited != counted else ""


def _details(service_type: ServiceType, values: Values) -> Details:
    link = str(values.get("link", ""))
    if not service_type.counts:
        return Details(values, link, quantity=1, billable=1, delivery_total=None)
    quantity = _size(values[service_type.counts])
    if service_type.posts:
        return _of_posts(service_type, values, quantity)
    total, runs = quantity * _runs(values), values.get("runs")
    return Details(values, link, quantity, total, total, runs if isinstance(runs, int) else None)


def _of_posts(service_type: ServiceType, values: Values, most: int) -> Details:
    """A subscription has no price of its own: what all its posts cost at the most is held."""
    posts = sum(_size(values.get(name, 0)) for name in service_type.posts)
    return Details(
        values,
        link="",
        quantity=most,
        billable=most * posts,
        delivery_total=most * posts,
        runs=posts,
        least_per_post=_size(values[service_type.least]),
        ends_on=last_day(values),
    )


def _size(counted: Value) -> int:
    return len(counted) if isinstance(counted, list) else int(counted)


def _runs(values: Values) -> int:
    runs = values.get("runs")
    return runs if isinstance(runs, int) else 1
