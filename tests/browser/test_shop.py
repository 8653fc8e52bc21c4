"""A customer's order by keyboard on a phone: what stands in its way, and that nothing is lost."""

from decimal import Decimal

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.enums import OrderStatus
from orders.models import Customer, Offer, Order, Service
from tests.browser.faults import complaints_of
from tests.browser.signing_in import PASSWORD, with_password
from tests.browser.visits import signed_in
from tests.browser.work import work_until
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 780}}
LINK = "https://instagram.com/casaverde.pt"


@pytest.fixture
def casa() -> Customer:
    factories.owner()
    return factories.customer("Casa Verde", balance="5", signs_in=True)


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, casa: Customer) -> Page:
    """The page of a new order in the customer's own browser."""
    page = signed_in(browser, live_server.url, casa.user, **PHONE).new_page()
    page.goto(f"{live_server.url}/my/new/")
    return page


def choose(page: Page, words: str) -> None:
    page.locator("#id_q").focus()
    page.keyboard.type(words)
    expect(page.locator("#id_q:not([data-stale])")).to_be_focused()
    expect(page.locator("#service-results .result")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#id_f-link")).to_be_focused()


def test_an_order_by_keyboard_past_a_wrong_field_and_a_risen_price_to_its_refusal(
    phone: Page, casa: Customer, followers: Service, upstream: RunningSimulator
) -> None:
    complaints = complaints_of(phone.context)
    factories.service(factories.offer(name="TikTok Views", category="TikTok"))
    phone.reload()
    keys = phone.keyboard
    place = phone.locator("#place-below")

    choose(phone, "insta foll")
    keys.type("two words")
    keys.press("Tab")
    keys.type("100")
    expect(phone.locator("#order-quote")).to_contain_text("Enter one link")
    keys.press("Control+Enter")
    expect(phone.locator("#id_f-link_error")).to_contain_text("Enter one link")
    expect(phone.locator("#id_f-link")).to_be_focused()
    assert not Order.objects.exists()

    keys.press("Control+A")
    keys.type("https://instagram.com/p/nobody-refused")
    expect(phone.locator("#order-quote .price")).to_be_visible()
    expect(place).to_be_enabled()
    Offer.objects.filter(pk=followers.offer_id).update(rate=followers.offer.rate + 1)
    keys.press("Control+Enter")
    changed = phone.locator("#order-quote [role=alert]")
    expect(changed).to_contain_text("The price changed from")
    expect(changed).to_contain_text("Nothing was charged.")
    assert not Order.objects.exists()
    expect(place).to_have_text("Place at this price")
    place.focus()
    keys.press("Enter")

    expect(phone.locator("#order-live")).to_contain_text("Queued.")
    order = Order.objects.get()
    expect(phone.locator("#toasts")).to_contain_text(f"Order {order.pk} is placed")
    casa.wallet.refresh_from_db()
    assert casa.wallet.balance == Decimal(5) - order.price
    upstream.faults(bad_link=1)
    work_until(order, OrderStatus.REFUSED, phone)
    page = phone.locator("#order-live")
    expect(page).to_contain_text("Not accepted: This link was not accepted.")
    expect(page).to_contain_text("returned to your balance")
    assert [line for line in complaints if "422" not in line] == []


def test_without_the_money_the_form_is_kept_and_comes_back(phone: Page, followers: Service) -> None:
    phone.reload()
    choose(phone, "insta foll")
    phone.keyboard.type(LINK)
    phone.keyboard.press("Tab")
    dear = followers.offer.most
    Customer.objects.update(credit_limit=0)
    phone.keyboard.type(str(dear))
    paybar = phone.locator("#paybar")
    expect(paybar).to_contain_text("Missing")
    phone.keyboard.press("Control+Enter")
    phone.wait_for_url("**/my/top-up/?amount=*")
    phone.click("#back")
    phone.wait_for_url("**/my/new/?kept=*")
    expect(phone.locator("#id_f-link")).to_have_value(LINK)
    expect(phone.locator("#id_f-quantity")).to_have_value(str(dear))
    expect(phone.locator("#paybar")).to_contain_text("Missing")
    assert not Order.objects.exists()


def test_what_was_typed_outlasts_the_session(
    phone: Page, casa: Customer, followers: Service
) -> None:
    with_password(casa.user)
    phone.reload()
    phone.context.clear_cookies()
    phone.goto(phone.url)
    phone.fill("input[name=login]", casa.user.email)
    phone.fill("input[name=password]", PASSWORD)
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/my/new/")
    choose(phone, "insta foll")
    phone.keyboard.type(LINK)
    Session.objects.all().delete()
    phone.keyboard.press("Tab")
    phone.keyboard.type("100")
    expect(phone.locator("#lost")).to_contain_text("You are signed out")
    phone.locator("[data-lost-sign-in]").click()
    phone.fill("input[name=login]", casa.user.email)
    phone.fill("input[name=password]", PASSWORD)
    phone.keyboard.press("Enter")

    expect(phone.locator("#id_f-link")).to_have_value(LINK)
    expect(phone.locator("#id_f-quantity")).to_have_value("100")
    expect(phone.locator("#place-below")).to_be_enabled()


def test_a_star_and_a_usual_quantity_are_pressed(phone: Page, followers: Service) -> None:
    complaints = complaints_of(phone.context)
    phone.goto(phone.url.replace("/new/", "/services/"))
    star = phone.locator(f"#star-{followers.pk}")
    star.focus()
    phone.keyboard.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    phone.get_by_role("link", name="Order Instagram Followers, HQ").click()
    expect(phone.get_by_role("button", name="Favourites")).to_be_visible()
    usual = phone.locator("[data-fill]").first
    usual.click()
    expect(usual).to_have_attribute("aria-pressed", "true")
    expect(phone.locator("#id_f-quantity")).not_to_have_value("")
    expect(phone.locator("#place-below")).to_be_enabled()
    assert complaints == []
