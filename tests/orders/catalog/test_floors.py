"""A fixed price that the floor would lift is paused, whatever brought it there."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import catalog, providers, rules
from orders.enums import MarkupKind, PauseReason, PriceLevel
from orders.errors import Declined
from orders.models import Service, Staff
from tests.orders.catalog.conftest import Reader, Upstream, service
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
BELOW = PauseReason.BELOW_FLOOR


def fix(level: PriceLevel, rate: str, **scope: object) -> None:
    rules.set_markup(level, MarkupKind.FIXED_RATE, Decimal(rate), None, NOW, "test", **scope)


def floor(percent: str, level: PriceLevel = PriceLevel.PANEL, **scope: object) -> None:
    bounds = {"floor_percent": Decimal(percent), "ceiling_percent": None}
    rules.set_bound(level, **bounds, by=None, now=NOW, **scope)


def pause_of(row: Service) -> str:
    row.refresh_from_db()
    return row.pause


@pytest.fixture
def sold() -> Service:
    """Bought at 1.00, under a floor of 5 %."""
    return factories.service()


def test_a_price_fixed_below_the_floor_is_paused_and_says_why(sold: Service) -> None:
    fix(PriceLevel.SERVICE, "1.02", service=sold)
    assert pause_of(sold) == BELOW
    assert sold.pause_detail == (
        "The fixed rate 1.0200 is below the floor (panel, 5 %): at least 1.0500 at today's cost."
    )
    assert sold.paused_at == NOW


def test_at_the_floor_it_is_sold(sold: Service) -> None:
    fix(PriceLevel.SERVICE, "1.05", service=sold)
    assert pause_of(sold) == ""


def test_another_price_puts_it_back_on_sale(sold: Service) -> None:
    fix(PriceLevel.SERVICE, "1.02", service=sold)
    fix(PriceLevel.SERVICE, "1.2", service=sold)
    assert pause_of(sold) == ""


def test_taking_the_fixed_price_away_puts_it_back_on_sale(sold: Service) -> None:
    fix(PriceLevel.SERVICE, "1.02", service=sold)
    rules.end_markup(PriceLevel.SERVICE, None, NOW, service=sold)
    assert pause_of(sold) == ""


@pytest.mark.parametrize("level", [PriceLevel.PANEL, PriceLevel.CATEGORY, PriceLevel.SERVICE])
def test_a_floor_that_rises_pauses_and_one_that_falls_releases(
    sold: Service, level: PriceLevel
) -> None:
    fix(PriceLevel.SERVICE, "1.10", service=sold)
    scopes = {
        PriceLevel.CATEGORY: {"category": sold.category},
        PriceLevel.SERVICE: {"service": sold},
    }
    floor("20", level, **scopes.get(level, {}))
    assert pause_of(sold) == BELOW
    floor("6", level, **scopes.get(level, {}))
    assert pause_of(sold) == ""


def test_a_fixed_price_of_a_category_or_the_panel_speaks_where_nothing_nearer_does(
    sold: Service,
) -> None:
    other = factories.service(sold.offer)
    mine = MarkupKind.PERCENT
    rules.set_markup(PriceLevel.SERVICE, mine, Decimal(50), None, NOW, service=other)
    fix(PriceLevel.CATEGORY, "1.01", category=sold.category)
    assert (pause_of(sold), pause_of(other)) == (BELOW, "")
    rules.end_markup(PriceLevel.CATEGORY, None, NOW, category=sold.category)
    fix(PriceLevel.PANEL, "1.01")
    assert (pause_of(sold), pause_of(other)) == (BELOW, "")


def test_what_one_customer_or_member_agreed_pauses_nothing(sold: Service) -> None:
    nord, mira = factories.customer(), factories.staff()
    fix(PriceLevel.CUSTOMER_SERVICE, "1.01", customer=nord, service=sold)
    fix(PriceLevel.STAFF, "1.01", staff=mira)
    assert Staff.objects.exists() and pause_of(sold) == ""


def test_a_percentage_is_lifted_and_never_paused(sold: Service) -> None:
    rules.set_markup(PriceLevel.SERVICE, MarkupKind.PERCENT, Decimal(1), None, NOW, service=sold)
    assert pause_of(sold) == ""


def test_a_reading_pauses_what_got_dearer_and_releases_it_again(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(1)
    read()
    factories.panel_prices()
    fix(PriceLevel.SERVICE, "1.10", service=service(1))
    upstream.lists(1, rate="1.08")
    assert read().paused == 1
    assert service(1).pause == BELOW
    upstream.lists(1, rate="1.00")
    read()
    assert service(1).pause == ""


def test_a_rise_over_the_threshold_comes_first(read: Reader, upstream: Upstream) -> None:
    upstream.lists(1)
    read()
    factories.panel_prices()
    fix(PriceLevel.SERVICE, "1.10", service=service(1))
    upstream.lists(1, rate="2")
    read()
    assert service(1).pause == PauseReason.COST_ROSE
    assert catalog.accept_rate(service(1), None, NOW).pause == BELOW


def test_an_exchange_rate_that_rises_pauses_it_too(sold: Service) -> None:
    fix(PriceLevel.SERVICE, "1.10", service=sold)
    providers.change(sold.offer.provider, by=None, now=NOW, exchange_rate=Decimal("1.08"))
    assert pause_of(sold) == BELOW


def test_it_is_not_resumed_but_by_another_price_or_floor(sold: Service) -> None:
    fix(PriceLevel.SERVICE, "1.02", service=sold)
    with pytest.raises(Declined, match="Drop the fixed price first"):
        catalog.resume(sold, None, NOW)
    floor("1")
    assert pause_of(sold) == ""


def test_a_pause_by_a_person_stays_theirs_until_they_resume(sold: Service) -> None:
    catalog.pause(sold, None, NOW, reason="Angry clients")
    fix(PriceLevel.SERVICE, "1.02", service=sold)
    assert pause_of(sold) == PauseReason.STAFF
    catalog.resume(sold, None, NOW)
    assert pause_of(sold) == BELOW


def test_another_offer_is_measured_against_the_fixed_price(sold: Service) -> None:
    fix(PriceLevel.SERVICE, "1.10", service=sold)
    dearer = factories.offer(sold.offer.provider, rate=Decimal("1.08"))
    assert catalog.point_at(sold, dearer, None, NOW).pause == BELOW


def test_one_service_or_many_take_as_many_queries(sold: Service) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            floor("7")
            floor("8")
        return len(seen)

    fix(PriceLevel.CATEGORY, "1.10", category=sold.category)
    one = queries()
    for _ in range(5):
        factories.service(sold.offer)
    assert queries() == one
