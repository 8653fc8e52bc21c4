"""What the trail's subjects are called, and where their pages are: a page of entries at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse

from orders.models import (
    AuditEntry,
    Category,
    Customer,
    Offer,
    PaymentMethod,
    Provider,
    Service,
    Staff,
    User,
)

REFERENCE = re.compile(r"([a-z]+):(\d{1,18})")

NAMED: dict[str, tuple[type[Model], str]] = {
    "customer": (Customer, "name"),
    "service": (Service, "name"),
    "provider": (Provider, "name"),
    "category": (Category, "name"),
    "offer": (Offer, "name"),
    "paymentmethod": (PaymentMethod, "name"),
    "staff": (Staff, "user__name"),
    "user": (User, "name"),
}
"""Rows that have a name of their own, and the column that holds it."""

WORDS = {
    "customer": "client",
    "massorder": "mass order",
    "paymentmethod": "way to pay",
    "user": "sign-in of",
    "alertsettings": "alerts",
    "syncrun": "reading",
    "topup": "top-up",
    "staff": "",
    "category": "category",
}

PAGES = {
    "customer": "staff:client",
    "service": "staff:service",
    "provider": "staff:provider",
    "order": "staff:order",
    "massorder": "staff:mass_order",
    "staff": "staff:member",
    "topup": "staff:top_up",
    "paymentmethod": "staff:payment_method",
}
PLACES = {
    "panel": "staff:settings",
    "alertsettings": "staff:alerts",
    "invitation": "staff:invitations",
}


@dataclass(frozen=True)
class Subject:
    """Something that an entry is about: in words, and its page ("" for none)."""

    words: str
    url: str


class Names:
    """The names of everything that some entries mention; one query for each kind of row."""

    def __init__(self, entries: Iterable[AuditEntry]):
        wanted: dict[str, set[int]] = {}
        for entry in entries:
            for text in _mentions(entry):
                if (found := REFERENCE.fullmatch(text)) and found[1] in NAMED:
                    wanted.setdefault(found[1], set()).add(int(found[2]))
        self._names: dict[str, str] = {}
        for kind, ids in wanted.items():
            model, column = NAMED[kind]
            rows = model._default_manager.filter(pk__in=ids).values_list("pk", column)
            self._names |= {f"{kind}:{pk}": name for pk, name in rows}

    def of(self, reference: str) -> str:
        """A reference in words: "service 2104 Instagram Likes", "Mira Kovač", "order 17"."""
        found = REFERENCE.fullmatch(reference)
        if found is None or found[1] in ("panel", "alertsettings"):
            return WORDS.get(reference.partition(":")[0], reference.partition(":")[0])
        kind, number = found[1], found[2]
        name, word = self._names.get(reference, ""), WORDS.get(kind, kind)
        if kind in ("staff", "category", "user", "paymentmethod"):
            return f"{word} {name or number}".strip()
        return f"{word} {number} {name}".strip()

    def subject(self, reference: str) -> Subject:
        """The same with its page."""
        kind, _, number = reference.partition(":")
        url = reverse(PAGES[kind], args=[int(number)]) if kind in PAGES and number else ""
        if not url and kind in PLACES:
            url = reverse(PLACES[kind])
        return Subject(self.of(reference), url)


def _mentions(entry: AuditEntry) -> Iterable[str]:
    yield from (entry.subject, entry.also)
    for values in (entry.before, entry.after):
        for name, value in values.items():
            yield reference_in(name, value)


def reference_in(name: str, value: Any) -> str:
    """The row that a value stands for ("staff:3"), or ""."""
    if name == "offer" and isinstance(value, int):
        return f"offer:{value}"
    return value if isinstance(value, str) and REFERENCE.fullmatch(value) else ""
