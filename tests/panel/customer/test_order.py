"""One order as its owner reads it: the sentence, the money, what was asked for and what can be."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.enums import (
    CancellationStatus,
    HoldReason,
    OrderStatus,
    RefillStatus,
    RefusalFamily,
)
from orders.models import Cancellation, Customer, Order, Refill, ServiceTime
from tests.support import factories

pytestmark = pytest.mark.django_db

LIVE: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "order-live"}


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", balance="50", signs_in=True)


@pytest.fixture
def browser(casa: Customer, client: Client) -> Client:
    assert casa.user
    client.force_login(casa.user)
    return client


def read(browser: Client, order: Order) -> str:
    """The page's text, with every run of white space as one blank."""
    html = browser.get(reverse("my:order", args=[order.pk])).content.decode()
    return " ".join(html.split())


def asked(model: Any, order: Order, status: str, answer: str = "") -> None:
    model.objects.create(
        order=order,
        provider=order.provider,
        asked_by=order.placed_by,
        asked_at=factories.NOW,
        changed_at=factories.NOW,
        status=status,
        answer=answer,
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (RefillStatus.REQUESTED, "Refill requested."),
        (RefillStatus.UNKNOWN, "Refill requested."),
        (RefillStatus.IN_PROGRESS, "Refill under way."),
        (RefillStatus.REJECTED, "Refill declined by the supplier."),
        (RefillStatus.FAILED, "The supplier did not carry out the refill."),
    ],
)
def test_a_refill_is_told_in_our_words_and_not_in_the_suppliers(
    status: RefillStatus, words: str, browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, status=OrderStatus.COMPLETED, finished_at=factories.NOW)
    asked(Refill, order, status, answer="neworder.refill.bulkhaus")

    text = read(browser, order)

    assert words in text
    assert "bulkhaus" not in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (CancellationStatus.ACCEPTED, "Cancel requested. The supplier decides;"),
        (CancellationStatus.DECLINED, "The supplier did not stop this order."),
    ],
)
def test_a_cancel_request_is_not_a_canceled_order(
    status: CancellationStatus, words: str, browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, status=OrderStatus.IN_PROGRESS)
    asked(Cancellation, order, status)

    text = read(browser, order)

    assert words in text
    assert '<b class="med">Running.' in text


def test_what_was_asked_is_not_offered_again(browser: Client, casa: Customer) -> None:
    order = factories.order(casa, status=OrderStatus.IN_PROGRESS)
    assert 'id="ask-cancel"' in read(browser, order)

    asked(Cancellation, order, CancellationStatus.REQUESTED)

    assert 'id="ask-cancel"' not in read(browser, order)


def test_who_was_promised_everything_back_gets_that_or_nothing(
    browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, status=OrderStatus.IN_PROGRESS)
    url = reverse("my:cancel_order", args=[order.pk])

    page = browser.post(f"{url}?from=waiting", follow=True)

    assert "has been sent in the meantime, so it was not canceled" in page.content.decode()
    assert not Cancellation.objects.exists()
    order.refresh_from_db()
    assert order.refunded == 0


def test_a_refusal_is_told_with_its_reason_and_the_money(browser: Client, casa: Customer) -> None:
    order = factories.order(casa, status=OrderStatus.REFUSED, refusal=RefusalFamily.LINK)
    text = read(browser, order)
    assert "Not accepted: </b>This link was not accepted." in text


@pytest.mark.parametrize(
    ("link", "leads"),
    [("https://instagram.com/casaverde", True), ("javascript:alert(1)", False)],
)
def test_only_a_web_address_becomes_a_link(
    link: str, leads: bool, browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, link=link)
    assert (f'href="{link}"' in read(browser, order)) is leads


def test_the_live_part_stops_asking_once_the_order_has_ended(
    browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, status=OrderStatus.IN_PROGRESS)
    url = reverse("my:order", args=[order.pk])
    assert browser.get(url, **LIVE).status_code == 200

    Order.objects.filter(pk=order.pk).update(status=OrderStatus.COMPLETED)

    page = browser.get(url, **LIVE)
    assert page.status_code == 286
    assert "hx-get" not in page.content.decode()


def test_the_page_asks_the_database_as_often_after_many_requests(
    browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, status=OrderStatus.COMPLETED, finished_at=factories.NOW)
    asked(Refill, order, RefillStatus.REJECTED)
    read(browser, order)
    with CaptureQueriesContext(connection) as one:
        read(browser, order)
    for _ in range(5):
        asked(Refill, order, RefillStatus.REJECTED)
        asked(Cancellation, order, CancellationStatus.DECLINED)
    with CaptureQueriesContext(connection) as many:
        read(browser, order)

    assert len(many) == len(one)


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (OrderStatus.WAITING, False),
        (OrderStatus.IN_PROGRESS, False),
        (OrderStatus.FAILED, False),
        (OrderStatus.COMPLETED, True),
        (OrderStatus.CANCELED, True),
    ],
)
def test_an_order_that_has_ended_can_be_ordered_again(
    status: OrderStatus, again: bool, browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, status=status)
    assert (f"/my/new/?again={order.pk}" in read(browser, order)) is again


def test_how_long_it_usually_takes_is_told_while_it_is_on_its_way(
    browser: Client, casa: Customer
) -> None:
    order = factories.order(casa, status=OrderStatus.WAITING)
    assert "Usually" not in read(browser, order)
    ServiceTime.objects.create(
        service=order.service, measured_at=factories.NOW, completed=9, to_completion=2400, started=0
    )
    assert "Usually done in about 40 min, counted from the order." in read(browser, order)

    Order.objects.update(hold=HoldReason.STAFF)
    assert "Usually" not in read(browser, order)
    Order.objects.update(hold="", status=OrderStatus.COMPLETED)
    assert "Usually" not in read(browser, order)


def test_all_that_was_typed_stands_among_the_details(browser: Client, casa: Customer) -> None:
    order = factories.order(
        casa,
        service_type="web_traffic",
        details={
            "link": "https://casa.example",
            "quantity": 1000,
            "country": "PT",
            "device": "3",
            "type_of_traffic": "1",
            "google_keyword": "<b>house</b>",
        },
    )
    text = read(browser, order)
    assert '<dt>Device</dt><dd><span class="long">iOS</span>' in text
    assert "&lt;b&gt;house&lt;/b&gt;" in text
    Order.objects.update(service_type="mentions", details={"usernames": ["ana", "rui"]})
    text = read(browser, order)
    assert "2 lines" in text and "<li>rui</li>" in text
