"""An order that could be placed now: what may be sold, to whom, and at which price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import panel_settings, persons, pricing, rules, service_types, sql
from orders.enums import DripLimit, NotSold, PriceLevel
from orders.errors import Declined, FieldErrors, NotAllowed, NotForSale
from orders.models import Category, Customer, Offer, Panel, Provider, Service, Staff, User
from orders.persons import Person
from orders.spelling import lowered, spelled


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
    typed_link: str = ""
    """The link as it was typed, where it is sent otherwise."""


def draft(
    customer: Customer,
    service_id: int,
    fields: Mapping[str, Any],
    *,
    by: User | None,
    typed: pricing.Markup | None = None,
    now: datetime | None = None,
) -> Draft:
    """What this order would be and cost. Raises `NotForSale`, `FieldErrors` or `NotAllowed`.

    A typed price lies between the bounds of whoever types it, too. Who does not see costs may type
    a total from the list price upwards, where neither a ceiling nor bounds of their own stand: one
    that answers to what is typed would give the cost away.

    A person (`by`) is shown that `https://` is put before an address that lacks it. A program or
    a command sees no form: what it gave is sent, only without the blanks about it.
    """
    if by is not None:
        persons.require_sight(by, customer)
    panel = panel_settings.current()
    service = _for_sale(_read(service_id), panel)
    kind = service_types.by_slug(service.offer.service_type)
    sent = fields if by is None else service_types.completed(kind, fields)
    details = service_types.clean(kind, sent, _limits(service, now or timezone.now()))
    person = persons.person_of(by)
    if typed is not None and not person.is_staff:
        raise NotAllowed(_("Only staff type a markup."))
    staff = customer.manager or person.staff
    markups = rules.markups_for(customer, service, staff)
    if typed is None and not markups:
        raise NotForSale(NotSold.NO_PRICE)
    cost = rules.cost_of(service.offer, service.offer.provider)
    terms = rules.terms_for(service, staff, panel=panel)

    def quoted(markup: pricing.Markup, terms: pricing.Terms) -> pricing.Quote:
        return pricing.quote(cost, markup, terms, details.billable, package=kind.package)

    quote = listed = quoted(pricing.choose(markups), terms) if markups else None
    if typed is not None:
        own = rules.terms_for(service, staff, typing=person.staff, panel=panel)
        _check_typed(typed, listed, person, is_bound=own.ceiling is not None or own != terms)
        quote = quoted(typed, own if person.sees_cost else terms)
    assert quote is not None  # without a typed one there are rules
    whose = _whose(quote.markup.level, staff, person.staff)
    typed_link = "" if sent.get("link") == fields.get("link") else str(fields["link"]).strip()
    return Draft(customer, service, details, quote, listed, whose, typed_link)


def draft_many(
    customer: Customer, wanted: Sequence[tuple[int, Mapping[str, Any]]], *, by: User | None
) -> list[Draft | Declined]:
    """For each service's number with its fields what `draft` would return or raise, in their order.

    The number of queries is the same for one and for many. Raises `NotAllowed` for all of them.
    """
    if by is not None:
        persons.require_sight(by, customer)
    staff = customer.manager or persons.person_of(by).staff
    services = _services().in_bulk({number for number, _ in wanted})
    panel, now = panel_settings.current(), timezone.now()
    acting = rules.acting(services.values(), customer, staff, panel)

    def one(number: int, fields: Mapping[str, Any]) -> Draft:
        service = _for_sale(services.get(number), panel)
        kind = service_types.by_slug(service.offer.service_type)
        sent = fields if by is None else service_types.completed(kind, fields)
        details = service_types.clean(kind, sent, _limits(service, now))
        found = acting(service)
        if found is None:
            raise NotForSale(NotSold.NO_PRICE)
        cost = rules.cost_of(service.offer, service.offer.provider)
        quote = pricing.quote(cost, *found, details.billable, package=kind.package)
        whose = _whose(quote.markup.level, staff, None)
        return Draft(customer, service, details, quote, quote, whose)

    drafted: list[Draft | Declined] = []
    for number, fields in wanted:
        try:
            drafted.append(one(number, fields))
        except Declined as error:
            drafted.append(error)
    return drafted


_SERVICE = sql.Query(
    "SELECT {service}, {category}, {offer}, {provider} FROM orders_service AS service"
    " JOIN orders_category AS category ON category.id = service.category_id"
    " JOIN orders_offer AS offer ON offer.id = service.offer_id"
    " JOIN orders_provider AS provider ON provider.id = offer.provider_id"
    " WHERE service.id = %s",
    service=Service,
    category=Category,
    offer=Offer,
    provider=Provider,
)


def _read(service_id: int) -> Service | None:
    """The service with its offer and provider, of one reading."""
    if (found := _SERVICE.first(service_id)) is None:
        return None
    service: Service
    service, service.category, service.offer, service.offer.provider = found
    return service


def _services() -> QuerySet[Service]:
    return Service.objects.select_related("offer__provider", "category")


def _for_sale(service: Service | None, panel: Panel) -> Service:
    """The service, if it and the whole panel are for sale, or `NotForSale` with the reason."""
    if service is None:
        raise NotForSale(NotSold.UNKNOWN)
    if refusal := why_not_for_sale(service):
        raise refusal
    if panel.not_sold:
        raise NotForSale(NotSold.PANEL)
    return service


def why_not_for_sale(service: Service) -> NotForSale | None:
    """Why this service cannot be ordered, the panel's own stop and prices aside."""
    if words := service_types.why_not_orderable(service.offer.type_name):
        return NotForSale(NotSold.TYPE, words)
    if not service.is_visible:
        return NotForSale(NotSold.HIDDEN)
    if service.pause:
        words = _("This service is paused: %(reason)s.") % {
            "reason": lowered(service.get_pause_display())
        }
        return NotForSale(NotSold.PAUSED, words)
    if service.offer.retired_at is not None:
        return NotForSale(NotSold.GONE)
    if service.offer.provider.not_sold:
        return NotForSale(NotSold.PROVIDER)
    return None


def _check_typed(
    typed: pricing.Markup, listed: pricing.Quote | None, person: Person, *, is_bound: bool
) -> None:
    if person.sees_cost:
        return
    if typed.kind is not None:
        raise NotAllowed(_("Only who sees costs types a markup; type the total."))
    if listed is None:
        raise NotForSale(NotSold.NO_PRICE)
    if typed.value < listed.price:
        least = spelled(listed.price)
        raise FieldErrors(
            {
                "total": _(
                    "Below the list price, %(least)s. Ask somebody who sees costs to sell lower."
                )
                % {"least": least}
            }
        )
    if is_bound and typed.value > listed.price:
        raise FieldErrors({"total": _("This service is sold at its list price only.")})


def _limits(service: Service, now: datetime) -> service_types.Limits:
    offer = service.offer
    drip = DripLimit(offer.provider.drip_limit)
    return service_types.Limits(
        offer.least,
        offer.most,
        drip=drip,
        dripfeed=offer.dripfeed,
        today=now.date(),
    )


def _whose(level: PriceLevel, staff: Staff | None, placing: Staff | None) -> Staff | None:
    if level in (PriceLevel.TYPED, PriceLevel.TYPED_TOTAL):
        return placing
    return staff if level is PriceLevel.STAFF else None
