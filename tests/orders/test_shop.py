"""What a customer can buy, and at which rate: the list that pages and API share."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import drafts, shop
from orders.enums import MarkupKind, PriceLevel
from orders.errors import NotForSale
from orders.models import Customer, MarkupRule, Offer, Panel, Provider, Service
from orders.rules import reading
from tests.support import factories

pytestmark = pytest.mark.django_db

Change = Callable[[Service], Any]


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", manager=factories.staff(markup="50"))


@pytest.fixture
def followers() -> Service:
    return factories.service()


def rule(level: PriceLevel, value: str, **scope: Any) -> MarkupRule:
    return MarkupRule.objects.create(
        level=level, kind=MarkupKind.PERCENT, value=Decimal(value), set_at=factories.NOW, **scope
    )


def test_a_service_is_listed_with_what_a_customer_may_know_of_it(
    casa: Customer, followers: Service
) -> None:
    (row,) = shop.listed(casa)

    assert (row.service, row.name) == (followers.pk, followers.name)
    assert (row.category, row.type) == ("Instagram", "Default")
    assert (row.rate, row.package) == (Decimal("1.5"), False)
    assert (row.least, row.most) == (10, 10_000)
    assert (row.refill, row.cancel, row.dripfeed) == (True, True, False)


@pytest.mark.parametrize(
    "gone",
    [
        lambda row: Service.objects.update(is_visible=False),
        lambda row: Service.objects.update(pause="staff"),
        lambda row: Offer.objects.update(retired_at=factories.NOW),
        lambda row: Offer.objects.update(service_type="", type_name="Mystery"),
        lambda row: Provider.objects.update(not_sold=True),
        lambda row: Panel.objects.update(not_sold=True),
        lambda row: MarkupRule.objects.all().delete(),
    ],
    ids=[
        "hidden",
        "paused",
        "retired",
        "unknown",
        "provider",
        "panel",
        "unpriced",
    ],
)
def test_what_cannot_be_ordered_is_not_listed(
    gone: Change, casa: Customer, followers: Service
) -> None:
    gone(followers)

    assert shop.listed(casa) == []
    with pytest.raises(NotForSale):
        drafts.draft(casa, followers.pk, {"link": "x.example", "quantity": "100"}, by=None)


def test_the_rate_is_the_one_that_an_order_is_charged_at(
    casa: Customer, followers: Service
) -> None:
    other = factories.service(factories.offer(category="TikTok"))
    rule(PriceLevel.SERVICE, "10", service=followers)
    rule(PriceLevel.CATEGORY, "20", category=other.category)
    rule(PriceLevel.CUSTOMER_SERVICE, "77", customer=casa, service=other)
    for row in shop.listed(casa):
        fields = {"link": "https://x.example/a", "quantity": "1000"}
        assert drafts.draft(casa, row.service, fields, by=None).quote.rate == row.rate


def test_a_price_for_some_services_alone_lists_these_alone(casa: Customer) -> None:
    one, shelf, other = (
        factories.service(factories.offer(category=name)) for name in ("One", "Shelf", "Other")
    )
    MarkupRule.objects.all().delete()
    rule(PriceLevel.SERVICE, "10", service=one)
    rule(PriceLevel.CATEGORY, "10", category=shelf.category)
    rule(PriceLevel.CUSTOMER_SERVICE, "10", customer=factories.customer(), service=other)

    assert [row.service for row in shop.listed(casa)] == [one.pk, shelf.pk]
    assert set(shop.for_sale(casa)) == {one, shelf}


def test_a_package_is_priced_by_the_piece(casa: Customer) -> None:
    factories.service(factories.offer(service_type="package", type_name="Package"))
    (row,) = shop.listed(casa)
    assert (row.package, row.type, row.rate) == (True, "Package", Decimal("1.5"))


def test_a_provider_without_refill_or_cancel_takes_both_from_its_services(
    casa: Customer, followers: Service
) -> None:
    Provider.objects.update(has_refill=False, has_cancel=False)
    (row,) = shop.listed(casa)
    assert (row.refill, row.cancel) == (False, False)


def test_many_services_take_as_many_queries_as_one(
    casa: Customer, followers: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with CaptureQueriesContext(connection) as one:
        shop.listed(casa)
    for _ in range(12):
        rule(
            PriceLevel.SERVICE,
            "10",
            service=factories.service(factories.offer(followers.offer.provider)),
        )
    with CaptureQueriesContext(connection) as many:
        dear = shop.listed(casa)
    assert len(many) == len(one) <= 7

    monkeypatch.setattr(reading, "MOST_NAMED", 3)
    assert shop.listed(casa) == dear


def test_a_description_names_no_provider_and_promises_no_time(
    casa: Customer, followers: Service
) -> None:
    Provider.objects.update(name="Zebrahaus")
    lines = [
        "Real people.",
        "Start: up to 30 minutes",
        "⚡ Speed: 5k a day",
        "Average time: 3 hours",
        "Best of ZEBRAHAUS!",
        "Starting from the newest post.",
        "",
        "Keep it public for 30 days.",
    ]
    Service.objects.update(description="\n".join(lines))
    (row,) = shop.rows(shop.for_sale(casa), casa)
    kept = ("Real people.", "Starting from the newest post.", "", "Keep it public for 30 days.")
    assert row.description == "\n".join(kept)
