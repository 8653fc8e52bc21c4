"""The customer's page on the API on a phone: a key is made, copied and really used."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import api_keys
from orders.models import ApiKey, Customer, Order
from panel.customer.api.languages import KEY
from tests.browser.faults import complaints_of
from tests.browser.test_shop import PHONE
from tests.browser.visits import signed_in
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECONDS = 30


@pytest.fixture
def casa() -> Customer:
    factories.owner()
    return factories.customer("Casa Verde", balance="5", signs_in=True)


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, casa: Customer) -> Iterator[Page]:
    """The page on the API, in the customer's own browser."""
    site = live_server.url
    context = signed_in(browser, site, casa.user, base_url=site, **PHONE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    complaints = complaints_of(context)
    yield context.new_page()
    context.close()
    assert complaints == []


def copied(page: Page | Locator, name: str) -> str:
    """Press this button, and what is in the clipboard then."""
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_text("Copied", exact=True).first).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def ran(program: list[str]) -> str:
    # Not through a proxy: the panel is on this machine.
    there = os.environ | {"NO_PROXY": "*", "no_proxy": "*"}
    done = subprocess.run(
        program, capture_output=True, text=True, timeout=SECONDS, env=there, check=True
    )
    return done.stdout


def test_a_key_is_shown_once_and_the_examples_are_copied_and_work(
    phone: Page, live_server: LiveServer, casa: Customer
) -> None:
    service = factories.service(factories.offer(name="Followers, real & slow", least=100))
    phone.goto("/my/api/")
    assert copied(phone, "Copy the address") == f"{live_server.url}/api/v2"

    phone.get_by_label("What uses it").fill("Shop in Lisbon")
    phone.keyboard.press("Enter")
    key = copied(phone, "Copy the key")
    assert api_keys.find(key) == ApiKey.objects.get(name="Shop in Lisbon")
    phone.get_by_role("link", name="Done").click()
    expect(phone.locator("#api-keys")).to_contain_text(f"{key[:6]}…")
    assert key not in phone.content()

    call = copied(phone, "Copy: Call")
    assert f"service={service.pk}" in call and "quantity=100" in call and key not in call
    answer = ran(["sh", "-c", call.replace(KEY, key) + " --silent"])
    order = Order.objects.get()
    assert answer == f'{{"order":{order.pk}}}'
    assert (order.customer, order.service, order.quantity) == (casa, service, 100)
    casa.wallet.refresh_from_db()
    assert casa.wallet.balance == 5 - order.price == Decimal("4.87")

    phone.reload()
    expect(phone.locator("#api-keys")).not_to_contain_text("never used")
    phone.get_by_role("link", name="Python").click()
    phone.locator("summary", has_text="Balance").click()
    program = copied(phone.locator("details[open]"), "Copy: Call").replace(KEY, key)
    assert "'balance': '4.87'" in ran([sys.executable, "-c", program])


def test_a_revoked_key_is_refused(phone: Page, live_server: LiveServer, casa: Customer) -> None:
    factories.service()
    _, key = api_keys.make(casa, "Shop in Lisbon", by=None, now=factories.NOW)
    phone.goto("/my/api/")
    call = copied(phone, "Copy: Call").replace(KEY, key)
    phone.get_by_role("button", name="Revoke Shop in Lisbon").click()
    phone.get_by_role("button", name="Revoke the key").click()
    expect(phone.locator("#toasts")).to_contain_text("Shop in Lisbon is revoked")
    assert ran(["sh", "-c", call + " --silent"]) == '{"error":"Invalid API key"}'
    assert not Order.objects.exists()
