"""The tracking address on an order's page: made, copied, revoked, made anew."""

import re

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import tracking
from orders.models import Order, Staff, TrackingAddress
from tests.support import factories

pytestmark = pytest.mark.django_db

ACTS = ("track_order", "stop_tracking", "track_anew")


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač")


@pytest.fixture
def order(mira: Staff) -> Order:
    return factories.order(factories.customer(manager=mira))


@pytest.fixture
def browser(client: Client, mira: Staff) -> Client:
    client.force_login(mira.user)
    return client


def page(browser: Client, order: Order) -> str:
    return browser.get(reverse("staff:order", args=[order.pk])).text


def press(browser: Client, act: str, order: Order) -> str:
    return browser.post(reverse(f"staff:{act}", args=[order.pk]), follow=True).text


def shown(html: str) -> str:
    """The address that the copy button holds."""
    found = re.search(r'id="copy-tracking" type="button" data-copy="([^"]+)"', html)
    return found[1] if found else ""


def test_an_address_is_made_shown_whole_and_opens_without_a_sign_in(
    browser: Client, order: Order
) -> None:
    assert 'id="track-order"' in page(browser, order)
    address = shown(press(browser, "track_order", order))
    assert address.startswith("http://testserver/t/")
    assert Client().get(address.removeprefix("http://testserver")).status_code == 200


def test_a_revoked_address_is_gone_and_the_history_says_who_did_it(
    browser: Client, order: Order
) -> None:
    address = shown(press(browser, "track_order", order))
    html = press(browser, "stop_tracking", order)
    assert not shown(html)
    assert 'id="track-order"' in html
    assert "Tracking address made by Mira Kovač" in html
    assert "Tracking address revoked by Mira Kovač" in html
    assert Client().get(address.removeprefix("http://testserver")).status_code == 404


def test_a_new_address_is_another_one(browser: Client, order: Order) -> None:
    old = shown(press(browser, "track_order", order))
    new = shown(press(browser, "track_anew", order))
    assert new
    assert new != old


def test_revoking_asks_first(browser: Client, order: Order) -> None:
    press(browser, "track_order", order)
    html = page(browser, order)
    assert 'data-dialog="#stop-tracking"' in html
    assert '<dialog class="dialog" id="stop-tracking"' in html


def test_what_somebody_else_revoked_in_the_meantime_is_said(browser: Client, order: Order) -> None:
    assert "no tracking address any more" in press(browser, "stop_tracking", order)


@pytest.mark.parametrize("act", ACTS)
def test_the_orders_of_others_are_not_touched(act: str, order: Order, client: Client) -> None:
    client.force_login(factories.staff("Tom Adeyemi").user)
    assert client.post(reverse(f"staff:{act}", args=[order.pk])).status_code == 404
    assert not TrackingAddress.objects.exists()


def test_an_address_that_cannot_be_read_any_more_can_still_be_replaced(
    browser: Client, order: Order, settings: object
) -> None:
    press(browser, "track_order", order)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    assert "it cannot be shown" in page(browser, order)
    assert shown(press(browser, "track_anew", order))


def test_the_page_asks_the_same_with_many_revoked_addresses(
    browser: Client, order: Order, mira: Staff
) -> None:
    tracking.make(order, by=mira.user, now=factories.NOW)
    page(browser, order)
    with CaptureQueriesContext(connection) as few:
        page(browser, order)
    for _ in range(4):
        tracking.replace(order, by=mira.user, now=factories.NOW)
    with CaptureQueriesContext(connection) as many:
        page(browser, order)
    assert len(many) == len(few)
