"""An alert from the strip to where it is mended, and a test through both channels."""

from urllib.parse import urlsplit

import pytest
from django.core import mail
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from orders import alerts
from tests.browser.faults import complaints_of, faults_of
from tests.browser.visits import signed_in
from tests.support.everything import plant
from tests.support.hook import receiver

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_strip_to_the_alerts_and_a_test(browser: Browser, live_server: LiveServer) -> None:
    house = plant()
    context = signed_in(browser, live_server.url, house.owner.user)
    found = complaints_of(context)
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/clients/")
    strip = page.get_by_role("complementary", name="Needs attention")
    expect(strip).to_contain_text("Machinery silent")
    strip.get_by_role("link", name="1 more").click()
    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()
    found += faults_of(page)
    page.get_by_role("region", name="Now").get_by_role("link", name="Look").click()
    assert urlsplit(page.url).path == f"/staff/providers/{house.provider.pk}/"
    page.goto(f"{live_server.url}/staff/alerts/settings/")
    with receiver() as hook:
        page.get_by_label("Address", exact=True).fill(hook.url)
        page.get_by_role("button", name="Save the webhook").click()
        expect(page.get_by_text("An address at 127.0.0.1 is kept.")).to_be_visible()
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("Taken, for 127.0.0.1")).to_be_visible()
        assert "Test of the alerts" in hook.posted[0]["text"]
    assert len(mail.outbox) == 1
    found += faults_of(page)
    assert alerts.current().webhook_host == "127.0.0.1"
    context.close()
    assert not found, "\n".join(found)
