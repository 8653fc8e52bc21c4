"""Reports in a real browser: the chart by keyboard and pointer, and the way through tables."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.reports import rolling
from tests.browser.visits import signed_in
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def report(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The report of 7 days with one order, today; nothing may complain meanwhile."""
    boss = factories.admin()
    client = factories.customer("Atelier Nord")
    factories.order(client, by=boss.user, placed_at=timezone.now())
    rolling.add_up(timezone.now())
    page = signed_in(browser, live_server.url, boss.user).new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/staff/reports/?period=7")
    yield page
    assert complaints == []


def test_the_chart_is_read_day_by_day_with_the_keys(report: Page) -> None:
    plot, tip = report.locator(".chart .plot"), report.locator(".tip")
    for _ in range(40):
        report.keyboard.press("Tab")
        if plot.evaluate("plot => plot === document.activeElement"):
            break
    today = timezone.localdate()
    expect(tip).to_contain_text(f"{today.day} {today:%B}")
    assert "Upstream charge$1.0000" in tip.inner_text().replace("\n", "")
    report.keyboard.press("ArrowLeft")
    expect(tip).not_to_contain_text(f"{today.day} {today:%B}")
    report.keyboard.press("ArrowRight")
    expect(tip).to_contain_text(f"{today.day} {today:%B}")
    report.keyboard.press("Escape")
    expect(tip).to_have_count(0)


def test_the_chart_is_read_under_the_pointer(report: Page) -> None:
    report.locator(".chart .plot").hover(position={"x": 5, "y": 40})
    expect(report.locator(".tip")).to_be_visible()
    report.mouse.move(0, 0)
    expect(report.locator(".tip")).to_have_count(0)


def test_what_the_chart_shows_stands_in_a_table_too(report: Page) -> None:
    rows = report.locator(".chart table tbody tr")
    expect(rows).to_have_count(7)
    assert "$1.0000" in rows.last.inner_text()


def test_a_tab_is_opened_and_its_sheet_is_saved(report: Page) -> None:
    report.get_by_role("link", name="Client", exact=True).click()
    report.wait_for_url("**tab=client**")
    expect(report.get_by_role("row", name="Atelier Nord")).to_be_visible()
    with report.expect_download() as saved:
        report.get_by_role("link", name="CSV").click()
    assert saved.value.suggested_filename.startswith("report-client-")
