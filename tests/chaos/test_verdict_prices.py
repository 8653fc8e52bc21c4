"""Planted violations in prices; and what is done to prices is done."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from orders import rules
from orders.enums import MarkupKind, PriceLevel
from orders.models import MarkupRule, Order
from tests.chaos import plan
from tests.chaos.merchant import Merchant
from tests.chaos.planted import Play
from tests.chaos.trades import TRADES, Trade
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
WRONG = ["prices follow rules"]


@pytest.fixture
def play() -> Play:
    played = Play()
    rule = rules.set_markup(
        PriceLevel.PANEL, MarkupKind.PERCENT, Decimal(30), None, NOW - timedelta(days=1)
    )
    Order.objects.update(markup_rule_id=rule.pk)
    return played


def test_a_price_that_its_rule_makes_is_honest(play: Play) -> None:
    assert play.found() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"cost_rate_upstream": Decimal("1.01")},
        {"markup_value": Decimal(31)},
        {"markup_rule_id": 999_999},
    ],
)
def test_so_is_no_other(play: Play, fields: dict[str, Any]) -> None:
    Order.objects.update(**fields)
    assert play.found() == WRONG


def test_nor_what_is_asked_for_another_service(play: Play) -> None:
    Order.objects.update(upstream_service_id="9999")
    assert play.found() == ["bought in one place", *WRONG]


def test_what_went_to_its_fallback_keeps_the_price_of_its_first_offer(play: Play) -> None:
    offer = factories.offer(rate=Decimal("0.5"))
    moved = {"first_offer": offer, "cost_rate_upstream": offer.rate}
    Order.objects.update(**moved, stages=[{"code": "cost_rate", "amount": "1"}])
    assert WRONG[0] not in play.found()
    Order.objects.update(stages=[{"code": "cost_rate", "amount": "0.5"}])
    assert WRONG[0] in play.found()


@pytest.mark.parametrize(("ended", "is_wrong"), [(5, False), (60, True)])
def test_nor_that_of_a_rule_that_had_ended(play: Play, ended: int, is_wrong: bool) -> None:
    before = play.order.placed_at - timedelta(seconds=ended)
    MarkupRule.objects.filter(ended_at=None).update(ended_at=before)
    assert play.found() == (WRONG if is_wrong else [])


def test_trades_are_drawn_from_the_seed() -> None:
    trades = plan.draw(7, 200, 1).trades
    assert {trade.kind for trade in trades} == set(TRADES)
    assert trades == plan.draw(7, 200, 1).trades != plan.draw(8, 200, 1).trades


class Open:
    """A shop whose hour has always come."""

    def __init__(self) -> None:
        offers = [factories.offer(factories.provider(), rate=Decimal(1)) for _ in range(1)]
        offers.append(factories.offer(offers[0].provider, rate=Decimal(1)))
        service = factories.service(offers[0])
        upstream = SimpleNamespace(services=[service.pk], swapped=[one.pk for one in offers])
        self.service = service
        self.stage = SimpleNamespace(admin=factories.owner(), upstreams=[upstream])
        self.over = SimpleNamespace(wait=lambda seconds: False)

    def wait_for(self, at: float) -> bool:
        return True


def test_a_merchant_trades() -> None:
    rules.set_defaults(by=None, now=NOW)
    shop: Any = Open()
    trades = [Trade(0, kind, 0, 0, 38) for kind in ("panel", "service", "end", "elsewhere")]
    merchant = Merchant(shop, [*trades, trades[0]])
    for trade in merchant._trades:
        merchant._do(trade)

    assert merchant.done == {"set": 2, "ended": 1, "elsewhere": 1, "declined": 1}
    acting = MarkupRule.objects.get(ended_at=None)
    assert (acting.level, acting.value) == (PriceLevel.PANEL, 38)
    bought = shop.service.offer_id
    shop.service.refresh_from_db()
    assert shop.service.offer_id != bought
