"""What a new order sends besides link and quantity, as its quote shows it before it is placed."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.service_types import Details, Field, ServiceType
from orders.service_types.declaration import Value
from panel.display import count

LINES_SHOWN = 3
TOLD_ELSEWHERE = ("link", "quantity", "runs", "interval")


@dataclass(frozen=True)
class Sent:
    """One field: its first lines as they are sent, and what of it is not to be seen there."""

    label: str
    lines: list[str]
    note: str = ""


def sent(kind: ServiceType, details: Details) -> list[Sent]:
    """In the form's order. Nothing is rewritten: with or without "@", as it was typed."""
    return [
        _sent(field, details.values[field.name])
        for field in kind.fields
        if field.name in details.values and field.name not in TOLD_ELSEWHERE
    ]


def _sent(field: Field, value: Value) -> Sent:
    if isinstance(value, list):
        return Sent(field.label, value[:LINES_SHOWN], "; ".join(_about(value)))
    return Sent(field.label, [str(dict(field.choices).get(str(value), value))])


def _about(lines: list[str]) -> Iterator[str]:
    if more := len(lines) - LINES_SHOWN if len(lines) > LINES_SHOWN else 0:
        yield _("and %(count)s more") % {"count": count(more)}
    if again := len(lines) - len(set(lines)):
        words = ngettext("one of them there before", "%(count)s of them there before", again)
        yield words % {"count": count(again)}
