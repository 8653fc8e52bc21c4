"""A whole phone sale by keyboard alone, to the address at which the client follows the order."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import tracking
from orders.enums import OrderStatus
from orders.models import Customer, Order, Service, Staff
from tests.browser.signing_in import PASSWORD, with_password
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Call = Callable[[Staff], None]


@pytest.fixture
def call(page: Page, live_server: LiveServer) -> Call:
    """Signs a member in and opens the form."""

    def of(member: Staff) -> None:
        with_password(member.user)
        page.goto(live_server.url)
        page.keyboard.type(member.user.email)
        page.keyboard.press("Tab")
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/staff/")
        page.goto(f"{live_server.url}/staff/orders/new/")

    return of


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač", markup="35", sees_cost=True)


@pytest.fixture
def followers() -> Service:
    for number in range(30):
        factories.service(factories.offer(name=f"Telegram Members {number}"))
    return factories.service(factories.offer(name="Instagram Followers, HQ"))


def focused(page: Page) -> Locator:
    return page.locator("*:focus")


def test_a_sale_by_keyboard_from_a_new_number_to_the_address_opened_by_the_client(
    page: Page,
    browser: Browser,
    call: Call,
    mira: Staff,
    followers: Service,
    complaints: list[str],
) -> None:
    call(mira)
    keys = page.keyboard

    expect(page.locator("#id_client_q")).to_be_focused()
    keys.type("+49 (0) 170 123 45 67")
    keys.press("Enter")
    expect(page.locator("#id_new_name")).to_be_focused()
    keys.type("Nadia Weber")
    keys.press("Enter")

    expect(page.locator("#id_q")).to_be_focused()
    keys.type("insta foll")
    expect(page.locator("#service-results .result")).to_have_count(1)
    keys.press("ArrowDown")
    expect(focused(page)).to_contain_text("Instagram Followers, HQ")
    keys.press("Enter")

    expect(page.locator("#id_f-link")).to_be_focused()
    keys.type("https://instagram.com/nadia")
    keys.press("Tab")
    keys.type("1000")
    expect(page.locator("#place")).to_contain_text("Take $1.3500 and place")
    expect(page.locator("#place")).to_be_enabled()
    keys.press("Control+Enter")

    expect(page.locator("#copy-message")).to_be_focused()
    order = Order.objects.get()
    assert (order.customer.phone, order.price) == ("491701234567", Decimal("1.35"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    keys.press("Enter")
    expect(page.locator("#copy-message")).to_have_text("Copied")
    message = page.evaluate("navigator.clipboard.readText()")
    assert f"Your order {order.pk}: 1,000 × Instagram Followers, HQ" in message
    address = re.search(r"http\S+/t/\S+/", message)
    assert address
    assert complaints == []

    stranger = browser.new_context().new_page()
    stranger.goto(address[0])
    expect(stranger.locator("main")).to_contain_text("Queued.")
    expect(stranger.locator("main")).to_contain_text("1.35")
    assert "Nadia" not in stranger.content()
    assert stranger.locator("main a, header a").count() == 0
    stranger.context.close()


def test_the_followed_page_moves_by_itself_and_closes_when_it_is_revoked(
    page: Page, live_server: LiveServer, mira: Staff, complaints: list[str]
) -> None:
    order = factories.order(
        factories.customer(manager=mira), status=OrderStatus.IN_PROGRESS, remains=900
    )
    made = tracking.make(order, by=mira.user, now=timezone.now())
    page.goto(live_server.url + reverse("tracking", args=[tracking.key_of(made)]))
    expect(page.locator("main")).to_contain_text("100 of 1,000 delivered.")
    Order.objects.update(remains=300)
    expect(page.locator("main")).to_contain_text("700 of 1,000 delivered.")
    assert complaints == []
    tracking.revoke(order, by=mira.user, now=timezone.now())
    expect(page.locator("main")).to_contain_text("This address shows no order")


def test_nothing_is_pressed_at_a_price_that_is_out_of_date(
    page: Page, live_server: LiveServer, call: Call, mira: Staff, followers: Service
) -> None:
    client = factories.customer(balance="100", manager=mira)
    call(mira)
    page.goto(f"{live_server.url}/staff/orders/new/?client={client.pk}&service={followers.pk}")
    page.fill("#id_f-link", "https://instagram.com/nadia")
    page.fill("#id_f-quantity", "100")
    place = page.locator("#place")
    expect(place).to_contain_text("$0.1350")

    page.locator("#id_f-quantity").press("End")
    page.keyboard.type("0")

    assert place.is_disabled()
    page.keyboard.press("Control+Enter")
    expect(place).to_contain_text("$1.3500")
    expect(place).to_be_enabled()
    assert not Order.objects.exists()


def test_enter_takes_the_first_that_was_found_and_never_what_stands_below_a_paused_one(
    page: Page, call: Call, mira: Staff, live_server: LiveServer
) -> None:
    client: Customer = factories.customer(manager=mira)
    paused = factories.service(factories.offer(name="Views"), pause="staff")
    factories.service(factories.offer(name=f"Views {paused.pk}"))
    call(mira)
    page.goto(f"{live_server.url}/staff/orders/new/?client={client.pk}")
    expect(page.locator("#id_q")).to_be_focused()
    page.keyboard.type(str(paused.pk))
    expect(page.locator("#service-results .result").first).to_contain_text("paused")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert page.locator("input[type=hidden][name=service]").input_value() == ""

    page.locator("#id_q").fill("views")
    expect(page.locator("#service-results .result").first).not_to_contain_text("paused")
    page.keyboard.press("Enter")
    expect(page.locator("#id_f-link")).to_be_focused()
