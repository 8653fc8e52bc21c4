"""Services as they stand in the search of a new order."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders import catalog, rules
from orders.drafts import why_not_for_sale
from orders.enums import NotSold
from orders.models import Customer, Service
from orders.people import Person
from panel.display import count, marked
from panel.staff.sale import sale_words

SHOWN = 6


@dataclass(frozen=True)
class Found:
    """One service of the list. `why_not` says why it cannot be ordered; `cost` is None unseen."""

    number: int
    name: SafeString
    about: str
    tags: list[str]
    rate: Decimal | None
    cost: Decimal | None
    why_not: str
    is_chosen: bool


def found(text: str, who: Person, customer: Customer | None, chosen: Service | None) -> list[Found]:
    """What fits the typed words, the chosen service first when it is not among them.

    Paused ones come last, but the service whose number was typed stays first: it is the one meant.
    """
    text = text.strip()
    services: list[Service] = []
    if text or chosen is None:
        services = catalog.search_services(text, SHOWN, upstream_ids=who.sees_cost)
    if chosen is not None and chosen not in services:
        services = [chosen, *services[: SHOWN - 1]]
    prices = rules.price_list(services, customer, who.staff)
    rows = []
    for service in services:
        price = prices.get(service.pk)
        rows.append(
            Found(
                number=service.pk,
                name=marked(service.name, text.split()),
                about=_about(service, who),
                tags=_tags(service),
                rate=price.rate if price else None,
                cost=price.cost_rate if price and who.sees_cost else None,
                why_not=_why_not(service, who, priced=price is not None),
                is_chosen=service == chosen,
            )
        )
    return sorted(rows, key=lambda row: (str(row.number) != text, bool(row.why_not)))


def _why_not(service: Service, who: Person, *, priced: bool) -> str:
    if refusal := why_not_for_sale(service):
        return sale_words.why_not(refusal, service, who)
    return "" if priced else str(NotSold.NO_PRICE.label)


def _about(service: Service, who: Person) -> str:
    offer = service.offer
    facts = [str(service.pk), offer.provider.name if who.sees_cost else service.category.name]
    limits = {"least": count(offer.least), "most": count(offer.most)}
    facts.append(_("%(least)s to %(most)s") % limits)
    if offer.average_time:
        facts.append(_("about %(time)s") % {"time": offer.average_time})
    return " · ".join(facts)


def _tags(service: Service) -> list[str]:
    offer = service.offer
    days = service.refill_days
    refill = _("Refill") if offer.refill else _("No refill")
    if offer.refill and days:
        refill = _("Refill %(days)s d") % {"days": days}
    return [refill, *([_("Cancel")] if offer.cancel else [])]
