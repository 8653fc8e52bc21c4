"""Paper: an order and a client's statement, black on white, without what only a screen needs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.enums import OrderStatus
from tests.browser.visits import signed_in
from tests.support.everything import House, plant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

A4 = 688
"""Width of a sheet between its margins, in CSS pixels."""


@pytest.fixture
def house() -> House:
    return plant()


@pytest.fixture
def paper(browser: Browser, live_server: LiveServer, house: House) -> Iterator[Page]:
    context = signed_in(
        browser,
        live_server.url,
        house.owner.user,
        base_url=live_server.url,
        color_scheme="dark",
        viewport={"width": A4, "height": 970},
    )
    page = context.new_page()
    page.emulate_media(media="print")
    yield page
    context.close()


def test_an_order_on_paper(paper: Page, house: House) -> None:
    paper.goto(f"/staff/orders/{house.orders[OrderStatus.COMPLETED].pk}/")
    for gone in ("nav", ".topbar", ".mobbar", ".btn", ".skip"):
        assert not [el for el in paper.locator(gone).all() if el.is_visible()], gone
    for there in ("h1", ".tl", "text=Profit", "text=What happened"):
        expect(paper.locator(there).first).to_be_visible()
    assert paper.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert paper.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert paper.evaluate("document.documentElement.scrollWidth") <= A4


def test_a_statement_on_paper_is_a_table_with_whole_dates(paper: Page, house: House) -> None:
    paper.goto(f"/staff/clients/{house.customer.pk}/")
    assert not [form for form in paper.locator("form").all() if form.is_visible()]
    assert "Profit" not in paper.locator("body").inner_text()
    rows = paper.locator("table tbody tr:visible")
    assert rows.first.evaluate("row => getComputedStyle(row).display") == "table-row"
    moment = rows.first.locator("time").first
    assert moment.evaluate("el => getComputedStyle(el, '::after').content").count("2026") == 1
    assert paper.evaluate("document.documentElement.scrollWidth") <= A4
