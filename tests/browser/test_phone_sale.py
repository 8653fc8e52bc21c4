"""The main job in a real browser: a staff member sells by phone and watches the order end."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.enums import OrderStatus
from orders.models import Order, Service
from tests.browser.work import work_until
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough word 71"


def sign_in(page: Page, live_server: LiveServer, email: str) -> None:
    page.goto(live_server.url)
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/")


def test_an_order_is_placed_by_phone_and_seen_to_its_end_without_a_reload(
    page: Page,
    live_server: LiveServer,
    followers: Service,
    upstream: RunningSimulator,
    complaints: list[str],
) -> None:
    mira = factories.staff("Mira Kovač", markup="35", sees_cost=True)
    mira.user.set_password(PASSWORD)
    mira.user.save()
    client = factories.customer("Atelier Nord", balance="100", manager=mira, phone="4722410730")
    sign_in(page, live_server, mira.user.email)

    page.goto(f"{live_server.url}/staff/orders/new/?client={client.pk}&service={followers.pk}")
    page.get_by_label("Link").fill("https://instagram.com/ateliernord")
    page.get_by_label("Quantity").fill("1000")
    place = page.get_by_role("button", name="Place order")
    expect(place).to_be_enabled()
    price = (followers.offer.rate * Decimal("1.35")).quantize(Decimal("0.0001"))
    expect(page.locator("#order-quote")).to_contain_text("35")
    expect(place).to_contain_text(f"${price:.2f}"[:4])
    page.keyboard.press("Control+Enter")

    expect(page.locator("#main")).to_contain_text("placed", ignore_case=True)
    order = Order.objects.get()
    assert order.status == OrderStatus.WAITING
    page.goto(f"{live_server.url}/staff/orders/{order.pk}/")
    expect(page.locator(".pagehead")).to_contain_text("Waiting")
    # From here on the page is not loaded again: it follows by itself.
    page.evaluate("window.untouched = true")
    work_until(order, OrderStatus.COMPLETED, page)
    expect(page.locator(".pagehead")).to_contain_text("Completed")
    assert page.evaluate("window.untouched") is True
    money = page.locator("#main").inner_text()
    assert "35" in money
    assert "Profit" in money
    (bought,) = upstream.log()
    assert order.charge_upstream == Decimal(bought["charge"])
    assert complaints == []
