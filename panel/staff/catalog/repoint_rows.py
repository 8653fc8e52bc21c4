"""Services beside the offers that they might be bought from: proposed, then compared."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orders import catalog, pricing, rules
from orders.catalog import Measure, Move, Touched
from orders.catalog.floors import FixedPrices
from orders.enums import PauseReason
from orders.models import Offer, Service
from orders.panel_settings import current
from orders.people import Person


@dataclass(frozen=True)
class Proposal:
    """An offer to choose. `move` is what a form carries of it."""

    number: int
    words: str
    cost: Decimal


@dataclass(frozen=True)
class Proposed:
    """A service with the offers most like it, the likest first; none: `why`."""

    service: Service
    cost: Decimal
    choices: list[Proposal]
    picked: int | None

    @property
    def why(self) -> str:
        if not self.service.offer.service_type:
            return _("This panel does not know its type.")
        if self.choices:
            return ""
        known = {"type_name": self.service.offer.type_name}
        return _("No other %(type_name)s offer is like it.") % known


@dataclass(frozen=True)
class Side:
    """A service as it is bought from one offer."""

    offer: Offer
    cost: Decimal
    price: Decimal | None
    margin: Decimal | None


@dataclass(frozen=True)
class Compared:
    """A service before and after, and what a person has to know about it."""

    service: Service
    before: Side
    after: Side
    warnings: list[str]
    refused: str
    """Why it cannot be bought there; then it cannot be chosen."""
    touched: Touched

    @property
    def move(self) -> str:
        """What the form carries: service, offer, its rate, the offer that was seen before."""
        after = self.after.offer
        return f"{self.service.pk}:{after.pk}:{after.rate:f}:{self.before.offer.pk}"


def proposed(
    services: Sequence[Service], provider: int | None, picks: dict[int, int], *, likest: bool
) -> list[Proposed]:
    """The services with what is proposed for each; three queries for any number of them."""
    among = catalog.candidates({row.offer.service_type for row in services}, provider)
    found = catalog.alike(services, among)
    wanted = {number for numbers in found.values() for number in numbers}
    offers = Offer.objects.select_related("provider").in_bulk(wanted | set(picks.values()))

    def row(service: Service) -> Proposed:
        numbers = found[service.pk]
        picked = picks.get(service.pk)
        if picked is None and likest and numbers:
            picked = numbers[0]
        if picked is not None and picked not in numbers:
            numbers = [*numbers, picked]
        choices = [_proposal(offers[number]) for number in numbers if number in offers]
        cost = catalog.cost_per_1000(service.offer.rate, service.offer.provider)
        return Proposed(service, cost, choices, picked)

    return [row(service) for service in services]


def _proposal(offer: Offer) -> Proposal:
    words = f"{offer.provider.name} {offer.upstream_id} · {offer.name}"
    return Proposal(offer.pk, words, catalog.cost_per_1000(offer.rate, offer.provider))


def compared(
    services: Sequence[Service], picks: dict[int, int], who: Person, now: datetime
) -> list[Compared]:
    """Those of the services for which an offer was picked, side by side with it.

    A constant number of queries.
    """
    offers = Offer.objects.select_related("provider").in_bulk(set(picks.values()))
    olds = [row for row in services if picks.get(row.pk) in offers]
    news = [_as_if(row, offers[picks[row.pk]]) for row in olds]
    panel = current()
    before = rules.price_list(olds, None, who.staff, panel=panel)
    after = rules.price_list(news, None, who.staff, panel=panel)
    measure = Measure(panel.rise_threshold, FixedPrices())
    touched = catalog.touched([row.pk for row in olds], now)

    def row(old: Service, new: Service) -> Compared:
        then = _side(new, after.get(new.pk))
        warnings = list(_warnings(old, new, then, after.get(new.pk), measure))
        refused = _refused(old.offer, new.offer)
        lately = touched.get(old.pk, Touched())
        return Compared(old, _side(old, before.get(old.pk)), then, warnings, refused, lately)

    return [row(old, new) for old, new in zip(olds, news, strict=True)]


def _as_if(service: Service, offer: Offer) -> Service:
    other = copy(service)
    other.offer = offer
    return other


def _side(service: Service, quote: pricing.Quote | None) -> Side:
    cost = catalog.cost_per_1000(service.offer.rate, service.offer.provider)
    if quote is None:
        return Side(service.offer, cost, None, None)
    return Side(service.offer, cost, quote.price, quote.margin_percent)


def _refused(old: Offer, new: Offer) -> str:
    if new.retired_at is not None:
        return _("This offer is gone.")
    if new.pk == old.pk:
        return _("It is bought there already.")
    if new.service_type != old.service_type:
        return _("The types differ: %(here)s here, %(there)s there.") % {
            "here": old.type_name,
            "there": new.type_name,
        }
    return ""


def _warnings(
    old: Service, new: Service, then: Side, quote: pricing.Quote | None, measure: Measure
) -> list[str]:
    here, there = old.offer, new.offer
    found = []
    if there.least > here.least or there.most < here.most:
        found.append(_("Narrower limits"))
    if here.refill and not there.refill:
        found.append(_("No refill any more"))
    if here.cancel and not there.cancel:
        found.append(_("No cancel any more"))
    if measure.of(new, then.cost).pause == PauseReason.BELOW_FLOOR:
        found.append(_("Fixed price below the floor: will be paused"))
    elif quote is not None and quote.floor_lifted:
        found.append(_("The floor lifts its price"))
    if then.margin is not None and then.margin < 0:
        found.append(_("Sold at a loss"))
    if quote is None:
        found.append(_("No price"))
    if there.provider.not_sold:
        found.append(_("Selling at %(name)s is stopped") % {"name": there.provider.name})
    if old.pause == PauseReason.STAFF:
        found.append(_("Stays paused"))
    return found


def move_of(text: str) -> Move | None:
    """The move that a form's field carries; None for what is none."""
    parts = text.split(":")
    numbers = [parts[place] for place in (0, 1, 3)] if len(parts) == 4 else []
    if not numbers or not all(n.isascii() and n.isdigit() and len(n) < 19 for n in numbers):
        return None
    try:
        rate = Decimal(parts[2])
    except ArithmeticError:
        return None
    service, offer, bought_from = map(int, numbers)
    return Move(service, offer, rate, bought_from) if rate.is_finite() else None
