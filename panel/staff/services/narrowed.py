"""Lists of services that an address narrows: by words, category, provider, and what each adds."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from orders import catalog
from orders.models import Service
from panel.drafting import number_in

MOST_SIGNS = 200


@dataclass(frozen=True)
class Narrowed:
    """What a list is narrowed to; anything odd in the address narrows nothing. Heirs add fields of
    their own, named as the address names them."""

    PAGE: ClassVar[str]
    """The name of the list's address."""

    text: str = ""
    category: int | None = None
    provider: int | None = None

    @classmethod
    def said(cls, query: QueryDict, **more: Any) -> Self:
        """What the address says, with what an heir read of it."""
        return cls(
            text=words_in(query, "q"),
            category=number_in(query.get("category")),
            provider=number_in(query.get("provider")),
            **more,
        )

    @property
    def is_narrow(self) -> bool:
        return self != type(self)()

    @property
    def fields(self) -> dict[str, str]:
        """The same as an address or a form carries it."""
        every = {each.name: getattr(self, each.name) for each in fields(self) if each.compare}
        named = {"q": every.pop("text"), **every}
        return {name: str(value) for name, value in named.items() if value}

    @property
    def url(self) -> str:
        query = urlencode(self.fields)
        return reverse(self.PAGE) + (f"?{query}" if query else "")

    def narrow(self, found: QuerySet[Service]) -> QuerySet[Service]:
        """Those of the services that fit."""
        if self.text:
            found = found.filter(catalog.fitting(self.text, upstream_ids=True))
        if self.category is not None:
            found = found.filter(category=self.category)
        if self.provider is not None:
            found = found.filter(offer__provider=self.provider)
        return found


def words_in(query: QueryDict, name: str) -> str:
    """What was typed or chosen, without blanks at its ends."""
    return query.get(name, "").strip()[:MOST_SIGNS]
