"""Walking through every page as somebody who is signed in."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from orders.models import User
from tests.support.everything import House, addresses

_ALL = slice(None)


def signed_in(
    browser: Browser, site: str, person: User | None, language: str = "en", **options: Any
) -> BrowserContext:
    """A browser of this person's, in which this language was chosen; the strict policy holds."""
    client = Client()
    assert person is not None
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    context = browser.new_context(locale=language, **options)
    context.add_cookies(
        [
            {"name": name, "value": client.cookies[name].value, "url": site},
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site},
        ]
    )
    return context


def pages(
    context: BrowserContext,
    site: str,
    house: House,
    face: str,
    only: str = "",
    part: slice = _ALL,
) -> Iterator[tuple[str, Page]]:
    """Every address of a face (that holds `only`) that answers with a page, one after the other;
    or a `part` of them."""
    page = context.new_page()
    for url in list(dict.fromkeys(addresses(house, face)))[part]:
        if only not in url or not _is_page(context, site + url):
            continue
        answer = page.goto(site + url, wait_until="load")
        assert answer is not None
        assert answer.status == 200, url
        yield url, page


def _is_page(context: BrowserContext, url: str) -> bool:
    """A browser cannot go where only forms are taken, and downloads a sheet."""
    answer = context.request.head(url)
    return answer.status not in (404, 405) and "html" in answer.headers["content-type"]
