"""Entries of the trail in words: "Markup of Instagram: 35 % → 42 %"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import MarkupKind
from orders.kept_words import told
from orders.models import AuditEntry
from orders.spelling import spelled
from panel.display import as_decimal, exact_text, money_text, percent
from panel.staff.audit.audit_actions import ACTIONS, FIELDS, MONEY, PERCENT, QUIET
from panel.staff.audit.audit_codes import CODED, CODES
from panel.staff.audit.audit_names import Names, Subject, reference_in

NOBODY = gettext_lazy("The operator or the machinery")


@dataclass(frozen=True)
class Change:
    """One value: what it was and what it is ("" where there was none, or is none)."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """An entry as people read it."""

    number: int
    at: datetime
    person: str
    what: str
    subjects: list[Subject]
    changes: list[Change]
    reason: str


def action_words(action: str) -> str:
    """What an action is called."""
    return str(ACTIONS.get(action, "")) or action.replace(".", " ").replace("_", " ").capitalize()


def lines(entries: list[AuditEntry]) -> list[Line]:
    """Entries in words; their persons are fetched already."""
    names = Names(entries)
    return [_line(entry, names) for entry in entries]


def _line(entry: AuditEntry, names: Names) -> Line:
    about = [reference for reference in (entry.subject, entry.also) if reference]
    return Line(
        entry.pk,
        entry.at,
        str(entry.person or NOBODY),
        action_words(entry.action),
        [names.subject(reference) for reference in about],
        _changes(entry, names),
        told(entry.reason),
    )


def _changes(entry: AuditEntry, names: Names) -> list[Change]:
    before, after = _said(entry.before), _said(entry.after)
    fields = [name for name in dict.fromkeys([*before, *after]) if name not in QUIET]
    return [
        Change(
            str(FIELDS.get(name, name.replace("_", " "))),
            _value(name, before[name], names, entry.subject) if name in before else "",
            _value(name, after[name], names, entry.subject) if name in after else "",
        )
        for name in fields
    ]


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with kind and value of a markup as one."""
    if {"kind", "value"} <= values.keys():
        rest = {n: v for n, v in values.items() if n not in ("kind", "value")}
        return {"markup_rule": _markup(values["kind"], values["value"]), **rest}
    return dict(values)


def _markup(kind: str, value: Any) -> str:
    if kind == MarkupKind.PERCENT:
        return percent(value, None)
    if kind == MarkupKind.PER_1000:
        return _("+%(amount)s per 1000") % {"amount": money_text(value)}
    return _("fixed rate %(amount)s") % {"amount": money_text(value)}


def _figure(name: str, value: Any, subject: str) -> str:
    """Money, per cent or a moment in words; "" for what is none of these."""
    amount = as_decimal(value)
    if name in MONEY and amount is not None:
        # What moved at a provider is in the provider's currency, which the entry does not tell.
        return spelled(amount) if subject.startswith("provider:") else money_text(amount)
    if name in PERCENT and amount is not None:
        return percent(amount, None)
    moment = parse_datetime(value) if isinstance(value, str) and len(value) > 18 else None
    return exact_text(moment) if moment is not None and moment.tzinfo is not None else ""


def _value(name: str, value: Any, names: Names, subject: str) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if reference := reference_in(name, value):
        return names.of(reference)
    if figure := _figure(name, value, subject):
        return figure
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "–"
    if name in CODED:
        return str(CODES.get(str(value), str(value).replace("_", " ")))
    return str(value)
