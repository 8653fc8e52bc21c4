"""A day at the till in a real browser: cash in, cash out, a blind count, and its confirmation."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import tills
from orders.ledger_check import check
from orders.models import TillClosing
from tests.browser.signing_in import sign_in, with_password
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office(browser: Browser) -> Iterator[BrowserContext]:
    """The admin's browser, beside the one at the counter."""
    context = browser.new_context()
    yield context
    context.close()


def move(page: Page, act: str, amount: str) -> None:
    page.get_by_role("navigation", name="How").get_by_role("link", name=act).click()
    page.get_by_label("Amount").fill(amount)
    page.locator("#money").get_by_role("button", name=act).click()
    expect(page.locator("#toasts")).to_contain_text(amount)


def test_cash_comes_and_goes_and_is_counted_blind_and_confirmed(
    page: Page,
    office: BrowserContext,
    live_server: LiveServer,
    complaints: list[str],
) -> None:
    mira, ada = factories.staff("Mira Kovač"), factories.admin("Ada Lindqvist")
    for member in (mira, ada):
        with_password(member.user)
    client = factories.customer("Atelier Nord", manager=mira)
    sign_in(page, live_server, mira.user.email)
    page.goto(f"{live_server.url}/staff/clients/{client.pk}/")
    move(page, "Take cash", "43.50")
    move(page, "Pay out", "3.25")

    page.goto(f"{live_server.url}/staff/tills/")
    counter = page.locator("#main")
    expect(counter).to_contain_text("Paid out")
    for told in ("43.50", "40.25", "3.25"):
        expect(counter).not_to_contain_text(told)
    page.get_by_role("link", name="Count the till").click()
    expect(counter).not_to_contain_text("40.25")
    page.get_by_label("Counted").fill("39")
    page.get_by_label("Note").fill("a coin fell behind the desk")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".pagehead")).to_contain_text("waits for an admin")
    expect(counter).not_to_contain_text("40.25")

    boss = office.new_page()
    sign_in(boss, live_server, ada.user.email)
    boss.goto(f"{live_server.url}/staff/tills/")
    card = boss.locator("section", has_text="Mira Kovač: count")
    for figure in ("39.00", "40.25", "−$1.25", "a coin fell behind the desk"):
        expect(card).to_contain_text(figure)
    card.get_by_label("Your note").fill("written off")
    card.get_by_role("button", name="Confirm the count").click()
    expect(boss.locator("#toasts")).to_contain_text("a difference of $1.25")

    page.reload()
    row = page.locator("tr", has_text="a coin fell behind the desk")
    for figure in ("40.25", "39.00", "−$1.25", "Ada Lindqvist"):
        expect(row).to_contain_text(figure)
    closing = TillClosing.objects.get()
    assert (closing.counted, closing.expected) == (39, Decimal("40.25"))
    assert closing.confirmed_by == ada.user and tills.held(mira) == 39
    assert check() == [] and complaints == []
