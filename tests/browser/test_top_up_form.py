"""The customer's form for adding money."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import PaymentMethod
from tests.browser.visits import signed_in
from tests.support import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    for name in ("Bank", "Cash"):
        PaymentMethod.objects.create(
            name=name, instructions="Pay.", fee_percent=2, created_at=factories.NOW
        )
    casa = factories.customer("Casa Verde", signs_in=True)
    context = signed_in(browser, live_server.url, casa.user)
    yield context.new_page()
    context.close()


def test_a_way_that_is_chosen_while_the_sums_are_asked_for_stays_chosen(
    page: Page, live_server: LiveServer
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.goto(live_server.url + reverse("my:top_up"))
    page.route("**/top-up/?**", hold)
    with page.expect_request("**/top-up/?**"):
        page.get_by_label("How much do you pay?").fill("50")
    page.get_by_role("radio", name="Cash").check()
    held[0].continue_()
    expect(page.locator("#ways")).to_contain_text("adds")
    expect(page.get_by_role("radio", name="Cash")).to_be_checked()
