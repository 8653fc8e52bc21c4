"""Live parts: they change in place, rest while nobody looks, and say plainly when they cannot."""

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from orders.enums import OrderStatus
from orders.models import Order
from tests.browser.visits import signed_in
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TURN = 30_000
"""ms in which a part that asks every five seconds has asked, on a machine as busy as may be."""


@pytest.fixture
def running() -> Order:
    return factories.order(
        factories.customer("Atelier Nord", balance="10"),
        status=OrderStatus.IN_PROGRESS,
        remains=900,
        placed_at=timezone.now(),
    )


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    context = signed_in(browser, live_server.url, factories.owner().user)
    yield context.new_page()
    context.close()


def opened(page: Page, live_server: LiveServer, path: str) -> Page:
    page.goto(live_server.url + path)
    page.evaluate("window.untouched = true")
    return page


def test_a_list_keeps_focus_selection_and_scroll_while_a_row_comes_and_one_changes(
    page: Page, live_server: LiveServer, running: Order
) -> None:
    opened(page, live_server, "/staff/orders/")
    page.set_viewport_size({"width": 1180, "height": 300})
    row = page.locator(f"#order-{running.pk}")
    row.focus()
    page.evaluate(
        "el => { window.kept = el; getSelection().selectAllChildren(el); }", row.element_handle()
    )
    page.evaluate("scrollTo(0, 80)")
    scrolled = page.evaluate("scrollY")
    assert scrolled > 0
    Order.objects.filter(pk=running.pk).update(remains=100)
    newer = factories.order(status=OrderStatus.PENDING, placed_at=timezone.now())

    expect(page.locator(f"#order-{newer.pk}")).to_be_visible(timeout=TURN)
    expect(page.locator("#order-table")).to_contain_text("100 to go")
    assert page.evaluate("document.activeElement === window.kept")
    assert page.evaluate("getSelection().toString()") == str(running.pk)
    assert page.evaluate("scrollY") == scrolled
    assert page.evaluate("window.untouched")


def test_an_open_dialog_and_what_is_typed_there_outlast_a_change_of_state(
    page: Page, live_server: LiveServer, running: Order
) -> None:
    waiting = Order.objects.filter(pk=running.pk)
    waiting.update(status=OrderStatus.WAITING, upstream_id=None, tier=None)
    opened(page, live_server, f"/staff/orders/{running.pk}/")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Hold").click()
    reason = page.locator("dialog[open] input.in").first
    reason.fill("asked by phone")
    waiting.update(status=OrderStatus.REFUSED)

    expect(page.locator(".pagehead")).to_contain_text("Refused", timeout=TURN)
    expect(page.locator("dialog[open]")).to_have_count(1)
    assert reason.input_value() == "asked by phone"


def test_it_stops_asking_and_looking_alive_when_nothing_can_change(
    page: Page, live_server: LiveServer, running: Order
) -> None:
    opened(page, live_server, "/staff/orders/")
    Order.objects.filter(pk=running.pk).update(status=OrderStatus.COMPLETED, remains=0)
    expect(page.locator("#order-table")).to_contain_text("Completed", timeout=TURN)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(6_000)
    assert asked == []
    expect(page.locator("#order-table .pulse")).to_have_count(0)


def test_a_hidden_tab_does_not_ask_and_asks_at_once_when_it_is_seen(
    page: Page, live_server: LiveServer, running: Order
) -> None:
    opened(page, live_server, "/staff/orders/")
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(6_000)
    assert asked == []
    Order.objects.filter(pk=running.pk).update(remains=123)
    at_once = page.evaluate("""() => {
      let asked = 0;
      document.addEventListener('htmx:beforeRequest', () => { asked += 1; });
      Object.defineProperty(document, 'hidden', {value: false, configurable: true});
      document.dispatchEvent(new Event('visibilitychange'));
      return asked;
    }""")
    assert at_once == 1
    expect(page.locator("#order-table")).to_contain_text("123 to go")


def test_a_lost_connection_is_said_with_the_time_and_goes_away_by_itself(
    page: Page, live_server: LiveServer, running: Order
) -> None:
    opened(page, live_server, "/staff/orders/")
    page.context.set_offline(True)
    bar = page.locator("#lost")
    expect(bar).to_contain_text("Connection lost. What you see is from", timeout=TURN)
    assert page.locator("[data-lost=away] time").inner_text()[2] == ":"
    Order.objects.filter(pk=running.pk).update(remains=77)
    page.context.set_offline(False)
    expect(bar).to_be_hidden(timeout=TURN)
    expect(page.locator("#order-table")).to_contain_text("77 to go", timeout=TURN)


def test_without_a_connection_a_form_is_not_sent_and_says_so(
    page: Page, live_server: LiveServer
) -> None:
    opened(page, live_server, "/staff/clients/new/")
    page.locator("main form input:visible").first.fill("Casa Verde")
    page.context.set_offline(True)
    page.locator("main form .btn.pri").click()
    expect(page.locator("#lost")).to_contain_text("Nothing was sent")
    assert page.locator("main form input:visible").first.input_value() == "Casa Verde"
    assert page.evaluate("window.untouched")


def test_an_order_whose_answer_is_lost_may_have_been_placed(
    page: Page, live_server: LiveServer, running: Order
) -> None:
    client, service = running.customer_id, running.service_id
    opened(page, live_server, f"/staff/orders/new/?client={client}&service={service}")
    page.get_by_label("Link").fill("https://instagram.com/ateliernord")
    page.get_by_label("Quantity").fill("1000")
    place = page.locator("#place")
    expect(place).to_be_enabled()
    page.route("**/staff/orders/new/", lambda route: route.abort("connectionreset"))
    place.click()
    expect(page.locator("#lost")).to_contain_text("We may have your order. See the orders")
    page.unroute("**/staff/orders/new/")


def test_an_ended_session_says_so_and_leads_back(
    page: Page, live_server: LiveServer, running: Order
) -> None:
    opened(page, live_server, f"/staff/orders/{running.pk}/")
    Session.objects.all().delete()
    bar = page.locator("#lost")
    expect(bar).to_contain_text("You are signed out", timeout=TURN)
    expect(page.locator("h1")).to_contain_text(str(running.pk))
    bar.get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/account/login/?next=**")
    assert page.url.endswith(f"next=%2Fstaff%2Forders%2F{running.pk}%2F")


def test_a_row_outlasts_an_error_of_the_server(
    page: Page, live_server: LiveServer, running: Order
) -> None:
    def broken(route: Route) -> None:
        route.fulfill(status=500, body="<h1>Something broke</h1>", content_type="text/html")

    opened(page, live_server, "/staff/orders/")
    page.route("**/staff/orders/", broken)
    expect(page.locator("#lost")).to_contain_text("Something broke on our side", timeout=TURN)
    expect(page.locator(f"#order-{running.pk}")).to_be_visible()
    expect(page.locator(".toast")).to_have_count(0)
    page.unroute("**/staff/orders/")
    expect(page.locator("#lost")).to_be_hidden(timeout=TURN)


def test_a_closed_panel_is_said_on_the_page_that_is_open(
    page: Page, live_server: LiveServer, running: Order, settings: Settings
) -> None:
    opened(page, live_server, "/staff/orders/")
    settings.MAINTENANCE = True
    expect(page.locator("#lost")).to_contain_text("closed for maintenance", timeout=TURN)
    expect(page.locator(f"#order-{running.pk}")).to_be_visible()
    settings.MAINTENANCE = False
    expect(page.locator("#lost")).to_be_hidden(timeout=TURN)
