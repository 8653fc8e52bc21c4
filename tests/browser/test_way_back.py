"""Coming back from an order to the list as it was: tab, filters, search and page."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from orders.enums import OrderStatus
from tests.browser.visits import signed_in
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_way_back_keeps_what_was_chosen_and_the_menu_begins_anew(
    browser: Browser, live_server: LiveServer
) -> None:
    nord = factories.customer("Atelier Nord")
    order = factories.order(nord, status=OrderStatus.COMPLETED)
    factories.order(status=OrderStatus.COMPLETED)
    context = signed_in(browser, live_server.url, factories.owner().user)
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/orders/?client={nord.pk}")
    page.get_by_label("Orders by state").get_by_role("link", name="Completed").click()
    chosen = page.url
    assert f"client={nord.pk}" in chosen and "tab=completed" in chosen

    page.locator(f"#order-{order.pk}").click()
    expect(page.get_by_label("Where you are")).to_be_visible()
    page.reload()
    page.get_by_label("Where you are").get_by_role("link", name="Orders").click()
    expect(page).to_have_url(chosen)
    expect(page.locator("#order-table tbody tr")).to_have_count(1)

    page.get_by_role("link", name="Take away: Client no.").click()
    expect(page.locator("#order-table tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Orders", exact=False).first.click()
    expect(page).to_have_url(f"{live_server.url}/staff/orders/")
    context.close()


def test_on_a_phone_the_chosen_tab_is_in_sight(browser: Browser, live_server: LiveServer) -> None:
    context = signed_in(browser, live_server.url, factories.owner().user)
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{live_server.url}/staff/orders/?tab=completed")
    tab = page.get_by_label("Orders by state").get_by_role("link", name="Completed")
    expect(tab).to_be_in_viewport(ratio=1)
    context.close()
