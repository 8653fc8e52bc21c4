"""The rules and bounds that speak about a sale, as `orders.pricing` takes them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Model, Q
from django.utils.translation import gettext_noop

from orders import pricing, sql
from orders.enums import MarkupKind, PriceLevel
from orders.kept_words import Sentence
from orders.models import (
    Bound,
    Category,
    Customer,
    MarkupRule,
    Offer,
    Panel,
    Provider,
    Service,
    Staff,
    User,
)
from orders.panel_settings import current

AGREED = Sentence(gettext_noop("agreed with %(customer)s"))
SERVICE = Sentence(gettext_noop("service %(number)s"))


class Place(NamedTuple):
    """Where rules may meet a service: its number, or None where no rule names it, and its shelf."""

    pk: int | None
    category_id: int


def cost_of(offer: Offer, provider: Provider) -> pricing.Cost:
    """What an offer costs now. No query."""
    return cost_at(offer.rate, provider)


def cost_at(rate: Decimal, provider: Provider) -> pricing.Cost:
    """What something costs that this provider offers at this rate. No query."""
    return pricing.Cost(
        rate=rate,
        currency=provider.currency,
        exchange_rate=provider.exchange_rate,
        factor=provider.factor,
        provider=provider.name,
    )


def markups_for(
    customer: Customer | None, service: Service, staff: Staff | None
) -> list[pricing.Markup]:
    """The acting markups that speak about this sale; none: the service has no price.

    The customer's manager's markup counts; without a manager that of `staff`, the member who
    places. One query.
    """
    whose = staff_id_for(customer, staff), customer.pk if customer else None
    said = _MARKUPS.rows(service.pk, service.category_id, *whose)
    return markups_of(map(_named, said), service)


def terms_for(
    service: Service,
    staff: Staff | None,
    *,
    typing: Staff | None = None,
    panel: Panel | None = None,
) -> pricing.Terms:
    """Floors, ceilings, step and minimum charge for this service. Two queries, or one with `panel`.

    `staff` is the customer's manager, or else the member who places. Whoever is `typing` a price is
    held by their own least and most besides: one more query.
    """
    said = _BOUNDS.rows(service.pk, service.category_id, staff.pk if staff else None, None)
    bounds = list(map(_named, said))
    if typing is not None and typing != staff:
        own = Bound.objects.filter(level=PriceLevel.STAFF, staff=typing, ended_at=None)
        bounds += own.select_related("category", "staff__user")
    return terms_of(bounds, service, panel or current())


def staff_id_for(customer: Customer | None, staff: Staff | None) -> int | None:
    """Whose own markup may act: the customer's manager's, else the placing member's."""
    if customer is not None and customer.manager_id is not None:
        return customer.manager_id
    return staff.pk if staff else None


def acting_rules(
    services: Sequence[Service | Place], customer: Customer | None, staff_id: int | None
) -> list[MarkupRule]:
    """Every acting rule that speaks about a sale of one of these services. One query."""
    about = _about(services, staff_id)
    if customer is not None:
        about |= Q(customer=customer)
    related = ("category", "customer", "staff__user")
    return list(
        MarkupRule.objects.filter(about, ended_at=None).select_related(*related).order_by("pk")
    )


def acting_bounds(services: Sequence[Service | Place], staff_id: int | None) -> list[Bound]:
    """Every acting bound that holds for a sale of one of these services. One query."""
    about = _about(services, staff_id)
    related = ("category", "staff__user")
    return list(Bound.objects.filter(about, ended_at=None).select_related(*related).order_by("pk"))


def about_customer(customer: Customer) -> Q:
    """The markups that speak about any sale to this customer by itself."""
    about = Q(level__in=(PriceLevel.PANEL, PriceLevel.SERVICE, PriceLevel.CATEGORY))
    about |= Q(customer=customer)
    if customer.manager_id is not None:
        about |= Q(level=PriceLevel.STAFF, staff=customer.manager_id)
    return about


MOST_NAMED = 1000
"""Of more services than this every rule is read: a list of so many numbers costs more."""


