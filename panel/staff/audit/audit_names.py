"""What the trail's subjects are called, and where their pages are: a page of entries at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

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

WORDS: dict[str, str | Promise] = {
    "alertsettings": gettext_lazy("alerts"),
    "panel": gettext_lazy("panel"),
}
"""Subjects that there is one of."""

NUMBERED: dict[str, str | Promise] = {
    "customer": gettext_lazy("client %(number)s %(name)s"),
    "service": gettext_lazy("service %(number)s %(name)s"),
    "provider": gettext_lazy("provider %(number)s %(name)s"),
    "offer": gettext_lazy("offer %(number)s %(name)s"),
    "order": gettext_lazy("order %(number)s"),
    "massorder": gettext_lazy("mass order %(number)s"),
    "syncrun": gettext_lazy("reading %(number)s"),
    "topup": gettext_lazy("top-up %(number)s"),
    "invitation": gettext_lazy("invitation %(number)s"),
}
"""Subjects told by their number, and their name where they have one."""

BY_NAME: dict[str, str | Promise] = {
    "category": gettext_lazy("category %(name)s"),
    "paymentmethod": gettext_lazy("way to pay %(name)s"),
    "user": gettext_lazy("sign-in of %(name)s"),
    "staff": "%(name)s",
}
"""Subjects told by their name alone."""

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
        kind = reference.partition(":")[0]
        if found is None or kind in WORDS:
            return str(WORDS.get(kind, kind))
        number, name = found[2], self._names.get(reference, "")
        if kind in BY_NAME:
            return str(BY_NAME[kind]) % {"name": name or number}
        words = str(NUMBERED.get(kind, f"{kind} %(number)s"))
        return (words % {"number": number, "name": name}).strip()

    def subject(self, reference: str) -> Subject:
        """The same with its page."""
        kind, number = reference.partition(":")[::2]
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
