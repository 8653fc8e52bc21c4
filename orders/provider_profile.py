"""A provider's profile: what may be declared in it, and how its secrets are kept out of sight."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import service_types
from orders.errors import FieldErrors
from orders.spelling import count

MASK = "••••••"
"""Stands for a value that is kept and never shown again."""

MOST_PARAMETERS = 20
LONGEST_VALUE = 300
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,39}")

RESERVED = frozenset({"key", "action", "service", "order", "orders", "refill", "refills"}) | {
    field.name for kind in service_types.ALL for field in kind.fields
}
"""Parameters of the protocol: what a call means hangs on them."""

CALLS = frozenset({"url", "extra_parameters", "idempotency_field"})
"""What tells one account of a provider from another, besides the key."""

LIMITS: dict[str, tuple[int, int, str]] = {
    "batch_size": (1, 1000, gettext_noop("orders")),
    "requests_at_once": (1, 64, gettext_noop("calls")),
    "connect_timeout": (1, 60, gettext_noop("seconds")),
    "read_timeout": (1, 120, gettext_noop("seconds")),
    "total_timeout": (1, 120, gettext_noop("seconds")),
}


def shown(parameters: Mapping[str, Any]) -> str:
    """Extra parameters as lines to edit, each value masked."""
    return "\n".join(f"{name}={MASK}" for name in parameters)


def read(text: str, kept: Mapping[str, Any]) -> dict[str, str]:
    """Lines of `name=value`; a masked value stays what it is in `kept`. Raises `FieldErrors`."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, mark, value = (part.strip() for part in line.partition("="))
        if not mark:
            raise _wrong(_("Write “%(line)s” as name=value.") % {"line": line[:40]})
        if name in found:
            raise _wrong(_("%(name)s stands there twice.") % {"name": name})
        if value == MASK:
            if name not in kept:
                raise _wrong(_("Type the value of %(name)s.") % {"name": name})
            value = str(kept[name])
        found[name] = value
    return found


def check(values: Mapping[str, Any], row: Any) -> None:
    """Whether a changed profile can be used; `row` says what is not among `values`.

    Raises `FieldErrors`.
    """
    errors = _parameter_errors(values) | _field_errors(values, row) | _limit_errors(values)
    total = values.get("total_timeout", row.total_timeout)
    for name in ("connect_timeout", "read_timeout"):
        if name in values and name not in errors and values[name] > total:
            errors[name] = _("Not longer than the longest call, %(total)s seconds.") % {
                "total": total
            }
    pace = values.get("requests_per_second")
    if pace is not None and not 0 < pace <= 1000:
        errors["requests_per_second"] = _(
            "Above zero, at most 1,000; 0.5 is one call in two seconds."
        )
    if errors:
        raise FieldErrors(errors)


def told(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Two sets of extra parameters as the audit trail may hold them: names, and what is new."""
    names = [
        f"{name} (new value)" if name in before and before[name] != value else name
        for name, value in after.items()
    ]
    return list(before), names


def _parameter_errors(values: Mapping[str, Any]) -> dict[str, str]:
    parameters = values.get("extra_parameters") or {}
    if len(parameters) > MOST_PARAMETERS:
        return {
            "extra_parameters": _("At most %(most_parameters)s of them.")
            % {"most_parameters": MOST_PARAMETERS}
        }
    for name, value in parameters.items():
        if wrong := _name_is_wrong(name) or _value_is_wrong(name, str(value)):
            return {"extra_parameters": wrong}
    return {}


def _field_errors(values: Mapping[str, Any], row: Any) -> dict[str, str]:
    field = values.get("idempotency_field", row.idempotency_field)
    extra = values.get("extra_parameters", row.extra_parameters)
    if not field:
        return {}
    if wrong := _name_is_wrong(field):
        return {"idempotency_field": wrong}
    if field in extra:
        return {
            "idempotency_field": _("%(field)s is sent as an extra parameter already.")
            % {"field": field}
        }
    return {}


def _limit_errors(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: _("Between %(least)s and %(most)s %(unit)s.")
        % {"least": count(least), "most": count(most), "unit": _(unit)}
        for name, (least, most, unit) in LIMITS.items()
        if name in values and not least <= values[name] <= most
    }


def _name_is_wrong(name: str) -> str:
    if not NAME.fullmatch(name):
        return _("“%(name)s” is no parameter's name: letters, digits, _ . and - only.") % {
            "name": name[:40]
        }
    if name.lower() in RESERVED:
        return _("%(name)s is a parameter of the protocol itself; the panel fills it in.") % {
            "name": name
        }
    return ""


def _value_is_wrong(name: str, value: str) -> str:
    if not value:
        return _("%(name)s has no value.") % {"name": name}
    if len(value) > LONGEST_VALUE or not value.isprintable():
        return _(
            "The value of %(name)s has to be plain text of at most %(longest_value)s characters."
        ) % {"name": name, "longest_value": LONGEST_VALUE}
    return ""


def _wrong(words: str) -> FieldErrors:
    return FieldErrors({"extra_parameters": words})
