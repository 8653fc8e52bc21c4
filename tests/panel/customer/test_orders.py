"""The customer's own pages: what they show, to whom, and what they never show."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.enums import OrderStatus
from orders.models import Cancellation, Customer, Order, Refill
from panel.customer import orders
from tests.support import factories

pytestmark = pytest.mark.django_db

LIST = "/my/orders/"


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", balance="50", signs_in=True)


@pytest.fixture
def browser(casa: Customer, client: Client) -> Client:
    assert casa.user
    client.force_login(casa.user)
    return client


def page_of(order: Order) -> str:
    return reverse("my:order", args=[order.pk])


def test_a_customer_sees_their_orders_and_no_one_elses(browser: Client, casa: Customer) -> None:
    service = factories.service()
    mine = factories.order(casa, service, link="https://instagram.com/casaverde")
    theirs = factories.order(factories.customer(), service, link="https://instagram.com/secret")

    html = browser.get(LIST).content.decode()

    assert f'href="{page_of(mine)}"' in html
    assert "instagram.com/casaverde" in html
    assert "instagram.com/secret" not in html
    assert browser.get(page_of(theirs)).status_code == 404


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (OrderStatus.WAITING, "Queued"),
        (OrderStatus.UNCONFIRMED, "you are never charged twice"),
        (OrderStatus.PENDING, "Accepted"),
        (OrderStatus.IN_PROGRESS, "Running"),
        (OrderStatus.COMPLETED, "Completed"),
        (OrderStatus.FAILED, "your money is not lost"),
    ],
)
def test_the_page_says_where_the_order_stands(
    status: OrderStatus, words: str, browser: Client, casa: Customer
) -> None:
    html = browser.get(page_of(factories.order(casa, status=status))).content.decode()
    assert words in html


def test_a_waiting_order_is_canceled_and_paid_back_by_its_owner(
    browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, status=OrderStatus.WAITING)
    browser.post(reverse("my:cancel_order", args=[order.pk]))

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELED
    assert order.refunded == order.price


def test_a_running_order_is_asked_to_stop_and_nothing_is_paid_back_yet(
    browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, status=OrderStatus.IN_PROGRESS)
    browser.post(reverse("my:cancel_order", args=[order.pk]))

    order.refresh_from_db()
    assert order.status == OrderStatus.IN_PROGRESS
    assert order.refunded == 0
    assert Cancellation.objects.filter(order=order).count() == 1


def test_a_completed_order_can_be_refilled_once_at_a_time(browser: Client, casa: Customer) -> None:
    order = factories.order(casa, status=OrderStatus.COMPLETED, finished_at=factories.NOW)
    for _ in range(2):
        browser.post(reverse("my:refill_order", args=[order.pk]))

    assert Refill.objects.filter(order=order).count() == 1


@pytest.mark.parametrize("name", ["my:cancel_order", "my:refill_order"])
def test_another_customer_can_do_nothing_to_it(name: str, client: Client, casa: Customer) -> None:
    order = factories.order(casa, status=OrderStatus.WAITING)
    stranger = factories.customer("Somebody", signs_in=True)
    assert stranger.user
    client.force_login(stranger.user)

    assert client.post(reverse(name, args=[order.pk])).status_code == 404
    order.refresh_from_db()
    assert order.status == OrderStatus.WAITING


def test_the_list_asks_the_database_as_often_for_one_order_as_for_thirty(
    browser: Client, casa: Customer
) -> None:
    service = factories.service()
    factories.order(casa, service)
    browser.get(LIST)  # the session and its like
    with CaptureQueriesContext(
        connection,
    ) as one:
        browser.get(LIST)
    for _ in range(29):
        factories.order(casa, service, status=OrderStatus.COMPLETED)
    with CaptureQueriesContext(connection) as many:
        browser.get(LIST)

    assert len(many) == len(one)


def test_live_rows_stop_asking_once_everything_has_ended(browser: Client, casa: Customer) -> None:
    headers: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "order-table"}
    order = factories.order(casa, status=OrderStatus.IN_PROGRESS)
    assert browser.get(LIST, **headers).status_code == 200

    Order.objects.filter(pk=order.pk).update(status=OrderStatus.COMPLETED)
    assert browser.get(LIST, **headers).status_code == 286


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        (lambda order: str(order.pk), True),
        (lambda order: "https://www.instagram.com/ateli", True),
        (lambda order: "instagram.com/nobody", False),
    ],
)
def test_the_search_finds_by_number_and_by_link(
    typed: Callable[[Order], str], finds: bool, browser: Client, casa: Customer
) -> None:
    order = factories.order(casa)
    html = browser.get(LIST, {"q": typed(order)}).content.decode()
    assert (f'href="{page_of(order)}"' in html) is finds


def test_a_refund_is_shown_with_what_was_paid_in_the_end(browser: Client, casa: Customer) -> None:
    order = factories.order(casa, status=OrderStatus.WAITING, price=Decimal("7.77"))
    browser.post(reverse("my:cancel_order", args=[order.pk]))

    html = browser.get(page_of(order)).content.decode()
    assert "$7.7700 returned to your balance." in html


@pytest.mark.parametrize(
    ("status", "offer", "act"),
    [
        (OrderStatus.WAITING, {}, "Cancel"),
        (OrderStatus.IN_PROGRESS, {}, "Cancel"),
        (OrderStatus.IN_PROGRESS, {"cancel": False}, ""),
        (OrderStatus.COMPLETED, {}, "Refill"),
        (OrderStatus.COMPLETED, {"refill": False}, "Again"),
        (OrderStatus.PARTIAL, {}, "Again"),
        (OrderStatus.CANCELED, {}, "Again"),
        (OrderStatus.UNCONFIRMED, {}, ""),
    ],
)
def test_each_row_has_its_one_likely_next_act(
    status: OrderStatus, offer: dict[str, Any], act: str, browser: Client, casa: Customer
) -> None:
    factories.order(casa, factories.service(factories.offer(**offer)), status=status)
    html = browser.get(LIST).content.decode()
    table = html[html.index("<tbody>") : html.index("</tbody>")]
    acts = [word for word in ("Cancel<", "Refill<", "Again<") if word in table]
    assert acts == ([f"{act}<"] if act else [])


def test_the_file_holds_every_order_of_the_tab(
    browser: Client, casa: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "AT_ONCE", 2)
    service = factories.service()
    mine = [factories.order(casa, service, status=OrderStatus.COMPLETED) for _ in range(5)]
    factories.order(casa, service, status=OrderStatus.WAITING)
    factories.order(factories.customer(), service, status=OrderStatus.COMPLETED)

    answer = browser.get("/my/orders/sheet/?tab=completed")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert lines[0].endswith("Paid USD,Paid back USD")
    assert [line.split(",")[0] for line in lines[1:]] == [str(o.pk) for o in reversed(mine)]
    assert lines[1].endswith(",1.30000000,0.00000000")


def test_the_menu_and_the_dock_lead_everywhere_that_is_there(browser: Client) -> None:
    html = browser.get(LIST).content.decode()
    dock = html[html.index('aria-label="Dock"') :]
    dock = dock[: dock.index("</nav>")]
    for name in ("my:new_order", "my:orders", "my:services", "my:wallet"):
        assert f'href="{reverse(name)}"' in dock
    assert browser.get("/")["Location"] == browser.get("/my/")["Location"] == "/my/new/"


@pytest.mark.parametrize(
    ("remains", "words"), [(None, "1,000 ordered"), (1000, "1,000 to go"), (400, "400 to go")]
)
def test_a_quantity_of_which_nothing_is_known_yet_does_not_stand_alone(
    remains: int | None, words: str, browser: Client, casa: Customer
) -> None:
    factories.order(casa, status=OrderStatus.PENDING, remains=remains)
    assert f"<span>{words}</span>" in browser.get(LIST).content.decode()
