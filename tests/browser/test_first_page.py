"""A stranger's first page in a real browser."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_stranger_is_asked_to_sign_in_and_the_browser_has_no_complaint(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    factories.staff()
    page.goto(live_server.url)
    page.wait_for_load_state("networkidle")
    assert page.locator("input[type=password]").is_visible()
    assert complaints == []


@pytest.mark.parametrize("is_empty", [False, True])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_neither_sign_in_nor_set_up_scroll_sideways(
    page: Page, live_server: LiveServer, width: int, is_empty: bool
) -> None:
    if not is_empty:
        factories.staff()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.url.endswith("/setup/") == is_empty
