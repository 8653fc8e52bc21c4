"""Selecting orders in a real browser: ranges, live rows, the clipboard, what is asked for."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.enums import OrderStatus, Tier
from orders.models import Order
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def orders() -> list[Order]:
    """Five late orders at two providers, the newest first as they stand on the page."""
    services = [factories.service(factories.offer(factories.provider(name))) for name in "AB"]
    made = [
        factories.order(
            of=services[n // 4],
            status=OrderStatus.IN_PROGRESS,
            tier=Tier.OLD,
            upstream_id=f"77{n}",
        )
        for n in range(5)
    ]
    return made[::-1]


@pytest.fixture
def desk(page: Page, live_server: LiveServer, orders: list[Order]) -> Page:
    client = Client()
    client.force_login(factories.admin().user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/staff/orders/?tab=late")
    return page


def box(desk: Page, order: Order):  # type: ignore[no-untyped-def]
    return desk.locator(f"#pick-{order.pk}")


def test_shift_selects_a_range_and_escape_clears_it(desk: Page, orders: list[Order]) -> None:
    bar = desk.locator("#bulk")
    expect(bar).to_be_hidden()
    box(desk, orders[0]).click()
    box(desk, orders[3]).click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 selected")
    desk.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(desk.locator("#pick-all")).to_be_focused()
    desk.keyboard.press("Space")
    expect(bar).to_contain_text("5 selected")


def test_a_selection_outlives_a_refresh_in_place(desk: Page, orders: list[Order]) -> None:
    box(desk, orders[1]).click()
    box(desk, orders[2]).click()
    Order.objects.filter(pk=orders[2].pk).update(status=OrderStatus.COMPLETED)
    with desk.expect_response(lambda answer: "/staff/orders/" in answer.url):
        pass
    expect(box(desk, orders[2])).to_have_count(0)
    expect(box(desk, orders[1])).to_be_checked()
    expect(desk.locator("#bulk")).to_contain_text("1 selected")


def test_upstream_ids_are_copied_under_the_names_of_their_providers(
    desk: Page, orders: list[Order]
) -> None:
    desk.locator("#pick-all").click()
    desk.get_by_role("button", name="Copy upstream ids", exact=True).click()
    expect(desk.locator("#toasts")).to_contain_text("5 upstream ids copied: 2 providers")
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied == "B:\n774\n\nA:\n773\n772\n771\n770"


def test_what_was_asked_for_is_told_above_the_list_that_follows(
    desk: Page, orders: list[Order], complaints: list[str]
) -> None:
    box(desk, orders[0]).click()
    desk.get_by_role("button", name="Mark as asked").click()
    expect(desk.locator("#bulk-outcome")).to_contain_text("1 order marked as asked.")
    expect(desk.locator("#bulk-outcome")).to_be_focused()
    expect(desk.locator("#order-table")).to_contain_text("by Ada Admin")
    expect(desk.locator("#order-tabs [aria-current]")).to_contain_text("4")
    expect(desk.locator("#bulk")).to_be_hidden()
    assert complaints == []


def test_a_cancel_is_asked_for_only_after_a_second_word(desk: Page, orders: list[Order]) -> None:
    box(desk, orders[0]).click()
    desk.get_by_role("button", name="Request cancel").click()
    expect(desk.get_by_role("dialog")).to_contain_text("Ask to cancel 1 order?")
    assert not orders[0].cancellations.exists()
    desk.get_by_role("dialog").get_by_role("button", name="Ask to cancel").click()
    expect(desk.locator("#bulk-outcome")).to_contain_text("1 order asked to be canceled")
    assert orders[0].cancellations.count() == 1


def test_the_button_of_a_decision_names_the_act_and_how_many_are_ticked(
    desk: Page, live_server: LiveServer, orders: list[Order]
) -> None:
    Order.objects.update(status=OrderStatus.FAILED)
    desk.goto(f"{live_server.url}/staff/review/{orders[0].pk}/together/")
    desk.locator("#pick-all").click()
    box(desk, orders[1]).click()
    desk.locator("label[for=decision-wait]").click()
    expect(desk.locator("[data-decide-act]")).to_have_text("Wait with 4 orders")
