"""What a provider offers, as it is narrowed and listed where somebody chooses what to sell."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from orders import catalog
from orders.models import Offer, Provider, Service
from orders.people import Person
from panel import paginator
from panel.staff.services import service_rows

STATES = {
    "": ("All", Q()),
    "hidden": ("Hidden", Q(is_visible=False)),
    "sold": ("On sale", Q(is_visible=True)),
}
MOST_KINDS = 100
MOST_PROVIDERS = 100


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; anything odd in the address narrows nothing."""

    text: str = ""
    category: int | None = None
    kind: str = ""
    provider: int | None = None
    state: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Wanted":
        state = query.get("state", "")
        return cls(
            text=_words(query, "q"),
            category=number_in(query.get("category", "")),
            kind=_words(query, "kind"),
            provider=number_in(query.get("provider", "")),
            state=state if state in STATES else "",
        )

    @property
    def is_narrow(self) -> bool:
        return self != Wanted()

    @property
    def fields(self) -> dict[str, str]:
        """The same as an address or a form carries it."""
        every = {
            "q": self.text,
            "category": self.category,
            "kind": self.kind,
            "provider": self.provider,
            "state": self.state,
        }
        return {name: str(value) for name, value in every.items() if value}

    @property
    def url(self) -> str:
        query = urlencode(self.fields)
        return reverse("staff:choose") + (f"?{query}" if query else "")

    def services(self) -> QuerySet[Service]:
        """Those that fit, of what providers offer now."""
        found = Service.objects.filter(STATES[self.state][1], offer__retired_at=None)
        if self.text:
            found = found.filter(catalog.fitting(self.text, upstream_ids=True))
        if self.category is not None:
            found = found.filter(category=self.category)
        if self.kind:
            found = found.filter(offer__type_name=self.kind)
        if self.provider is not None:
            found = found.filter(offer__provider=self.provider)
        return found


class Listing:
    """One page of the list with all that stands around it; each part is asked for once."""

    def __init__(self, wanted: Wanted, who: Person, query: QueryDict):
        self.wanted, self._who, self._query = wanted, who, query

    @cached_property
    def page(self) -> paginator.Page[Service]:
        services = service_rows.joined(self.wanted.services())
        return paginator.page(services, self._query, rising=True)

    @cached_property
    def rows(self) -> list[service_rows.Row]:
        return service_rows.rows(self.page.rows, self._who)

    @cached_property
    def fitting(self) -> int:
        """How many fit, on every page together."""
        return self.wanted.services().count()

    @cached_property
    def shelves(self) -> list[dict[str, Any]]:
        """The categories of what else fits, with their counts."""
        everywhere = replace(self.wanted, category=None)
        return [
            {
                "shelf": shelf,
                "url": replace(everywhere, category=shelf.number).url,
                "current": shelf.number == self.wanted.category,
            }
            for shelf in catalog.stock(everywhere.services())
        ]

    @property
    def all_shelves_url(self) -> str:
        return replace(self.wanted, category=None).url

    @property
    def states(self) -> list[dict[str, Any]]:
        return [
            {
                "label": label,
                "url": replace(self.wanted, state=state).url,
                "current": state == self.wanted.state,
            }
            for state, (label, _) in STATES.items()
        ]

    @cached_property
    def kinds(self) -> list[str]:
        """The types that are offered, as providers write them."""
        offered = Offer.objects.filter(retired_at=None).order_by("type_name")
        return list(offered.values_list("type_name", flat=True).distinct()[:MOST_KINDS])

    @cached_property
    def providers(self) -> list[Provider]:
        return list(Provider.objects.only("name").order_by("name")[:MOST_PROVIDERS])


def _words(query: QueryDict, name: str) -> str:
    return query.get(name, "").strip()[:200]


def number_in(text: str) -> int | None:
    """The number that an address or a form carries; None where there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
