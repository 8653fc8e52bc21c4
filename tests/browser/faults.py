"""What is wrong with a page: complaints of the browser, sideways scrolling, axe's findings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page

WIDTHS = (360, 390, 768, 1024, 1180, 1440, 1920)

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_RUN = """() => axe.run(document, {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})"""

_LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((360, "light"), (1440, "dark"))
"""Each layout and each set of colours once: no colour depends on the width."""


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
    page.emulate_media(reduced_motion="reduce")
    path = urlsplit(page.url).path
    return [f"{path} {fault}" for fault in (*too_wide(page), *_found_by_axe(page))]


def too_wide(page: Page) -> Iterator[str]:
    """The widths at which it scrolls sideways."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        taken = page.evaluate("document.documentElement.scrollWidth")
        if taken > width:
            yield f"at {width} takes {taken}"


def _found_by_axe(page: Page) -> Iterator[str]:
    page.evaluate(_AXE)
    for width, scheme in _LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        for fault in page.evaluate(_RUN)["violations"]:
            if fault["impact"] in ("serious", "critical"):
                nodes = [node["html"][:160] for node in fault["nodes"]]
                yield f"{fault['id']} at {width}, {scheme} ({len(nodes)}): {nodes[0]}"