def _about(services: Sequence[Service | Place], staff_id: int | None) -> Q:
    about = Q(level=PriceLevel.PANEL)
    if len(services) > MOST_NAMED:
        about |= Q(level__in=(PriceLevel.SERVICE, PriceLevel.CATEGORY))
    else:
        about |= Q(level=PriceLevel.SERVICE, service__in=[service.pk for service in services])
        shelves = {service.category_id for service in services}
        about |= Q(level=PriceLevel.CATEGORY, category__in=shelves)
    if staff_id is not None:
        about |= Q(level=PriceLevel.STAFF, staff=staff_id)
    return about


def _speaking(said: type[Model]) -> sql.Query:
    """What `_about` says of one service and one customer, written out; nothing equals NULL."""
    statement = """
        SELECT {said}, {category}, {customer}, {staff}, {member}
        FROM %s AS said
        LEFT JOIN orders_category AS category ON category.id = said.category_id
        LEFT JOIN orders_customer AS customer ON customer.id = said.customer_id
        LEFT JOIN orders_staff AS staff ON staff.id = said.staff_id
        LEFT JOIN orders_user AS member ON member.id = staff.user_id
        WHERE said.ended_at IS NULL AND (
            said.level = 'panel'
            OR said.level = 'service' AND said.service_id = %%s
            OR said.level = 'category' AND said.category_id = %%s
            OR said.level = 'staff' AND said.staff_id = %%s
            OR said.customer_id = %%s
        )
        ORDER BY said.id
    """
    return sql.Query(
        statement % said._meta.db_table,
        said=said,
        category=Category,
        customer=Customer,
        staff=Staff,
        member=User,
    )


_MARKUPS, _BOUNDS = _speaking(MarkupRule), _speaking(Bound)


def _named(row: tuple[Any, ...]) -> Any:
    """A rule or bound, with the rows that say whose it is."""
    said, said.category, said.customer, said.staff, member = row
    if member is not None:
        said.staff.user = member
    return said


def markups_of(rules: Iterable[MarkupRule], service: Service | Place) -> list[pricing.Markup]:
    """Those of the rules that speak about this service. No query."""
    return [_markup(rule) for rule in rules if _fits(rule, service)]


def terms_of(bounds: Iterable[Bound], service: Service | Place, panel: Panel) -> pricing.Terms:
    """The terms for this service out of the acting bounds. No query."""
    fitting = [bound for bound in bounds if _fits(bound, service)]
    return pricing.Terms(
        floors=tuple(
            pricing.Bound(bound.floor_percent, _where(bound))
            for bound in fitting
            if bound.floor_percent is not None
        ),
        ceilings=tuple(
            pricing.Bound(bound.ceiling_percent, _where(bound))
            for bound in fitting
            if bound.ceiling_percent is not None
        ),
        step=panel.price_step,
        minimum_charge=panel.minimum_charge,
        currency=panel.currency,
    )


def _fits(rule: MarkupRule | Bound, service: Service | Place) -> bool:
    return rule.service_id in (None, service.pk) and rule.category_id in (
        None,
        service.category_id,
    )


def _markup(rule: MarkupRule) -> pricing.Markup:
    return pricing.Markup(
        level=PriceLevel(rule.level),
        kind=MarkupKind(rule.kind),
        value=rule.value,
        rule_id=rule.pk,
        who=_who(rule),
    )


def _who(rule: MarkupRule) -> str:
    """Whose markup it is, for the stage of the quote: "35 %, Mira Kovač"."""
    if rule.staff is not None:
        return rule.staff.name
    if rule.customer is not None:
        return AGREED.of(customer=rule.customer.name)
    return rule.category.name if rule.category is not None else ""


def _where(bound: Any) -> str:
    if bound.staff is not None:
        return str(bound.staff.name)
    if bound.category is not None:
        return str(bound.category.name)
    return (
        gettext_noop("panel") if bound.service_id is None else SERVICE.of(number=bound.service_id)
    )
