"""Catalog control in a real browser: ticked, compared, ordered by keyboard; the balance's tip."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import BalanceReading, Category, Service
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(page: Page, live_server: LiveServer) -> Page:
    client = Client()
    client.force_login(factories.admin().user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    return page


def test_ticked_services_are_bought_elsewhere_after_a_comparison(
    desk: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    factories.panel_prices()
    sold = [factories.service(factories.offer(name=f"Likes {n}"), name=f"Likes {n}") for n in "AB"]
    factories.offer(factories.provider("Northline"), name="Likes A B", rate=Decimal("0.5"))
    desk.goto(f"{live_server.url}/staff/services/")
    desk.get_by_label("Tick this page").check()
    expect(desk.locator("[data-choose-count]")).to_have_text("2 ticked")
    desk.get_by_role("button", name="Buy elsewhere").click()
    expect(desk.get_by_label(f"Offer for service {sold[0].pk}")).to_have_value("")
    desk.get_by_label("Propose offers of").select_option(label="Northline")
    desk.get_by_role("button", name="Pick the likest for each").click()
    desk.get_by_role("button", name="Compare what is picked").click()
    desk.get_by_label(f"Buy service {sold[1].pk} there").uncheck()
    desk.get_by_label("Reason").fill("Cheaper")
    desk.get_by_role("button", name="1 ticked").click()
    expect(desk.get_by_text("1 service is bought elsewhere now.")).to_be_visible()
    rates = Service.objects.order_by("pk").values_list("offer__rate", flat=True)
    assert list(rates) == [Decimal("0.5"), Decimal(1)]
    assert complaints == []


def test_a_service_is_moved_by_keyboard_and_keeps_the_focus(
    desk: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    shelf = Category.objects.create(name="Shelf")
    rows = [factories.service(category=shelf, name=f"S{n}") for n in range(3)]
    desk.goto(f"{live_server.url}/staff/services/order/{shelf.pk}/")
    up = desk.locator(f"#up-{rows[2].pk}")
    up.focus()
    names = desk.locator(".order-rows .med")
    desk.keyboard.press("Enter")
    expect(names).to_have_text(["S0", "S2", "S1"])
    expect(up).to_be_focused()
    desk.keyboard.press("Enter")
    expect(names).to_have_text(["S2", "S0", "S1"])
    desk.locator(f"#place-{rows[2].pk}").fill("3")
    desk.keyboard.press("Enter")
    expect(names).to_have_text(["S0", "S1", "S2"])
    assert complaints == []


def test_the_balance_tells_its_values_by_keyboard(
    desk: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    provider, now = factories.provider(), timezone.now()
    for hours in (2, 4, 6):
        at = now - timedelta(hours=hours, minutes=5)
        BalanceReading.objects.create(provider=provider, at=at, amount=Decimal(hours))
    desk.goto(f"{live_server.url}/staff/providers/{provider.pk}/?days=1")
    plot = desk.locator("#balances .plot")
    plot.focus()
    desk.keyboard.press("ArrowRight")
    expect(plot.locator(".tip")).to_contain_text("Lowest balance")
    assert complaints == []
