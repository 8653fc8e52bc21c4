"""What a provider offers, as it is narrowed and listed where somebody chooses what to sell."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders import catalog
from orders.models import Offer, Provider, Service
from orders.people import Person
from panel import paginator
from panel.staff.services import service_rows
from panel.staff.services.narrowed import Narrowed, words_in

STATES = {
    "": (_("All"), Q()),
    "hidden": (_("Hidden"), Q(is_visible=False)),
    "sold": (_("On sale"), Q(is_visible=True)),
    "unknown": (_("Not orderable"), service_rows.UNSOLD_TYPES),
}
WEEK = "week"
MOST_KINDS = 100
MOST_PROVIDERS = 100


@dataclass(frozen=True)
class Wanted(Narrowed):
    """What the list is narrowed to."""

    PAGE = "staff:choose"

    kind: str = ""
    state: str = ""
    since: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Wanted":
        state = query.get("state", "")
        return cls.said(
            query,
            kind=words_in(query, "kind"),
            state=state if state in STATES else "",
            since=WEEK if query.get("since") == WEEK else "",
        )

    def services(self) -> QuerySet[Service]:
        """Those that fit, of what providers offer now."""
        found = Service.objects.filter(STATES[self.state][1], offer__retired_at=None)
        if self.since:
            since = catalog.week_began(timezone.now())
            found = found & catalog.services_new_since(since)
        if self.kind:
            found = found.filter(offer__type_name=self.kind)
        return self.narrow(found)


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
            for state, (label, __) in STATES.items()
        ]

    @cached_property
    def kinds(self) -> list[str]:
        """The types that are offered, as providers write them."""
        offered = Offer.objects.filter(retired_at=None).order_by("type_name")
        return list(offered.values_list("type_name", flat=True).distinct()[:MOST_KINDS])

    @cached_property
    def providers(self) -> list[Provider]:
        return list(Provider.objects.only("name").order_by("name")[:MOST_PROVIDERS])
