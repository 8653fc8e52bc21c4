"""An order that could be placed now: what may be sold, to whom, and at which price."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orders import panel_settings, persons, pricing, rules, service_types
from orders.enums import DripLimit, NotSold, PriceLevel
from orders.errors import FieldErrors, NotAllowed, NotForSale
from orders.models import Customer, Service, Staff, User
from orders.money import plain
from orders.persons import Person


@dataclass(frozen=True)
class Draft:
    """An order that could be placed now, with its price; nothing is written."""

    customer: Customer
    service: Service
    details: service_types.Details
    quote: pricing.Quote
    listed: pricing.Quote | None
    """The price by rule, whatever was typed; null when no rule speaks about this sale."""
    markup_of: Staff | None


def draft(
    customer: Customer,
    service_id: int,
    fields: Mapping[str, Any],
    *,
    by: User | None,
    typed: pricing.Markup | None = None,
) -> Draft:
    """What this order would be and cost. Raises `NotForSale`, `FieldErrors` or `NotAllowed`.

    Who does not see costs may type a total from the list price upwards, where no ceiling stands:
    a floor or a ceiling that answers to what is typed would give the cost away.
    """
    if by is not None:
        persons.require_sight(by, customer)
    service = sellable(service_id)
    kind = service_types.by_slug(service.offer.service_type)
    details = service_types.clean(kind, fields, _limits(service))
    person = persons.person_of(by)
    if typed is not None and not person.is_staff:
        raise NotAllowed("Only staff type a markup.")
    staff = customer.manager or person.staff
    markups = rules.markups_for(customer, service, staff)
    if typed is None and not markups:
        raise NotForSale(NotSold.NO_PRICE)
    cost = rules.cost_of(service.offer, service.offer.provider)
    terms = rules.terms_for(service, staff)

    def quoted(markup: pricing.Markup) -> pricing.Quote:
        return pricing.quote(cost, markup, terms, details.billable, package=kind.package)

    listed = quoted(pricing.choose(markups)) if markups else None
    if typed is not None:
        _check_typed(typed, listed, person)
    quote = quoted(typed) if typed is not None else listed
    assert quote is not None  # without a typed one there are rules
    whose = _whose(quote.markup.level, staff, person.staff)
    return Draft(customer, service, details, quote, listed, whose)


def sellable(service_id: int) -> Service:
    """The service with its offer and provider, or `NotForSale` with the reason."""
    service = (
        Service.objects.select_related("offer__provider__state", "category")
        .filter(pk=service_id)
        .first()
    )
    if service is None:
        raise NotForSale(NotSold.UNKNOWN)
    if refusal := why_not_for_sale(service):
        raise refusal
    if panel_settings.current().not_sold:
        raise NotForSale(NotSold.PANEL)
    return service


def why_not_for_sale(service: Service) -> NotForSale | None:
    """Why this service cannot be ordered, the panel's own stop and prices aside."""
    if not service.is_visible:
        return NotForSale(NotSold.HIDDEN)
    if service.pause:
        words = f"This service is paused: {service.get_pause_display().lower()}."
        return NotForSale(NotSold.PAUSED, words)
    if service.offer.retired_at is not None:
        return NotForSale(NotSold.GONE)
    if service.offer.provider.not_sold:
        return NotForSale(NotSold.PROVIDER)
    if words := service_types.why_not_orderable(service.offer.type_name):
        return NotForSale(NotSold.TYPE, words)
    return None


def _check_typed(typed: pricing.Markup, listed: pricing.Quote | None, person: Person) -> None:
    if person.sees_cost:
        return
    if typed.kind is not None:
        raise NotAllowed("Only who sees costs types a markup; type the total.")
    if listed is None:
        raise NotForSale(NotSold.NO_PRICE)
    if typed.value < listed.price:
        least = plain(listed.price)
        raise FieldErrors(
            {"total": f"Below the list price, {least}. Ask somebody who sees costs to sell lower."}
        )
    if listed.ceiling and typed.value > listed.price:
        raise FieldErrors({"total": "This service is sold at its list price only."})


def _limits(service: Service) -> service_types.Limits:
    offer = service.offer
    return service_types.Limits(offer.least, offer.most, drip=DripLimit(offer.provider.drip_limit))


def _whose(level: PriceLevel, staff: Staff | None, placing: Staff | None) -> Staff | None:
    if level in (PriceLevel.TYPED, PriceLevel.TYPED_TOTAL):
        return placing
    return staff if level is PriceLevel.STAFF else None
