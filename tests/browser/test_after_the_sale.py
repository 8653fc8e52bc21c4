"""What may become of an order, in a real browser against the simulator: delivered in part, and an
answer that was lost, with each of the three decisions."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.enums import OrderStatus
from orders.ledger_check import check
from orders.models import Customer, Order, Service
from panel.display import money_text
from tests.browser.faults import complaints_of
from tests.browser.visits import signed_in
from tests.browser.work import work_until
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client() -> Customer:
    return factories.customer("Atelier Nord", balance="100")


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, client: Customer) -> Iterator[Page]:
    """An admin's browser; nothing may complain meanwhile."""
    site = live_server.url
    context = signed_in(browser, site, factories.admin().user, base_url=site)
    complaints = complaints_of(context)
    yield context.new_page()
    context.close()
    assert complaints == []


def place(desk: Page, client: Customer, service: Service, link: str) -> Order:
    desk.goto(f"/staff/orders/new/?client={client.pk}&service={service.pk}")
    desk.get_by_label("Link").fill(link)
    desk.get_by_label("Quantity").fill("1000")
    expect(desk.locator("#place")).to_be_enabled()
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("h1")).to_contain_text("is placed")
    return Order.objects.latest("pk")


def test_what_was_not_delivered_goes_back_and_is_told(
    desk: Page, client: Customer, followers: Service
) -> None:
    order = place(desk, client, followers, "https://instagram.com/p/fault-partial")
    desk.goto(f"/staff/orders/{order.pk}/")
    desk.evaluate("window.untouched = true")

    work_until(order, OrderStatus.PARTIAL, desk)

    expect(desk.locator(".pagehead")).to_contain_text("Partial")
    assert order.remains
    assert 0 < order.refunded < order.price
    back = money_text(order.refunded)
    expect(desk.locator("tr", has_text="Paid back")).to_contain_text(back)
    assert desk.evaluate("window.untouched") is True
    desk.goto(f"/staff/clients/{client.pk}/statement/")
    expect(desk.locator("tr", has_text=f"{order.pk}").first).to_contain_text(back)
    assert check() == []


def lose(
    desk: Page, client: Customer, service: Service, upstream: RunningSimulator, link: str
) -> Order:
    """An order that was bought, of which nobody heard; its case is open."""
    order = place(desk, client, service, link)
    upstream.faults(html_502_after={"next": 1, "action": "add"})
    work_until(order, OrderStatus.UNCONFIRMED, desk)
    desk.goto("/staff/review/")
    desk.locator(f"#case-{order.pk}").click()
    expect(desk.locator("h1")).to_contain_text("Was it bought?")
    return order


def decide(desk: Page, decision: str, *, told: str) -> None:
    desk.get_by_role("button", name="Read the evidence").click()
    expect(desk.locator("#evidence")).to_contain_text("A decision may rest on it")
    desk.locator(f"label[for=decision-{decision}]").click()
    desk.get_by_label("Reason").fill("asked the provider")
    desk.locator("[data-decide-act]").click()
    expect(desk.locator("#toasts")).to_contain_text(told)


def test_a_lost_answer_ends_with_each_of_the_three_decisions(
    desk: Page, client: Customer, followers: Service, upstream: RunningSimulator
) -> None:
    anew = lose(desk, client, followers, upstream, "https://instagram.com/anew")
    decide(desk, "send_anew", told="is sent anew")
    work_until(anew, OrderStatus.COMPLETED, desk)
    assert len(upstream.log()) == 2

    found = lose(desk, client, followers, upstream, "https://instagram.com/found")
    bought = str(upstream.log()[-1]["order"])
    desk.get_by_label("Upstream id").fill(bought)
    decide(desk, "found", told=f"is taken up as {bought}")
    work_until(found, OrderStatus.COMPLETED, desk)
    assert len(upstream.log()) == 3

    lost = lose(desk, client, followers, upstream, "https://instagram.com/lost")
    decide(desk, "give_up", told="went back to Atelier Nord")
    lost.refresh_from_db()
    assert (lost.status, lost.refunded) == (OrderStatus.CANCELED, lost.price)
    expect(desk.locator("#main")).to_contain_text("Nothing to review")
    assert check() == []
