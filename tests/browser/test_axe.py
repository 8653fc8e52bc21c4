"""Every page in both colours and at both ends of width: axe finds nothing serious."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.visits import pages, signed_in
from tests.support.everything import plant

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN = """() => axe.run(document, {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})"""


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def found_by_axe(page: Page) -> Iterator[str]:
    """What is wrong and serious, each with the first element that shows it."""
    result: dict[str, Any] = page.evaluate(RUN)
    for fault in result["violations"]:
        if fault["impact"] in ("serious", "critical"):
            nodes = [node["html"][:160] for node in fault["nodes"]]
            yield f"{fault['id']} ({len(nodes)}): {nodes[0]}"


@pytest.mark.parametrize("face", ["staff", "my"])
def test_axe_finds_nothing_serious_on_any_page(
    browser: Browser, live_server: LiveServer, face: str
) -> None:
    house = plant()
    person = house.owner.user if face == "staff" else house.customer.user
    context = signed_in(browser, live_server.url, person, reduced_motion="reduce")
    faults = set()
    for url, page in pages(context, live_server.url, house, face):
        page.evaluate(AXE)
        for width in (360, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                faults |= {f"{url} at {width}, {scheme}: {fault}" for fault in found_by_axe(page)}
    context.close()
    assert sorted(faults) == []
