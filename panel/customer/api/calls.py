"""Example calls: what a program sends for each action and for each type of service.

What `add` takes follows from the declaration of the type (`orders.service_types`), so an example is
never of another shape than what is accepted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from orders import service_types
from orders.service_types import Field, ServiceType, reference
from orders.shop import Listed
from panel.display import count

Call = dict[str, str]


@dataclass(frozen=True)
class Parameter:
    """A field of `add` in words."""

    name: str
    about: str
    note: str


def add_call(row: Listed) -> Call:
    """What orders the least of this service."""
    return {
        "action": "add",
        "service": str(row.service),
    } | service_types.example(_kind(row), row.least)


def parameters_of(row: Listed) -> list[Parameter]:
    """Every field that services of this type take, in words."""
    kind = _kind(row)
    return [
        Parameter(field.name, _about(field, kind, row), str(reference.need(field)))
        for field in kind.fields
        if row.dripfeed or not field.drip
    ]


def billed_by(row: Listed) -> str:
    """What the rate of this service is multiplied by, in a sentence."""
    return str(_kind(row).billed_by)


def one_of_each_type(rows: Sequence[Listed]) -> list[Listed]:
    """The first service of each type, in the order of the protocol."""
    first: dict[str, Listed] = {}
    for row in rows:
        first.setdefault(row.type, row)
    return [first[kind.name] for kind in service_types.ALL if kind.name in first]


def _kind(row: Listed) -> ServiceType:
    found = service_types.find(row.type)
    assert found is not None  # what is listed has a type that we know
    return found


def _about(field: Field, kind: ServiceType, row: Listed) -> str:
    limits = {"least": count(row.least), "most": count(row.most)}
    if field.kind == "quantity":
        return _("From %(least)s to %(most)s.") % limits
    words = str(reference.about(field))
    if field.kind == "lines" and field.name == kind.counts:
        return " ".join((words, _("%(least)s to %(most)s lines.") % limits))
    return words
