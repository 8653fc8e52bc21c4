"""Chromium as Debian packages it, and pages that note everything a browser complains about."""

import os
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from orders.models import Service
from tests.browser.faults import complaints_of
from tests.support import factories
from tests.support.simulator import RunningSimulator

# Playwright keeps an event loop in this thread, and Django would refuse to touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# A machine that is busy is slow; what never comes fails all the same, only later.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": ["--no-sandbox"],
    }


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    """Without our worker, unless a test asks for it: Playwright holds each worker until it has
    attached itself to it, and on a busy machine a page that is opened meanwhile never comes."""
    browser.new_context = partial(browser.new_context, service_workers="block")  # type: ignore[method-assign]
    return browser


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the test's own browser complains about."""
    return complaints_of(page.context)


@pytest.fixture
def upstream() -> Iterator[RunningSimulator]:
    """A provider that delivers within seconds."""
    with RunningSimulator(services=40, minutes=0.02) as running:
        yield running


@pytest.fixture
def followers(upstream: RunningSimulator) -> Service:
    """A service on sale that this provider delivers."""
    row = next(
        row
        for row in upstream.call("services")
        if row["type"] == "Default" and int(row["min"]) <= 100 and int(row["max"]) >= 1000
    )
    offer = factories.offer(
        factories.provider("Bulkhaus", url=upstream.url, key=upstream.key),
        upstream_id=str(row["service"]),
        name="Instagram Followers, HQ",
        rate=Decimal(str(row["rate"])),
    )
    return factories.service(offer)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why the first try of a test failed, which passed or failed when it was tried once more."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"first try of {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
