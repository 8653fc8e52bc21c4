"""On a phone: what a thumb hits, what stands in its reach, and tables that hide nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import Order
from tests.browser.faults import complaints_of
from tests.browser.visits import signed_in
from tests.support import factories
from tests.support.everything import House, plant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 740}
SMALL = """() => [...document.querySelectorAll(
    '.seg :is(a, button), .choice, .fchip, .hit, .pick label, .btn, .toast button, .mobbar a')]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 35.5)
  .map((each) => each.outerHTML.slice(0, 90))"""
SIDEWAYS = """() => [...document.querySelectorAll('.tw')]
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.textContent.trim().slice(0, 60))"""


@pytest.fixture
def house() -> House:
    return plant()


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, house: House) -> Iterator[Page]:
    """The owner's phone; nothing may complain meanwhile."""
    context = signed_in(
        browser, live_server.url, house.owner.user, base_url=live_server.url, viewport=PHONE
    )
    complaints = complaints_of(context)
    yield context.new_page()
    context.close()
    assert complaints == []


def test_a_card_opens_its_order_wherever_it_is_touched(phone: Page) -> None:
    newest = Order.objects.latest("pk")
    phone.goto("/staff/orders/")
    row = phone.locator("tbody tr").first
    row.locator(".pick label").click()
    expect(phone.locator("#bulk")).to_contain_text("1 selected")
    for part in (".pill", ".p2", ".p5"):
        phone.goto("/staff/orders/")
        spot = phone.locator("tbody tr").first.locator(part).bounding_box()
        assert spot is not None
        phone.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
        phone.wait_for_url(f"**/staff/orders/{newest.pk}/")


def test_what_else_a_card_holds_can_still_be_pressed(
    browser: Browser, live_server: LiveServer, house: House
) -> None:
    context = signed_in(
        browser, live_server.url, house.customer.user, base_url=live_server.url, viewport=PHONE
    )
    page = context.new_page()
    page.goto("/my/orders/")
    page.get_by_role("link", name="Again").first.click()
    page.wait_for_url("**/my/new/?again=*")
    context.close()


def test_the_price_and_its_button_stay_in_reach(phone: Page) -> None:
    client, service = factories.customer("Atelier Nord", balance="100"), factories.service()
    before = Order.objects.count()
    phone.goto(f"/staff/orders/new/?client={client.pk}&service={service.pk}")
    expect(phone.locator("#place-below")).to_have_count(0)
    phone.get_by_label("Link").fill("https://instagram.com/thumb")
    phone.get_by_label("Quantity").fill("1000")
    phone.evaluate("scrollTo(0, 0)")
    button = phone.locator("#place-below")
    expect(button).to_be_in_viewport(ratio=1)
    expect(phone.locator("#place")).to_be_hidden()
    expect(button).to_be_enabled()
    button.click()
    expect(phone.locator("h1")).to_contain_text("is placed")
    assert Order.objects.count() == before + 1
    phone.goto(f"/staff/orders/new/?client={client.pk}&service={service.pk}")
    phone.set_viewport_size({"width": 1024, "height": 740})
    phone.get_by_label("Link").fill("https://instagram.com/other")
    phone.get_by_label("Quantity").fill("1000")
    expect(phone.locator("#place")).to_be_visible()
    expect(button).to_be_hidden()


def test_a_thumb_hits_what_it_means_and_sees_every_column(phone: Page, house: House) -> None:
    orders = [house.orders["runs"], house.orders["partial"]]
    pages = [f"/staff/orders/{order.pk}/" for order in orders]
    pages += ["/staff/", "/staff/orders/", "/staff/orders/new/", "/staff/services/"]
    pages += ["/staff/pricing/", "/staff/clients/", "/staff/reports/", "/staff/people/"]
    found = []
    for path in pages:
        phone.goto(path)
        found += [f"{path}: too small, {each}" for each in phone.evaluate(SMALL)]
        found += [f"{path}: scrolls, {each}" for each in phone.evaluate(SIDEWAYS)]
    assert not found, "\n".join(found)
