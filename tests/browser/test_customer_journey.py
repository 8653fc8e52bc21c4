"""A customer's whole way on a phone: from signing up to a finished order, money and all."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import panel_settings
from orders.enums import OrderStatus
from orders.ledger_check import check
from orders.models import Customer, Order, PaymentMethod, Service, TopUp
from panel.display import money_text
from tests.browser.faults import complaints_of
from tests.browser.signing_in import PASSWORD, fill_in, with_password
from tests.browser.test_shop import LINK, PHONE, choose
from tests.browser.visits import signed_in
from tests.browser.work import work_until
from tests.support import factories
from tests.support.checkout import Standin

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TURN = 15_000
"""ms in which a top-up's page, which asks every ten seconds, has asked."""


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A phone that nobody has signed in on; nothing may complain meanwhile."""
    factories.owner()
    context = browser.new_context(base_url=live_server.url, **PHONE)
    complaints = complaints_of(context)
    yield context.new_page()
    context.close()
    assert complaints == []


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The house's browser."""
    site = live_server.url
    context = signed_in(browser, site, factories.admin().user, base_url=site)
    yield context.new_page()
    context.close()


def own(phone: Page, customer: Customer) -> Page:
    """The phone with this customer signed in."""
    user = with_password(customer.user)
    phone.goto("/")
    fill_in(phone, user.email, "/my/new/")
    return phone


def sign_up(phone: Page) -> Customer:
    """The form, the code out of the e-mail, and the shop."""
    phone.goto("/")
    phone.get_by_role("link", name="Sign up").click()
    expect(phone.get_by_label("Your name")).to_be_focused()
    phone.keyboard.type("Ida Lund")
    phone.get_by_label("E-mail").fill("ida@example.com")
    phone.get_by_label("Password").fill(PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Type the code")
    found = re.search(r"Your code is\s+(\S+)", str(mail.outbox[-1].body))
    assert found and mail.outbox[-1].to == ["ida@example.com"]
    expect(phone.get_by_label("Code")).to_be_focused()
    phone.keyboard.type(found[1])
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/my/new/")
    return Customer.objects.get(name="Ida Lund")


def approve(desk: Page, one: TopUp) -> None:
    desk.goto("/staff/top-ups/")
    desk.get_by_role("link", name=one.reference).click()
    desk.get_by_role("button", name="Add it to the balance").click()
    expect(desk.locator("#toasts")).to_contain_text("added to")


def placed(phone: Page) -> Order:
    """Press *Place*; the order's page is open then, and will not be loaded again."""
    expect(phone.locator("#place-below")).to_be_enabled()
    phone.locator("#place-below").click()
    expect(phone.locator("#order-live")).to_contain_text("Queued.")
    phone.evaluate("window.untouched = true")
    return Order.objects.latest("pk")


def test_from_signing_up_over_a_top_up_to_a_finished_order(
    phone: Page, desk: Page, followers: Service, bank: PaymentMethod
) -> None:
    panel_settings.change(by=None, now=timezone.now(), sign_up="open")
    ida = sign_up(phone)

    choose(phone, "insta foll")
    phone.keyboard.type(LINK)
    phone.keyboard.press("Tab")
    phone.keyboard.type("1000")
    expect(phone.locator("#paybar")).to_contain_text("Missing")
    phone.locator("#paybar").get_by_role("button", name="Top up").click()
    phone.wait_for_url("**/my/top-up/?amount=*")
    phone.get_by_label("How much do you pay?").fill("20")
    expect(phone.locator("#ways")).to_contain_text("adds $20.00")
    phone.get_by_role("button", name="Go on").click()
    one = TopUp.objects.get()
    live = phone.locator("#top-up-live")
    expect(live).to_contain_text(f"quote {one.reference}")
    approve(desk, one)
    expect(live).to_contain_text("$20.0000 was added to your balance", timeout=TURN)

    phone.get_by_role("link", name="Back to your order").click()
    expect(phone.locator("#id_f-link")).to_have_value(LINK)
    expect(phone.locator("#id_f-quantity")).to_have_value("1000")
    order = placed(phone)
    work_until(order, OrderStatus.COMPLETED, phone)
    expect(phone.locator("#order-live")).to_contain_text("Completed.", timeout=TURN)
    expect(phone.get_by_role("link", name="Order again")).to_be_visible()
    assert phone.evaluate("window.untouched") is True
    ida.wallet.refresh_from_db()
    assert ida.wallet.balance == Decimal(20) - order.price
    assert check() == []


def test_money_comes_by_the_payment_page_and_is_added_once(
    phone: Page, live_server: LiveServer, card: PaymentMethod, gateway: Standin
) -> None:
    casa = factories.customer("Casa Verde", signs_in=True)
    gateway.tells = f"{live_server.url}/pay/news/{card.pk}/"
    own(phone, casa).goto("/my/top-up/")
    phone.get_by_label("How much do you pay?").fill("20")
    expect(phone.locator("#ways")).to_contain_text("adds $19.12")
    phone.keyboard.press("Enter")
    phone.get_by_role("link", name="Pay $20.0000 on the payment page").click()
    phone.get_by_role("button", name="Pay").click()

    one = TopUp.objects.get()
    expect(phone.get_by_role("heading", level=1)).to_have_text(f"Top-up {one.reference}")
    expect(phone.locator("#top-up-live")).to_contain_text("$19.1200 was added to your balance")
    phone.goto("/my/wallet/")
    expect(phone.locator("tbody tr")).to_have_count(1)
    expect(phone.locator("tbody tr")).to_contain_text("$19.1200")
    casa.wallet.refresh_from_db()
    assert casa.wallet.balance == Decimal("19.12")
    assert check() == []


def test_what_was_not_delivered_is_told_and_stands_in_the_wallet(
    phone: Page, followers: Service
) -> None:
    casa = factories.customer("Casa Verde", balance="100", signs_in=True)
    own(phone, casa)
    choose(phone, "insta foll")
    phone.keyboard.type("https://instagram.com/p/fault-partial")
    phone.keyboard.press("Tab")
    phone.keyboard.type("1000")
    order = placed(phone)
    work_until(order, OrderStatus.PARTIAL, phone)

    assert 0 < order.refunded < order.price
    back = money_text(order.refunded)
    live = phone.locator("#order-live")
    expect(live).to_contain_text("Partly delivered.", timeout=TURN)
    expect(live).to_contain_text(f"{back} returned to your balance")
    expect(live).to_contain_text(f"Paid in the end{money_text(order.price - order.refunded)}")
    assert phone.evaluate("window.untouched") is True
    phone.goto("/my/wallet/")
    refund = phone.locator("tbody tr").first
    expect(refund).to_contain_text(f"+{back}")
    expect(refund.get_by_role("link", name=str(order.pk))).to_be_visible()
    casa.wallet.refresh_from_db()
    expect(refund).to_contain_text(money_text(casa.wallet.balance))
    assert check() == []
