"""Changing prices in a real browser, by keyboard alone, on a phone and on a desk."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import rules
from orders.enums import MarkupKind, PriceLevel
from orders.models import MarkupRule, Service
from tests.browser.faults import faults_of
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def services() -> list[Service]:
    source = factories.provider("Bulkhaus")
    shelves = ("Instagram", "Instagram", "Telegram")
    return [factories.service(factories.offer(source, category=shelf)) for shelf in shelves]


@pytest.fixture(params=[360, 1440])
def bench(
    request: pytest.FixtureRequest,
    page: Page,
    live_server: LiveServer,
    services: list[Service],
    complaints: list[str],
) -> Iterator[Page]:
    client = Client()
    client.force_login(factories.owner().user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    page.set_viewport_size({"width": request.param, "height": 900})
    page.goto(f"{live_server.url}/staff/pricing/")
    yield page
    assert complaints == []


NARROW = 1180


def reach(bench: Page, name: str) -> None:
    """Come to a field of the change, on a phone in its sheet, by keyboard."""
    sheet = bench.locator("#pricing-sheet")
    if (bench.viewport_size or {"width": 0})["width"] <= NARROW and not sheet.is_visible():
        bench.locator("#open-pricing").focus()
        bench.keyboard.press("Enter")
        expect(bench.locator("#pricing-what")).to_be_focused()
    bench.locator(name).focus()


def leave(bench: Page) -> None:
    """Back to the table."""
    if bench.locator("#pricing-sheet").is_visible():
        bench.keyboard.press("Escape")


def test_prices_are_changed_and_undone_by_keyboard(bench: Page, services: list[Service]) -> None:
    reach(bench, "#pricing-on")
    bench.keyboard.type("A cat")
    expect(bench.locator("#pricing-shelf")).to_be_visible()
    expect(bench.locator("#pricing-on")).to_be_focused()
    bench.keyboard.press("Tab")
    expect(bench.locator("#pricing-shelf")).to_be_focused()
    bench.keyboard.type("Ins")
    bench.keyboard.press("Tab")
    expect(bench.locator("#pricing-kind")).to_be_focused()
    bench.keyboard.press("Tab")
    bench.keyboard.type("40")
    expect(bench.get_by_role("button", name="Change 2 prices")).to_be_visible()
    expect(bench.locator("#pricing-value")).to_be_focused()
    changed, other = (bench.locator(f"#price-{services[n].pk}") for n in (0, 2))
    expect(changed).to_contain_text("$1.4000")
    expect(other).to_have_text("$1.3000")
    bench.keyboard.press("Tab")
    expect(bench.locator("#pricing-reason")).to_be_focused()
    bench.keyboard.type("Dearer now")
    bench.keyboard.press("Tab")
    bench.keyboard.press("Enter")
    expect(bench.locator("body")).to_contain_text("2 prices changed.")
    assert MarkupRule.objects.get(category=services[0].category).reason == "Dearer now"

    bench.get_by_role("link", name="Undo last change").focus()
    bench.keyboard.press("Enter")
    expect(bench.get_by_role("button", name="Undo it")).to_be_visible()
    bench.locator("#undo-reason").focus()
    bench.keyboard.type("A slip")
    bench.keyboard.press("Enter")
    expect(bench.locator("body")).to_contain_text("Undone. 2 prices changed.")


def test_a_choice_that_is_typed_in_is_not_taken_away(bench: Page) -> None:
    reach(bench, "#pricing-on")
    choice = bench.locator("#pricing-on")
    choice.evaluate("it => { it.marked = true; }")
    choice.focus()
    bench.keyboard.type("A")
    expect(bench.locator("#pricing-shelf")).to_be_visible()
    expect(choice).to_be_focused()
    assert choice.evaluate("it => it.marked")
    bench.locator("#pricing-what").select_option("bounds")
    expect(choice.get_by_role("option", name="A client and a service")).to_have_count(0)


def test_ticked_services_are_what_a_rule_is_about(bench: Page, services: list[Service]) -> None:
    bench.locator(f"input[name=service][value='{services[2].pk}']").focus()
    bench.keyboard.press("Space")
    expect(bench.locator("#pricing-on")).to_have_value("services")
    reach(bench, "#pricing-value")
    bench.keyboard.type("50")
    expect(bench.get_by_role("button", name="Change 1 price")).to_be_visible()
    leave(bench)
    bench.locator(f"input[name=service][value='{services[0].pk}']").focus()
    bench.keyboard.press("Space")
    reach(bench, "#pricing-value")
    expect(bench.get_by_role("button", name="Change 2 prices")).to_be_visible()
    expect(bench.locator(f"#price-{services[0].pk}")).to_contain_text("$1.5000")


def test_a_price_is_explained_in_a_dialog(bench: Page, services: list[Service]) -> None:
    link = bench.get_by_role("link", name=f"Explain the price of {services[0].pk}")
    link.focus()
    bench.keyboard.press("Enter")
    dialog = bench.locator("#explain-price")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Cost rate")
    bench.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()


@pytest.mark.parametrize("bench", [360, 1100], indirect=True)
def test_the_sheet_keeps_what_was_typed_and_gives_the_focus_back(bench: Page) -> None:
    expect(bench.locator("#pricing-panel")).to_be_hidden()
    reach(bench, "#pricing-value")
    bench.keyboard.type("41")
    expect(bench.get_by_role("button", name="Change 3 prices")).to_be_visible()
    bench.locator("#pricing-reason").fill("Autumn")
    bench.keyboard.press("Escape")
    expect(bench.locator("#pricing-panel")).to_be_hidden()
    expect(bench.locator("#open-pricing")).to_be_focused()
    bench.keyboard.press("Enter")
    expect(bench.locator("#pricing-value")).to_have_value("41")

    bench.set_viewport_size({"width": 1440, "height": 900})
    expect(bench.locator("aside #pricing-panel")).to_be_visible()
    expect(bench.locator("#pricing-sheet")).to_be_hidden()
    expect(bench.locator("#pricing-reason")).to_have_value("Autumn")
    bench.locator("#pricing-value").fill("42")
    expect(bench.get_by_role("button", name="Change 3 prices")).to_be_visible()


@pytest.mark.parametrize("bench", [360], indirect=True)
def test_what_was_refused_and_what_a_link_begins_is_open_at_once(
    bench: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    bench.goto(f"{live_server.url}/staff/pricing/?what=terms#pricing-panel")
    expect(bench.locator("#pricing-price_step")).to_be_visible()
    bench.goto(f"{live_server.url}/staff/pricing/")
    reach(bench, "#pricing-value")
    bench.keyboard.type("45")
    bench.get_by_role("button", name="Change 3 prices").click()
    expect(bench.locator("#pricing-reason-wrong")).to_be_visible()
    assert all("422" in said for said in complaints)
    complaints.clear()


@pytest.mark.parametrize("bench", [360], indirect=True)
def test_without_scripts_the_button_leads_to_the_form(
    bench: Page, browser: Browser, live_server: LiveServer
) -> None:
    plain = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 900}
    ).new_page()
    plain.context.add_cookies(bench.context.cookies())
    plain.goto(f"{live_server.url}/staff/pricing/")
    plain.locator("#open-pricing").click()
    expect(plain.locator("#pricing-value")).to_be_visible()
    assert plain.url.endswith("#pricing-panel")
    plain.context.close()


def test_nothing_is_wrong_with_the_page_while_it_shows_a_preview(bench: Page) -> None:
    reach(bench, "#pricing-value")
    bench.keyboard.type("3.5")
    expect(bench.get_by_role("img", name="Services by margin")).to_be_visible()
    assert faults_of(bench) == []


@pytest.mark.parametrize("bench", [1440], indirect=True)
def test_nothing_is_wrong_with_the_pages_behind_it(
    bench: Page, live_server: LiveServer, services: list[Service]
) -> None:
    kind, now = MarkupKind.PERCENT, factories.NOW
    rules.set_markup(PriceLevel.SERVICE, kind, Decimal(44), None, now, service=services[0])
    for page in ("rules/", "rules/?kind=bounds", "undo/", f"explain/{services[0].pk}/"):
        bench.goto(f"{live_server.url}/staff/pricing/{page}")
        assert faults_of(bench) == []
