"""No page scrolls sideways, whatever stands in it and however wide the window is."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser.visits import WIDTHS, pages, signed_in
from tests.support.everything import plant

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("face", ["staff", "my"])
def test_no_page_scrolls_sideways(browser: Browser, live_server: LiveServer, face: str) -> None:
    house = plant()
    person = house.owner.user if face == "staff" else house.customer.user
    context = signed_in(browser, live_server.url, person)
    too_wide = []
    opened = 0
    for url, page in pages(context, live_server.url, house, face):
        opened += 1
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            taken = page.evaluate("document.documentElement.scrollWidth")
            if taken > width:
                too_wide.append(f"{url} at {width} takes {taken}")
    context.close()
    assert too_wide == []
    assert opened > 1
