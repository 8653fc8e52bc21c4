"""Every page of the site at every width and in both colours, opened once each."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from orders import tracking
from tests.browser.faults import complaints_of, faults_of, sideways_faults_of
from tests.browser.visits import pages, signed_in
from tests.support import factories
from tests.support.everything import plant

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("face", "part"),
    [("staff", slice(0, None, 2)), ("staff", slice(1, None, 2)), ("my", slice(None))],
    ids=["staff", "staff, the other half", "my"],
)
def test_no_page_has_a_fault(
    browser: Browser, live_server: LiveServer, face: str, part: slice
) -> None:
    house = plant()
    person = house.owner.user if face == "staff" else house.customer.user
    context = signed_in(browser, live_server.url, person)
    found = complaints_of(context)
    opened = 0
    for _, page in pages(context, live_server.url, house, face, part=part):
        opened += 1
        found += faults_of(page)
        primary = page.locator(".btn.pri:visible").all_inner_texts()
        if face == "my" and len(primary) > 1:
            found.append(f"{page.url} has {len(primary)} primary buttons: {primary}")
    context.close()
    assert not found, "\n".join(found)
    assert opened > 1


@pytest.mark.parametrize("face", ["staff", "my"])
def test_no_page_scrolls_sideways_in_turkish(
    browser: Browser, live_server: LiveServer, face: str
) -> None:
    house = plant()
    person = house.owner.user if face == "staff" else house.customer.user
    context = signed_in(browser, live_server.url, person, "tr")
    found = []
    spoken = set()
    for _, page in pages(context, live_server.url, house, face):
        spoken.add(page.locator("html").get_attribute("lang"))
        found += sideways_faults_of(page)
    context.close()
    assert not found, "\n".join(found)
    assert spoken == {"tr"}


def test_no_page_that_a_stranger_sees_has_a_fault(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    found = []
    page.goto(live_server.url)
    assert page.url.endswith("/setup/")
    found += faults_of(page)
    order = factories.order()
    made = tracking.make(order, by=factories.owner().user, now=timezone.now())
    for path in ("/account/login/", reverse("tracking", args=[tracking.key_of(made)])):
        page.goto(live_server.url + path)
        found += faults_of(page)
    assert page.locator("main").inner_text().count("Followers")
    assert not found + complaints, "\n".join(found + complaints)
