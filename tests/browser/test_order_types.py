"""The forms of the types in a real browser: lines are counted as they are typed, fields come and go
with what they hang on, and nothing that was typed is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import service_types
from orders.models import Customer, Order, Service
from tests.browser.faults import complaints_of
from tests.browser.signing_in import PASSWORD, with_password
from tests.browser.visits import signed_in
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINK = "https://instagram.com/p/Kept1"
BUSY = 90_000
"""Milliseconds that a machine may need which has much else to do."""

ODD = [
    "one",
    "one\n\n  two \n",
    "\u200b\none\n\u00a0\u3000\n\ufeff",
    "\x1c\none\n\x85\n\u2060",
    "שלום\n\u200f\nمرحبا",
    "👩‍👩‍👧\n👍🏽\n\u200d",
    "same\nsame\nsame",
    "a\u2028still a\n\tb\t",
    "\n\n \n",
    "x\n" * 1200,
]


def service(slug: str, **offer: Any) -> Service:
    kind = service_types.by_slug(slug)
    return factories.service(
        factories.offer(
            type_name=kind.name, service_type=slug, **{"least": 3, "most": 1000} | offer
        )
    )


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", balance="100", signs_in=True)


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, casa: Customer) -> Callable[..., Page]:
    def of(bought: Service, **options: Any) -> Page:
        page = signed_in(browser, live_server.url, casa.user, **options).new_page()
        page.set_default_timeout(BUSY)
        page.goto(f"{live_server.url}/my/new/?service={bought.pk}")
        return page

    return of


def test_lines_are_counted_as_they_are_typed_and_as_they_are_billed(
    opened: Callable[..., Page],
) -> None:
    page = opened(service("custom_comments"))
    complaints = complaints_of(page.context)
    box, counter = page.locator("#id_f-comments"), page.locator("output.counter")
    expect(counter).to_be_hidden()
    box.press_sequentially("one\ntwo")
    expect(counter).to_have_text("2 comments, 1 too few")
    box.press_sequentially("\n")
    expect(counter).to_have_text("2 comments, 1 too few")
    box.press_sequentially("three")
    expect(counter).to_have_text("3 comments")
    for text in ODD:
        box.fill(text)
        lines = service_types.count_lines(text)
        told = counter.text_content() or ""
        assert told.split(" ")[0].replace(",", "") == (str(lines) if lines else ""), repr(text)
    expect(counter).to_have_text("1,200 comments, 200 too many")
    box.fill("one\n \ntwo\nthree\nfour")
    page.fill("#id_f-link", LINK)
    expect(page.locator("#order-quote")).to_contain_text("$1.3000 × 4 ÷ 1,000")
    page.click("#place")
    page.wait_for_url("**/my/orders/*/")
    order = Order.objects.get()
    assert (order.billable, order.details["comments"]) == (4, ["one", "two", "three", "four"])
    assert complaints == []


def test_a_field_is_there_while_it_is_asked_for(opened: Callable[..., Page]) -> None:
    page = opened(service("web_traffic"))
    kind, keyword = page.locator("#id_f-type_of_traffic"), page.locator("#id_f-google_keyword")
    referrer = page.locator("#id_f-referring_url")
    expect(keyword).to_be_hidden()
    kind.select_option("1")
    expect(keyword).to_be_visible()
    expect(referrer).to_be_hidden()
    keyword.fill("shoes")
    kind.select_option("2")
    expect(keyword).to_be_hidden()
    expect(referrer).to_be_visible()
    kind.select_option("1")
    expect(keyword).to_have_value("shoes")
    page.fill("#id_f-quantity", "100")
    page.locator("#see-price, #place").first.click()
    expect(page.locator("#id_f-country_error")).to_be_visible()
    expect(keyword).to_have_value("shoes")
    expect(referrer).to_be_hidden()


def test_without_scripts_it_is_checked_all_the_same(opened: Callable[..., Page]) -> None:
    page = opened(service("web_traffic"), java_script_enabled=False)
    page.fill("#id_f-link", LINK)
    page.fill("#id_f-quantity", "100")
    page.fill("#id_f-country", "PT")
    page.locator("#id_f-device").select_option("1")
    page.locator("#id_f-type_of_traffic").select_option("2")
    page.click("#see-price")
    expect(page.locator("#id_f-referring_url_error")).to_have_text("Enter the referring address.")
    expect(page.locator("#id_f-google_keyword_error")).to_have_count(0)
    page.fill("#id_f-referring_url", "example.com")
    page.click("#see-price")
    page.click("#place")
    assert Order.objects.get().details["referring_url"] == "https://example.com"


def test_a_lost_connection_loses_nothing(opened: Callable[..., Page]) -> None:
    page = opened(service("custom_comments"))
    page.fill("#id_f-link", LINK)
    page.context.set_offline(True)
    page.fill("#id_f-comments", "one\ntwo\nthree")
    expect(page.locator("output.counter")).to_have_text("3 comments")
    expect(page.locator("#lost")).to_be_visible()
    page.context.set_offline(False)
    page.locator("#id_f-comments").press_sequentially("\nfour")
    expect(page.locator("#order-quote")).to_contain_text("× 4 ÷ 1,000")
    expect(page.locator("#id_f-link")).to_have_value(LINK)


def test_what_staff_typed_outlasts_their_session(
    page: Page, live_server: LiveServer, casa: Customer
) -> None:
    page.set_default_timeout(BUSY)
    member, bought = factories.staff(sees_all_customers=True), service("custom_comments")
    with_password(member.user)

    def sign_in() -> None:
        page.fill("input[name=login]", member.user.email)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")

    page.goto(live_server.url)
    sign_in()
    page.wait_for_url("**/staff/")
    page.goto(f"{live_server.url}/staff/orders/new/?client={casa.pk}&service={bought.pk}")
    page.fill("#id_f-link", LINK)
    Session.objects.all().delete()
    page.fill("#id_f-comments", "one\ntwo\nthree")
    expect(page.locator("#lost")).to_contain_text("You are signed out")
    page.locator("[data-lost-sign-in]").click()
    sign_in()
    expect(page.locator("#id_f-comments")).to_have_value("one\ntwo\nthree")
    expect(page.locator("output.counter")).to_have_text("3 comments")
    expect(page.locator("#id_f-link")).to_have_value(LINK)
