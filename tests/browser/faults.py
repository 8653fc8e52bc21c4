"""What is wrong with a page: complaints of the browser, sideways scrolling, ids that come twice,
axe's findings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page

WIDTHS = (360, 390, 768, 1024, 1180, 1440, 1920)
TIGHT = (360, 768, 1180)
"""The least width of each layout, where longer words than English ones find no room first."""

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_RUN = """() => axe.run(document, {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})"""

_TWICE = """() => [...document.querySelectorAll("[id]")]
  .map((one) => one.id).filter((id, place, all) => all.indexOf(id) !== place)"""

_LOOKS: dict[int, Literal["light", "dark"]] = {360: "light", 1440: "dark"}
"""The colours in which axe looks at each layout: no colour depends on the width."""


def complaints_of(context: BrowserContext) -> list[str]:
    """Errors of scripts, refusals by the content policy, answers of 400 and above, as they come."""
    found: list[str] = []
    context.on("weberror", lambda error: found.append(f"script: {error.error}"))
    context.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    context.on(
        "response",
        lambda answer: found.append(f"{answer.status} {answer.url}") if answer.status >= 400 else 0,
    )
    return found


def faults_of(page: Page) -> list[str]:
    """Everything, each with the address at which it was found. The page is not opened again: the
    window and the colours change around it, without transitions."""
    page.evaluate(_AXE)
    path = urlsplit(page.url).path
    twice = [f"{path} has the id {name} twice" for name in page.evaluate(_TWICE)]
    return twice + [
        f"{path} at {width} {fault}" for width in WIDTHS for fault in _faults_at(page, width)
    ]


def sideways_faults_of(page: Page) -> list[str]:
    """Only sideways scrolling, where each layout is tightest."""
    path = urlsplit(page.url).path
    found = []
    for width in TIGHT:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{path} at {width} {fault}" for fault in _sideways(page)]
    return found


def faults_as_it_stands(page: Page) -> list[str]:
    """What is wrong with the page in the window and the colours it is open in."""
    page.evaluate(_AXE)
    path = urlsplit(page.url).path
    return [f"{path} {fault}" for fault in (*_sideways(page), *_against_axe(page))]


def _faults_at(page: Page, width: int) -> Iterator[str]:
    page.set_viewport_size({"width": width, "height": 900})
    yield from _sideways(page)
    if scheme := _LOOKS.get(width):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        yield from (f"in {scheme} {fault}" for fault in _against_axe(page))


def _sideways(page: Page) -> Iterator[str]:
    taken, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if taken > width:
        yield f"takes {taken} of {width}"


def _against_axe(page: Page) -> Iterator[str]:
    for fault in page.evaluate(_RUN)["violations"]:
        if fault["impact"] in ("serious", "critical"):
            nodes = [node["html"][:160] for node in fault["nodes"]]
            yield f"has {fault['id']} ({len(nodes)}): {nodes[0]}"
