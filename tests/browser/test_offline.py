"""The network is taken away and given back: a page of ours meanwhile, and nothing of anybody's."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from panel import offline
from tests.browser.faults import faults_of
from tests.browser.relay import Relay, relayed
from tests.browser.visits import signed_in
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AWAY = "We cannot be reached"


@pytest.fixture
def wire(live_server: LiveServer) -> Iterator[Relay]:
    with relayed(live_server.url) as relay:
        yield relay


@pytest.fixture
def page(browser: Browser, wire: Relay) -> Iterator[Page]:
    context = signed_in(browser, wire.url, factories.owner().user, service_workers="allow")
    page = context.new_page()
    page.goto(f"{wire.url}/staff/")
    page.evaluate("navigator.serviceWorker.ready")
    expect_controlled(page)
    yield page
    context.close()


def expect_controlled(page: Page) -> None:
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def test_a_page_that_cannot_be_fetched_is_ours_and_goes_on_by_itself(
    page: Page, wire: Relay
) -> None:
    wire.cut()
    page.goto(f"{wire.url}/staff/orders/")
    expect(page.get_by_role("heading", level=1)).to_have_text(AWAY)
    assert urlsplit(page.url).path == "/staff/orders/"
    page.get_by_role("link", name="Try now").click()
    expect(page.get_by_role("status")).to_contain_text("Still no connection")
    wire.mend()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")


def test_it_is_whole_without_a_connection_in_both_themes_at_every_width(
    page: Page, wire: Relay
) -> None:
    wire.cut()
    page.goto(f"{wire.url}/staff/clients/")
    assert page.locator("img").evaluate("mark => mark.naturalWidth") > 0
    assert faults_of(page) == []


def test_the_button_goes_on_at_once(page: Page, wire: Relay) -> None:
    wire.cut()
    page.add_init_script("window.setTimeout = () => 0")  # by itself it would go on, too
    page.goto(f"{wire.url}/staff/orders/")
    wire.mend()
    page.get_by_role("link", name="Try now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")


def test_a_form_on_its_way_is_not_sent_again_and_says_that_it_may_have_arrived(
    page: Page, wire: Relay
) -> None:
    page.goto(f"{wire.url}/staff/clients/new/")
    page.get_by_label("Name").fill("Atelier Nord")
    wire.cut()
    page.locator("main form[method=post]").evaluate("form => form.requestSubmit()")
    expect(page.get_by_role("heading", level=1)).to_contain_text("while this was being sent")
    wire.mend()
    page.wait_for_timeout(3_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("while this was being sent")


def test_the_cache_holds_the_two_pages_and_their_files_whatever_was_opened(
    page: Page, wire: Relay
) -> None:
    factories.customer("Atelier Nord")
    page.goto(f"{wire.url}/staff/clients/")
    page.reload()
    kept = page.evaluate("""async () => {
      const names = await caches.keys();
      const held = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return held.flat().map((request) => new URL(request.url).pathname);
    }""")
    own = [path for path in kept if not path.startswith("/static/")]
    assert own == [offline.AWAY, offline.SENT]
    assert len(kept) == len(set(kept)) > len(own)


def test_another_release_replaces_what_was_kept(
    page: Page, wire: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline, "version", lambda: "another-release")
    page.evaluate("navigator.serviceWorker.ready.then((registration) => registration.update())")
    page.wait_for_function("""async () => {
      const names = await caches.keys();
      return names.length === 1 && names[0].endsWith("another-release");
    }""")
    wire.cut()
    page.goto(f"{wire.url}/staff/orders/")
    expect(page.get_by_role("heading", level=1)).to_have_text(AWAY)
