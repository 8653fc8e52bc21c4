"""Walking through every page as somebody who is signed in."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from orders.models import User
from tests.support.everything import House, addresses

WIDTHS = (360, 390, 768, 1024, 1180, 1440, 1920)


def signed_in(browser: Browser, site: str, person: User | None, **options: Any) -> BrowserContext:
    """A browser of this person's; the strict policy holds in it."""
    client = Client()
    assert person is not None
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    context = browser.new_context(**options)
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])
    return context


def pages(
    context: BrowserContext, site: str, house: House, face: str, only: str = ""
) -> Iterator[tuple[str, Page]]:
    """Every address of a face (that holds `only`) that answers with a page, one after the other."""
    page = context.new_page()
    for url in dict.fromkeys(addresses(house, face)):
        # A browser cannot go where only forms are taken: such an answer has no body.
        if only not in url or context.request.head(site + url).status in (404, 405):
            continue
        answer = page.goto(site + url, wait_until="load")
        assert answer is not None
        assert answer.status == 200, url
        yield url, page
