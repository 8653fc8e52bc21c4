"""Somebody is switched off while two of their browsers are open: neither shows anything more."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import leaving
from orders.enums import OrderStatus
from tests.browser.signing_in import sign_in, with_password
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_live_page_says_it_and_the_next_click_leads_to_the_sign_in(
    page: Page, browser: Browser, live_server: LiveServer
) -> None:
    mira = factories.staff("Mira Kovač")
    with_password(mira.user)
    client = factories.customer("Atelier Nord", manager=mira)
    factories.order(client, status=OrderStatus.IN_PROGRESS)
    phone = browser.new_context().new_page()
    for each in (page, phone):
        sign_in(each, live_server, mira.user.email)
    page.goto(f"{live_server.url}/staff/clients/{client.pk}/")  # asks again by itself
    phone.goto(f"{live_server.url}/staff/clients/")  # does not

    leaving.switch_off_member(
        mira, heir=None, by=factories.owner().user, now=timezone.now(), reason="left"
    )

    expect(page.locator("#lost")).to_contain_text("You are signed out")
    phone.get_by_role("link", name="New client").click()
    phone.wait_for_url("**/account/login/**")
    phone.context.close()
