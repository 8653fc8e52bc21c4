"""Prices that move while somebody orders, and two people who change one price at once.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from orders import catalog, placement, rules, submission
from orders.enums import HoldReason, MarkupKind, OrderStatus, PriceLevel, SyncOutcome
from orders.errors import PriceChanged, StateChanged
from orders.models import Bound, MarkupRule, Offer, Order, Service, User
from orders.rules import setting
from orders.submission import gate
from tests.orders.catalog.conftest import Upstream
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, before, race
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
PRICE = Decimal("1.3")
DRAFTED = after(placement, "draft")


@pytest.fixture
def seller() -> User:
    return factories.staff(sees_all_customers=True).user


def ordering(service: Service, seller: User, **more: Any) -> Callable[[], placement.Placed]:
    buyer = factories.customer(balance="1000")
    fields = {"link": "https://instagram.com/one", "quantity": 1000}
    return lambda: placement.place(buyer, service.pk, fields, by=seller, now=NOW, **more)


# ── A reading of the catalog against an order at the old price ───────────────────────────────


def ordered_while_it_got_dearer(offer: Offer, seller: User, listed: Upstream) -> Order:
    """The order has its price; then the catalog is read, in which it costs three times as much;
    then the order is placed, and sent."""
    service = factories.service(offer)
    listed.lists(offer.upstream_id, rate=offer.rate * 3)
    placed, run = race(
        ordering(service, seller),
        lambda: catalog.sync(offer.provider, now=NOW),
        at=[DRAFTED, None],
    )
    assert run.outcome == SyncOutcome.CHANGED
    assert placed.order.cost_rate_upstream == offer.rate
    submission.submit_order(placed.order.pk, NOW)
    return Order.objects.get(pk=placed.order.pk)


def test_an_order_at_a_price_that_rose_meanwhile_is_not_sent(
    waiting: Callable[..., Order],
    upstream: RunningSimulator,
    seller: User,
    listed: Upstream,
) -> None:
    offer = waiting().offer
    order = ordered_while_it_got_dearer(offer, seller, listed)
    assert (order.status, order.hold) == (OrderStatus.WAITING, HoldReason.PRICE)
    assert upstream.log() == []


def test_without_the_gate_it_is_bought_at_a_loss(
    waiting: Callable[..., Order],
    upstream: RunningSimulator,
    seller: User,
    listed: Upstream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer = waiting().offer
    monkeypatch.setattr(gate, "_price_hold", lambda order: None)
    order = ordered_while_it_got_dearer(offer, seller, listed)
    assert order.status == OrderStatus.PENDING
    assert len(upstream.log()) == 1
    assert gate.expected_cost_now(order) > order.price


# ── A rule against an order at the price that was seen ───────────────────────────────────────


def ordered_while_the_markup_rose(seller: User, **seen: Any) -> Any:
    """The form was sent; before its price is worked out, an admin doubles the markup."""
    service = factories.service()
    by = factories.admin().user
    placed, rule = race(
        ordering(service, seller, **seen),
        lambda: rules.set_markup(PriceLevel.PANEL, MarkupKind.PERCENT, Decimal(60), by, NOW),
        at=[before(placement, "draft"), None],
    )
    assert isinstance(rule, MarkupRule), rule
    return placed


def test_a_price_that_rose_since_it_was_seen_is_not_charged(seller: User) -> None:
    refused = ordered_while_the_markup_rose(seller, expected_price=PRICE)
    assert isinstance(refused, PriceChanged)
    assert (refused.expected, refused.price) == (PRICE, Decimal("1.6"))
    assert not Order.objects.exists()


def test_without_the_price_that_was_seen_the_higher_one_is_charged(seller: User) -> None:
    assert ordered_while_the_markup_rose(seller).order.price == Decimal("1.6")


def test_a_rule_that_comes_after_the_draft_leaves_its_price(seller: User) -> None:
    """No race to guard: what was seen is charged, and the next order has the new price."""
    service = factories.service()
    by = factories.admin().user
    placed, _ = race(
        ordering(service, seller, expected_price=PRICE),
        lambda: rules.set_markup(PriceLevel.PANEL, MarkupKind.PERCENT, Decimal(60), by, NOW),
        at=[DRAFTED, None],
    )
    assert placed.order.price == PRICE


# ── Two people change one rule ───────────────────────────────────────────────────────────────


def two_markups() -> list[Any]:
    by = factories.admin().user
    service = factories.service()

    def change(percent: int) -> Callable[[], MarkupRule]:
        kind, value = MarkupKind.PERCENT, Decimal(percent)
        return lambda: rules.set_markup(
            PriceLevel.CATEGORY, kind, value, by, NOW, category=service.category
        )

    return race(change(40), change(50), at=before(setting, "_follow"))


def acting(model: type[MarkupRule] | type[Bound]) -> int:
    return model.objects.filter(ended_at=None).exclude(level=PriceLevel.PANEL).count()


def test_of_two_who_change_one_markup_the_second_is_told() -> None:
    first, second = two_markups()
    assert first.value == 40
    assert isinstance(second, StateChanged)
    assert acting(MarkupRule) == 1


def test_without_the_index_two_markups_act_at_once(guards: Guards) -> None:
    guards.drop("one_acting_markup")
    two_markups()
    assert acting(MarkupRule) == 2


def two_bounds() -> list[Any]:
    by = factories.owner().user
    service = factories.service()

    def change(percent: int) -> Callable[[], Bound]:
        return lambda: rules.set_bound(
            PriceLevel.SERVICE,
            floor_percent=Decimal(percent),
            ceiling_percent=None,
            by=by,
            now=NOW,
            service=service,
        )

    return race(change(8), change(9), at=before(setting, "_follow"))


def test_of_two_who_change_one_floor_the_second_is_told() -> None:
    first, second = two_bounds()
    assert first.floor_percent == 8
    assert isinstance(second, StateChanged)
    assert acting(Bound) == 1


def test_without_the_index_two_floors_act_at_once(guards: Guards) -> None:
    guards.drop("one_acting_bound")
    two_bounds()
    assert acting(Bound) == 2
