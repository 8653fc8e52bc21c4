"""From an empty database to the first placed order, in a real browser and over HTTP upstream."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import catalog, first_run
from orders.enums import OrderStatus
from orders.models import AuditEntry, Customer, Order, Panel, Provider, Service, Staff
from panel.staff.services import choose
from tests.browser.faults import faults_of
from tests.browser.signing_in import PASSWORD
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STEPS = ("panel", "provider", "catalog", "prices", "staff", "order", "done")


@pytest.fixture
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator(services=120, currency="EUR") as running:
        yield running


def become_owner(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    page.get_by_label("Set-up code").fill(first_run.setup_code().lower())
    page.get_by_label("Your name").fill("Ada Lindqvist")
    page.get_by_label("E-mail").fill("ada@halfpenny.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/setup/panel/")


def add_provider(page: Page, upstream: RunningSimulator) -> None:
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Bulkhaus")
    page.get_by_label("API address").fill(upstream.url)
    page.get_by_label("API key").fill("not-the-key-7f2c")
    test = page.get_by_role("button", name="Test", exact=True)
    test.click()
    expect(page.locator("#trial")).to_contain_text("refused the key")
    page.get_by_label("API key").fill(upstream.key)
    test.click()
    expect(page.locator("#trial")).to_contain_text("It answers. Balance €1,000.00")
    expect(page.locator("#trial")).to_contain_text("how much USD one EUR is")
    page.get_by_label("Exchange rate").fill("1.085")
    page.get_by_role("button", name="Test and add").click()
    page.wait_for_url("**/staff/setup/catalog/")


def read_catalog(page: Page) -> None:
    """The page is open all the while and is not loaded again."""
    expect(page.locator("#catalog-progress")).to_contain_text("has not been read yet")
    page.evaluate("window.untouched = true")
    catalog.sync(Provider.objects.get(), now=timezone.now())
    expect(page.locator("#catalog-progress")).to_contain_text("120 services of Bulkhaus read")
    expect(page.locator("#setup-rail")).to_contain_text("3 of 7 done")
    assert page.evaluate("window.untouched") is True
    page.get_by_role("link", name="Choose what to sell", exact=True).click()


def choose_some(page: Page) -> Service:
    """All followers that can be had, but for one, which is hidden again."""
    assert not Service.objects.filter(is_visible=True).exists()
    page.get_by_label("Search what is offered").fill("followers")
    wanted = Service.objects.filter(catalog.fitting("followers")).order_by("pk")
    expect(page.get_by_text(f"All {wanted.count()} that fit")).to_be_visible()
    page.get_by_text(f"All {wanted.count()} that fit").click()
    page.get_by_label("Reason").fill("Opening week")
    page.get_by_role("button", name="Put on sale").click()
    expect(page.locator("#toasts")).to_contain_text("on sale now")
    on_sale = Service.objects.filter(is_visible=True)
    assert 0 < on_sale.count() <= wanted.count()
    one = on_sale.order_by("pk")[1]
    page.get_by_label(f"{one.pk} {one.name}", exact=True).check()
    expect(page.get_by_text("1 ticked")).to_be_visible()
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#toasts")).to_contain_text("1 service is hidden now.")
    one.refresh_from_db()
    assert not one.is_visible
    shown = AuditEntry.objects.filter(action="service.shown")
    assert set(shown.values_list("reason", flat=True)) == {"Opening week"}
    page.get_by_role("link", name="Next: set the markup and the floor").click()
    return next(
        service
        for service in on_sale.select_related("offer").order_by("pk")
        if service.offer.service_type == "default" and service.offer.least <= 1000
    )


def set_prices(page: Page) -> None:
    example = page.locator("#prices-example")
    before = example.inner_text()
    expect(page.get_by_label("Markup")).to_be_focused()
    page.get_by_label("Markup").fill("40")
    expect(example).not_to_have_text(before)
    expect(example).to_contain_text("28.6")
    page.get_by_label("Floor").fill("60")
    expect(example).to_contain_text("The floor is higher than the markup and acts.")
    page.get_by_label("Floor").fill("12")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/staff/setup/staff/")


def add_mira(page: Page) -> None:
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Mira Kovač")
    page.get_by_label("E-mail").fill("mira@halfpenny.example")
    page.get_by_label("Sees cost").check()
    page.get_by_role("button", name="Add and go on").click()
    expect(page.locator("h1")).to_contain_text("A link for Mira")
    page.get_by_role("link", name="Done").click()
    page.wait_for_url("**/staff/setup/order/")
    assert Staff.objects.get(is_owner=False).sees_cost


def place(page: Page, service: Service) -> Order:
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Atelier Nord")
    page.get_by_label("Phone").fill("+47 22 41 07 30")
    page.get_by_role("button", name="Go on to the order form").click()
    page.wait_for_url("**/staff/orders/new/?client=*")
    page.get_by_label("Search services").fill(str(service.pk))
    page.locator(f"#service-{service.pk}").click()
    page.get_by_label("Link").fill("https://instagram.com/ateliernord")
    page.get_by_label("Quantity").fill("1000")
    take = page.get_by_role("button", name=re.compile("Take .* and place"))
    expect(take).to_be_visible()
    take.click()
    expect(page.locator("h1")).to_contain_text("is placed")
    return Order.objects.get()


def test_from_an_empty_panel_to_the_first_order(
    page: Page, live_server: LiveServer, upstream: RunningSimulator, complaints: list[str]
) -> None:
    become_owner(page, live_server)
    expect(page.get_by_label("Name of the panel")).to_be_focused()
    page.get_by_label("Name of the panel").fill("Copper & Co")
    page.get_by_label("Time zone").select_option("Europe/Lisbon")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/staff/setup/provider/")
    assert Panel.objects.get().time_zone == "Europe/Lisbon"
    add_provider(page, upstream)
    read_catalog(page)
    service = choose_some(page)
    set_prices(page)
    add_mira(page)
    order = place(page, service)

    assert order.status == OrderStatus.WAITING
    assert order.customer == Customer.objects.get(phone="4722410730")
    assert order.markup_value == Decimal(40)
    page.goto(f"{live_server.url}/staff/")
    expect(page.locator("#main")).not_to_contain_text("steps to the first order")
    page.goto(f"{live_server.url}/staff/setup/")
    expect(page.locator("#main")).to_contain_text("Everything is set up")
    assert complaints == []


def test_very_many_go_on_sale_while_progress_is_shown(
    page: Page,
    live_server: LiveServer,
    complaints: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = catalog.choose
    monkeypatch.setattr(choose.catalog, "BATCH", 2)
    monkeypatch.setattr(choose.catalog, "choose", lambda *a, **said: small(*a, **said, limit=2))
    become_owner(page, live_server)
    offer = factories.offer()
    for _ in range(7):
        factories.service(offer, is_visible=False)
    page.goto(f"{live_server.url}/staff/services/choose/")
    page.get_by_text("All 7 that fit").click()
    page.get_by_role("button", name="Put on sale").click()
    expect(page.locator("#toasts")).to_contain_text("7 services are on sale now.")
    assert Service.objects.filter(is_visible=True).count() == 7
    assert complaints == []


def test_no_step_has_a_fault(page: Page, live_server: LiveServer, complaints: list[str]) -> None:
    become_owner(page, live_server)
    offer = factories.offer(name="A service with a name that goes on and on " * 8)
    for _ in range(3):
        factories.service(offer, is_visible=False)
    found = []
    for path in (*(f"setup/{step}/" for step in STEPS), "services/choose/"):
        page.goto(f"{live_server.url}/staff/{path}")
        found += faults_of(page)
    assert not found + complaints, "\n".join(found + complaints)
