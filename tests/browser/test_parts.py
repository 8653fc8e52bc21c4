"""The parts of the design system in a real browser, on the page that shows them all."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def parts(page: Page, live_server: LiveServer, complaints: list[str]) -> Iterator[Page]:
    """The component page, open, seen by a staff member; nothing may complain meanwhile."""
    client = Client()
    client.force_login(factories.admin().user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/staff/components/")
    yield page
    assert complaints == []


def test_the_first_bad_field_has_the_focus(parts: Page) -> None:
    assert parts.evaluate("document.activeElement.name") == "quantity"


def test_the_chosen_colours_outlast_the_page(parts: Page) -> None:
    parts.emulate_media(color_scheme="light")
    parts.locator("[data-theme-toggle]").click()
    before = parts.evaluate("getComputedStyle(document.body).backgroundColor")
    parts.reload()
    assert parts.evaluate("document.documentElement.dataset.theme") == "dark"
    assert parts.evaluate("getComputedStyle(document.body).backgroundColor") == before


def test_keys_search_and_choose(parts: Page) -> None:
    parts.evaluate("document.activeElement.blur()")
    parts.keyboard.press("2")
    assert parts.locator("[name=decision-light]:checked").input_value() == "send_anew"
    parts.keyboard.press("/")
    assert parts.evaluate("document.activeElement.name") == "q"
    parts.keyboard.type("1")
    assert parts.locator("[name=decision-light]:checked").input_value() == "send_anew"


def test_a_chart_tells_its_days_to_the_keyboard(parts: Page) -> None:
    plot = parts.locator(".chart .plot").first
    plot.focus()
    parts.keyboard.press("ArrowLeft")
    parts.keyboard.press("ArrowLeft")
    assert "$420.0000" in parts.locator(".tip").inner_text().replace("\n", "")
    parts.keyboard.press("Escape")
    assert parts.locator(".tip").count() == 0


def test_a_dialog_opens_closes_and_gives_the_focus_back(parts: Page) -> None:
    opener = parts.locator("[data-dialog='#sample']")
    opener.click()
    assert parts.locator("dialog[open]").count() == 1
    parts.keyboard.press("Escape")
    assert parts.locator("dialog[open]").count() == 0
    assert opener.evaluate("el => el === document.activeElement")


def test_the_menu_of_a_phone_opens_and_closes(parts: Page) -> None:
    parts.set_viewport_size({"width": 360, "height": 780})
    assert not parts.locator(".side").is_visible()
    parts.locator(".mobbar [popovertarget]").click()
    assert parts.locator("#drawer .nav").is_visible()
    parts.keyboard.press("Escape")
    assert not parts.locator("#drawer .nav").is_visible()


CONTRAST = """() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3]));
  const light = (colour) => {
    const [r, g, b] = colour.map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      layers.push(rgba(getComputedStyle(e).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility()) continue;
    if (element.closest('.vh, script, template, option, progress, :disabled')) continue;
    const under = ground(element);
    const [a, b] = [light(over(rgba(getComputedStyle(element).color), under)), light(under)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${text}`);
  }
  return weak;
}"""


def test_every_word_stands_out_from_its_ground(parts: Page) -> None:
    parts.emulate_media(reduced_motion="reduce")
    for theme in ("light", "dark"):
        parts.locator(f".pagehead [data-theme-set={theme}]").click()
        parts.mouse.move(2, 2)
        assert parts.evaluate(CONTRAST) == [], theme


def test_keys_lead_to_pages_and_are_shown_on_request(parts: Page, live_server: LiveServer) -> None:
    parts.evaluate("document.activeElement.blur()")
    parts.keyboard.press("?")
    assert parts.locator("#keys").is_visible()
    parts.keyboard.press("n")
    assert parts.locator("#keys").is_visible()
    parts.keyboard.press("Escape")
    parts.locator("button.me").click()
    parts.locator("#me-menu [data-keys]").click()
    assert parts.locator("#keys").is_visible()
    parts.keyboard.press("Escape")
    parts.keyboard.type("go")
    parts.wait_for_url("**/staff/orders/")
    parts.keyboard.press("n")
    parts.wait_for_url("**/staff/orders/new/")


def test_keys_do_nothing_while_somebody_types(parts: Page) -> None:
    parts.locator("#light_link").fill("")
    parts.locator("#light_link").press_sequentially("gon?/")
    assert parts.locator("#light_link").input_value() == "gon?/"
    assert not parts.locator("#keys").is_visible()


def test_the_skip_link_leads_past_the_menu(parts: Page, live_server: LiveServer) -> None:
    parts.goto(f"{live_server.url}/staff/orders/")
    parts.keyboard.press("Tab")
    assert parts.evaluate("document.activeElement.className") == "skip"
    parts.keyboard.press("Enter")
    assert parts.evaluate("document.activeElement.id") == "main"
