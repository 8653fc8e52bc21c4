"""Many orders at once in a real browser: a customer on a phone, staff at a desk."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import mass_orders, rounds, wallets
from orders.enums import OrderStatus
from orders.ledger_check import check
from orders.mass_orders import carrying
from orders.models import Customer, MassOrder, Order, Service, Staff
from tests.browser.faults import complaints_of
from tests.browser.test_shop import PHONE
from tests.browser.visits import signed_in
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOLLOWS = 20_000
"""ms in which a page that asks every two seconds has asked, on a busy machine."""


@pytest.fixture
def owner() -> Staff:
    return factories.owner()


@pytest.fixture
def casa(owner: Staff) -> Customer:
    return factories.customer("Casa Verde", signs_in=True)


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, casa: Customer) -> Iterator[Page]:
    context = signed_in(browser, live_server.url, casa.user, base_url=live_server.url, **PHONE)
    complaints = complaints_of(context)
    yield context.new_page()
    context.close()
    assert complaints == []


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, owner: Staff) -> Iterator[Page]:
    site, size = live_server.url, {"width": 1440, "height": 900}
    context = signed_in(browser, site, owner.user, base_url=site, viewport=size)
    complaints = complaints_of(context)
    yield context.new_page()
    context.close()
    assert complaints == []


def work_until_completed(count: int, page: Page) -> None:
    """Place, send and ask until so many orders are completed."""
    for _ in range(80):
        rounds.run_once(timezone.now())
        if Order.objects.filter(status=OrderStatus.COMPLETED).count() == count:
            return
        page.wait_for_timeout(250)
    raise AssertionError(list(Order.objects.values_list("status", flat=True)))


def test_a_customer_orders_many_on_a_phone_and_follows_them_to_their_end(
    phone: Page, casa: Customer, owner: Staff, followers: Service, upstream: RunningSimulator
) -> None:
    phone.goto("/my/new/")
    phone.get_by_role("link", name="Many at once").click()
    lines = [f"{followers.pk} | https://instagram.com/casa{n} | 1000" for n in range(3)]
    phone.get_by_label("One order a line").fill("\n".join([*lines, f"{followers.pk}|@x|1"]))
    phone.get_by_role("button", name="Check the lines").click()

    # Three are good, one is wrong, and the balance does not suffice: nothing happens meanwhile.
    main = phone.locator("#main")
    expect(main).to_contain_text("Nothing is placed yet")
    expect(main).to_contain_text("Quantity: between")
    expect(main).to_contain_text("missing")
    assert not Order.objects.exists()
    wallets.adjust(casa, Decimal(100), by=owner.user, now=timezone.now(), reason="Paid in")
    phone.reload()
    phone.get_by_role("button", name="Place the 3 good lines for").click()

    # One is placed while the page is watched, then the rest; it follows without a reload.
    expect(main).to_contain_text("3 to go")
    phone.evaluate("window.untouched = true")
    carrying.place_next(MassOrder.objects.get().pk, timezone.now())
    expect(main).to_contain_text("2 to go", timeout=FOLLOWS)
    work_until_completed(3, phone)
    expect(main).to_contain_text("3 of 4 placed", timeout=FOLLOWS)
    assert phone.evaluate("window.untouched") is True
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert sorted(entry["link"] for entry in upstream.log()) == [
        f"https://instagram.com/casa{n}" for n in range(3)
    ]

    # The wrong one is mended and placed, and both are found again.
    phone.get_by_role("button", name="Mend the 1 other line").click()
    box = phone.get_by_label("One order a line")
    expect(box).to_have_value(f"{followers.pk}|@x|1")
    box.fill(f"{followers.pk}|@x|1000")
    phone.get_by_role("button", name="Check again").click()
    phone.get_by_role("button", name="Place it for").click()
    mass_orders.carry_out(timezone.now())
    expect(main).to_contain_text("All 1 placed", timeout=FOLLOWS)
    phone.get_by_role("link", name="More orders").click()
    expect(main).to_contain_text("Partly placed")
    expect(main).to_contain_text("All placed")
    assert Order.objects.filter(customer=casa).count() == 4
    assert check() == []


def test_staff_upload_a_file_for_a_client_stop_it_and_take_it_up_again(
    desk: Page, casa: Customer, owner: Staff, followers: Service, tmp_path: Path
) -> None:
    wallets.adjust(casa, Decimal(100), by=owner.user, now=timezone.now(), reason="Paid in")
    link = "https://instagram.com/casa"
    rows = [f"{followers.pk};{link}{n};1000" for n in (1, 2, 3, 1)]
    file = tmp_path / "spring.csv"
    file.write_bytes("\ufeffService;Link;Quantity\r\n".encode() + "\r\n".join(rows).encode())

    desk.goto("/staff/orders/many/")
    desk.get_by_label("Search clients").fill("casa")
    desk.keyboard.press("Enter")
    desk.get_by_role("link", name="Casa Verde").first.click()
    desk.get_by_label("Or a CSV file").set_input_files(str(file))
    desk.get_by_role("button", name="Check the lines").click()
    main = desk.locator("#main")
    expect(main).to_contain_text("The same as line 2.")
    desk.get_by_role("button", name="Place 4, those on the same link too").click()
    expect(main).to_contain_text("4 to go")

    carrying.place_next(MassOrder.objects.get().pk, timezone.now())
    desk.get_by_role("button", name="Stop the rest").click()
    expect(main).to_contain_text("1 of 4 placed")
    desk.get_by_role("button", name="Place the 3 that were stopped").click()
    mass_orders.carry_out(timezone.now())
    expect(main).to_contain_text("All 4 placed", timeout=FOLLOWS)
    with desk.expect_download() as download:
        desk.get_by_role("link", name="CSV").click()
    saved = Path(download.value.path()).read_text("utf-8-sig")
    numbers = Order.objects.filter(placed_by=owner.user).values_list("pk", flat=True)
    assert len(numbers) == 4 and all(f",Placed,{number}," in saved for number in numbers)
