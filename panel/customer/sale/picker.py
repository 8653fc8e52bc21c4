"""The services of a new order: by category, or by what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from orders import catalog, favourites, shop
from orders.models import Customer, Service
from panel.customer.sale.platforms import icon_of
from panel.customer.service_cards import STARRED_FIRST, Card, cards, starred_first
from panel.display import count
from panel.drafting import number_in

SHOWN = 6
CHIPS = 8
FAVOURITES = "favourites"


@dataclass(frozen=True)
class Chip:
    """A category to choose from."""

    value: str
    label: str
    icon: str
    current: bool


class Picker:
    """What was typed in the search of services, and which category and service were chosen."""

    def __init__(self, customer: Customer, data: Mapping[str, Any], chosen: int | None):
        self._customer, self._chosen = customer, chosen
        self._category = str(data.get("category", ""))
        self.text = str(data.get("q", "")).strip()[:200]

    @cached_property
    def _for_sale(self) -> QuerySet[Service]:
        return shop.for_sale(self._customer)

    @cached_property
    def _stars(self) -> set[int]:
        return favourites.favourites(self._customer)

    @cached_property
    def _shelves(self) -> list[shop.Shelf]:
        return shop.shelves(self._for_sale)

    @property
    def on_sale(self) -> int:
        """How many services there are to choose from."""
        return sum(shelf.services for shelf in self._shelves)

    @cached_property
    def chosen(self) -> Card | None:
        """The chosen service, if this customer can order it now."""
        if self._chosen is None:
            return None
        found = cards(self._for_sale.filter(pk=self._chosen), self._customer, self._stars)
        return found[0] if found else None

    @cached_property
    def category(self) -> str:
        """The chosen one; else the chosen service's, else the favourites, else the first."""
        numbers = {str(shelf.number) for shelf in self._shelves}
        if self._category in numbers or (self._category == FAVOURITES and self._stars):
            return self._category
        if self.chosen is not None:
            return str(self.chosen.category_id)
        if self._stars:
            return FAVOURITES
        return str(self._shelves[0].number) if self._shelves else ""

    @property
    def chips(self) -> list[Chip]:
        """The favourites and the first categories; the chosen one is always among them."""
        chips = [Chip(FAVOURITES, _("Favourites"), "star", self.category == FAVOURITES)]
        shown = self._shelves[:CHIPS]
        if self._shelf and self._shelf not in shown:
            shown = [self._shelf, *shown[: CHIPS - 1]]
        for shelf in shown:
            number = str(shelf.number)
            chips.append(Chip(number, shelf.name, icon_of(shelf.name), number == self.category))
        return chips if self._stars else chips[1:]

    @property
    def other_shelves(self) -> int:
        """How many categories have no chip."""
        return max(0, len(self._shelves) - CHIPS)

    @property
    def found(self) -> list[Card]:
        """What fits the typed words, those of the chosen category first; else the category, with
        the chosen service at its head where it would not be seen."""
        services = starred_first(self._for_sale, self._stars)
        if self.text:
            services = _nearest(services.filter(catalog.fitting(self.text)), self.text, self._shelf)
        else:
            services = services.filter(**self._within).order_by(*STARRED_FIRST)
        found = cards(services[:SHOWN], self._customer, self._stars, self.text.split())
        chosen = self.chosen
        if self.text or chosen is None or chosen.number in [card.number for card in found]:
            return found
        is_here = self.category in (FAVOURITES, str(chosen.category_id))
        return [chosen, *found[: SHOWN - 1]] if is_here else found

    @property
    def all_url(self) -> str:
        """The whole list behind these rows."""
        query = {"q": self.text} if self.text else {"category": self.category}
        return f"{reverse('my:services')}?{urlencode(query)}"

    @property
    def all_words(self) -> str:
        if self.text:
            return _("All that fit “%(text)s”") % {"text": self.text}
        if self._shelf:
            shelf = {"count": count(self._shelf.services), "category": self._shelf.name}
            return _("All %(count)s in %(category)s") % shelf
        return _("All services")

    @property
    def similar(self) -> list[Card]:
        """In the place of a service that cannot be ordered now: others of its category."""
        shelf = Service.objects.filter(pk=self._chosen or 0).values("category")
        others = self._for_sale.filter(category__in=shelf).order_by(*shop.ORDER)
        return cards(others[:3], self._customer, self._stars)

    @cached_property
    def _shelf(self) -> shop.Shelf | None:
        return next((one for one in self._shelves if str(one.number) == self.category), None)

    @property
    def _within(self) -> dict[str, Any]:
        if self.category == FAVOURITES:
            return {"pk__in": self._stars}
        return {"category": self._shelf.number} if self._shelf else {}


def _nearest(services: QuerySet[Service], text: str, shelf: shop.Shelf | None) -> Any:
    """The service of that number first, then those of the shelf, then the others."""
    nearness = Case(
        When(pk=number_in(text.removeprefix("#")) or 0, then=Value(0)),
        When(category=shelf.number if shelf else 0, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return services.annotate(nearness=nearness).order_by("nearness", *STARRED_FIRST)
