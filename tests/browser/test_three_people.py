"""What each of the three kinds of people comes for, from signing in to the end, in three looks:
a staff member sells by phone, a customer orders, whoever sets the prices moves them. Every page on
the way is looked at for faults, and nothing is loaded anew that follows by itself.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.enums import OrderStatus
from orders.ledger_check import check
from orders.models import MarkupRule, Order, Service
from panel.display import money_text
from tests.browser.looks import LOOKS, Visitor
from tests.browser.signing_in import with_password
from tests.browser.test_shop import choose
from tests.browser.work import work_until
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINK = "https://instagram.com/ateliernord"
TURN = 15_000
"""ms in which an open order's page has asked again."""


@pytest.fixture(params=LOOKS, ids=[look.name for look in LOOKS])
def visitor(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer
) -> Iterator[Visitor]:
    one = Visitor(browser, live_server.url, request.param)
    yield one
    one.leave()


def order_open(page: Page, order: Order, part: str) -> None:
    """Its page is open now and is not loaded again: it follows by itself to the end."""
    page.evaluate("window.untouched = true")
    work_until(order, OrderStatus.COMPLETED, page)
    expect(page.locator(part)).to_contain_text("Completed", timeout=TURN)
    assert page.evaluate("window.untouched") is True


def test_a_staff_member_sells_by_phone_and_sees_the_profit(
    visitor: Visitor, followers: Service, upstream: RunningSimulator
) -> None:
    mira = factories.staff("Mira Kovač", markup="35", sees_cost=True)
    client = factories.customer("Atelier Nord", balance="100", manager=mira, phone="4722410730")
    page = visitor.sign_in(with_password(mira.user).email, "/staff/")

    page.goto("/staff/orders/new/")
    visitor.check()
    page.locator("#id_client_q").fill("+47 22 41 07 30")
    expect(page.locator("#id_client_q:not([data-stale])")).to_be_focused()
    expect(page.locator("#client-results .result")).to_contain_text("Atelier Nord")
    page.keyboard.press("Enter")
    expect(page.locator("#id_q")).to_be_focused()
    choose(page, "insta foll")
    page.keyboard.type(LINK)
    page.get_by_label("Quantity").fill("1000")
    price = (followers.offer.rate * Decimal("1.35")).quantize(Decimal("0.0001"))
    expect(page.locator("#order-quote .price")).to_contain_text(money_text(price))
    expect(page.get_by_role("button", name="Place order")).to_be_enabled()
    visitor.check()
    page.keyboard.press("Control+Enter")

    expect(page.locator("h1")).to_contain_text("is placed")
    visitor.check()
    order = Order.objects.get()
    assert (order.customer, order.price, order.status) == (client, price, OrderStatus.WAITING)
    page.goto(f"/staff/orders/{order.pk}/")
    expect(page.locator(".pagehead")).to_contain_text("Waiting")
    visitor.check()
    order_open(page, order, ".pagehead")
    visitor.check()

    (bought,) = upstream.log()
    order.refresh_from_db()
    assert order.charge_upstream == Decimal(bought["charge"])
    profit = order.price - order.cost
    expect(page.locator("#main")).to_contain_text("Profit")
    expect(page.locator("#main")).to_contain_text(money_text(profit))
    page.goto("/staff/orders/")
    row = page.get_by_role("row").filter(has=page.locator(f"#order-{order.pk}"))
    expect(row).to_contain_text("Atelier Nord")
    visitor.check()
    assert check() == []


def test_a_customer_orders_and_watches_it_come(visitor: Visitor, followers: Service) -> None:
    factories.owner()
    casa = factories.customer("Casa Verde", balance="100", signs_in=True)
    page = visitor.sign_in(with_password(casa.user).email, "/my/new/")

    choose(page, "insta foll")
    page.keyboard.type(LINK)
    page.keyboard.press("Tab")
    page.keyboard.type("1000")
    place = page.locator("#place:visible, #place-below:visible").first
    expect(place).to_be_enabled()
    visitor.check()
    place.click()

    expect(page.locator("#order-live")).to_contain_text("Queued.")
    visitor.check()
    order = Order.objects.get()
    order_open(page, order, "#order-live")
    expect(page.get_by_role("link", name="Order again")).to_be_visible()
    visitor.check()
    page.goto("/my/wallet/")
    expect(page.locator("tbody tr").first).to_contain_text(money_text(order.price))
    visitor.check()
    page.goto("/my/orders/")
    expect(page.locator("#main")).to_contain_text("Instagram Followers, HQ")
    visitor.check()
    casa.wallet.refresh_from_db()
    assert casa.wallet.balance == Decimal(100) - order.price
    assert check() == []


def test_whoever_sets_the_prices_moves_a_shelf_and_takes_it_back(visitor: Visitor) -> None:
    admin = factories.admin()
    source = factories.provider("Bulkhaus")
    services = [
        factories.service(factories.offer(source, category=shelf))
        for shelf in ("Instagram", "Instagram", "Telegram")
    ]
    changed, other = services[0], services[2]
    page = visitor.sign_in(with_password(admin.user).email, "/staff/")

    page.goto("/staff/pricing/")
    expect(page.locator(f"#price-{changed.pk}")).to_have_text("$1.3000")
    visitor.check()
    if page.locator("#open-pricing").is_visible():
        page.locator("#open-pricing").click()
    page.locator("#pricing-on").select_option(label="A category")
    page.locator("#pricing-shelf").select_option(label="Instagram")
    page.locator("#pricing-value").fill("40")
    change = page.get_by_role("button", name="Change 2 prices")
    expect(change).to_be_visible()
    visitor.check()
    page.locator("#pricing-reason").fill("Dearer now")
    change.click()

    expect(page.locator("body")).to_contain_text("2 prices changed.")
    expect(page.locator(f"#price-{changed.pk}")).to_have_text("$1.4000")
    expect(page.locator(f"#price-{other.pk}")).to_have_text("$1.3000")
    rule = MarkupRule.objects.get(category=changed.category)
    assert (rule.value, rule.reason) == (Decimal(40), "Dearer now")
    visitor.check()
    page.get_by_role("link", name="Undo last change").click()
    visitor.check()
    page.locator("#undo-reason").fill("A slip")
    page.get_by_role("button", name="Undo it").click()
    expect(page.locator("body")).to_contain_text("Undone. 2 prices changed.")
    expect(page.locator(f"#price-{changed.pk}")).to_have_text("$1.3000")
    page.goto("/staff/audit/")
    expect(page.locator("#main")).to_contain_text("A slip")
    visitor.check()
