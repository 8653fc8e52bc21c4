"""Does each order bear a price that somebody had set, of the offer that it was bought from?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from orders import pricing, rules
from orders.enums import MarkupKind, PriceLevel
from orders.models import MarkupRule, Order, Service
from tests.chaos.books import Books

LATE = timedelta(seconds=15)
"""A rule says since when it holds before it is committed, which may take as long as a lock, and as
a database that comes again."""


def prices_follow_rules(books: Books) -> Iterator[str]:
    """Each order's price is what a rule that acted when it was placed makes of its cost; and its
    cost is that of the service which it asks its provider for."""
    acted = MarkupRule.objects.in_bulk()
    services = Service.objects.in_bulk()
    for pk, order in books.orders.items():
        if order.offer.upstream_id != order.upstream_service_id:
            yield f"order {pk} asks for another service than it was priced by"
        if order.markup_rule_id is None:
            continue
        rule = acted.get(order.markup_rule_id)
        if rule is None or not _held(rule, order.placed_at):
            yield f"order {pk} has the price of a rule that did not act"
        elif (rule.kind, rule.value) != (order.markup_kind, order.markup_value):
            yield f"order {pk} says another markup than its rule"
        elif (price := _price(order, services[order.service_id])) != order.price:
            yield f"order {pk} costs {order.price}, its rule makes {price}"


def _held(rule: MarkupRule, at: datetime) -> bool:
    return rule.set_at <= at + LATE and (rule.ended_at is None or rule.ended_at >= at - LATE)


def _price(order: Order, service: Service) -> object:
    # What went to its fallback keeps the price that the first offer's rate made, its first stage.
    cost = pricing.Cost(
        rate=Decimal(order.stages[0]["amount"])
        if order.first_offer_id
        else order.cost_rate_upstream,
        currency=order.cost_currency,
        exchange_rate=order.exchange_rate,
        factor=order.factor,
        provider="",
    )
    markup = pricing.Markup(
        level=PriceLevel(order.markup_level),
        kind=MarkupKind(order.markup_kind),
        value=order.markup_value,
        rule_id=order.markup_rule_id,
        who="",
    )
    terms = rules.terms_for(service, order.managed_by)
    return pricing.quote(cost, markup, terms, order.billable, package=False).price
