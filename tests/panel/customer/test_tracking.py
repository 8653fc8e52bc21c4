"""The page behind a tracking address: it tells where one order stands, and nothing else."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import tracking
from orders.enums import OrderStatus
from orders.models import Customer, Order, Staff
from tests.support import factories

pytestmark = pytest.mark.django_db

LIVE: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "order-live"}
LINK = "https://instagram.com/casaverde"
Address = Callable[..., str]


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač")


@pytest.fixture
def casa(mira: Staff) -> Customer:
    return factories.customer("Casa Verde", balance="77.31", manager=mira, phone="34911222333")


@pytest.fixture
def address(mira: Staff) -> Address:
    def of(order: Order) -> str:
        made = tracking.make(order, by=mira.user, now=factories.NOW)
        return reverse("tracking", args=[tracking.key_of(made)])

    return of


def text_of(client: Client, url: str, **headers: Any) -> str:
    response = client.get(url, **headers)
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def test_a_stranger_reads_status_progress_price_and_dates(
    client: Client, casa: Customer, address: Address
) -> None:
    order = factories.order(casa, status=OrderStatus.IN_PROGRESS, remains=400)
    text = text_of(client, address(order))
    for words in ("Running.", "600 of 1,000 delivered.", "Price $1.30", "Placed", "keeps itself"):
        assert words in text
    assert f"Order {order.pk}" in text
    assert order.service.name in text


def test_a_refund_is_told_in_words_and_figures(
    client: Client, casa: Customer, address: Address
) -> None:
    order = factories.order(
        casa,
        status=OrderStatus.PARTIAL,
        remains=400,
        refunded=Decimal("0.52"),
        finished_at=factories.NOW,
    )
    text = text_of(client, address(order))
    assert "Partly delivered. 600 of 1,000. $0.5200 returned to your balance." in text
    assert "Returned $0.52" in text
    assert "Ended" in text


def test_nothing_else_stands_there(client: Client, casa: Customer, address: Address) -> None:
    factories.order(casa, link="https://instagram.com/another")
    order = factories.order(casa, status=OrderStatus.IN_PROGRESS, link=LINK)
    html = client.get(address(order)).text
    for secret in ("Casa Verde", "77.31", "34911", "instagram.com", "Mira", "/account/"):
        assert secret not in html
    assert re.findall(r'<a [^>]*href="([^"]+)"', html) == ["#main"]
    assert re.findall(r'<form [^>]*action="([^"]+)"', html) == [reverse("language")]


def test_an_unknown_and_a_revoked_address_get_one_and_the_same_answer(
    client: Client, casa: Customer, address: Address, mira: Staff
) -> None:
    order = factories.order(casa)
    url = address(order)
    tracking.revoke(order, by=mira.user, now=factories.NOW)
    client.get(url)  # what a process reads once is not part of the comparison
    answers, costs = [], []
    for tried in (url, reverse("tracking", args=["never-was-a-key"])):
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(tried)
        del answer.headers["X-Request-ID"]  # every answer's own
        answers.append((answer.status_code, answer.headers.items(), _without_token(answer.text)))
        costs.append(len(asked))
    assert answers[0][0] == 404
    assert "This address shows no order" in answers[0][2]
    assert [*answers[0][1]] == [*answers[1][1]]
    assert answers[0][2] == answers[1][2]
    assert costs[0] == costs[1]


def test_whoever_tries_keys_soon_learns_of_none_and_nobody_else_is_kept_out(
    client: Client, casa: Customer, address: Address
) -> None:
    url = address(factories.order(casa))
    elsewhere: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.9"}

    def tried(path: str, **more: Any) -> int:
        return client.get(path, **more).status_code

    with time_machine.travel(factories.NOW, tick=False) as clock:
        guessed = [tried(reverse("tracking", args=[f"guess-{n}"])) for n in range(29)]
        guessed += [tried(reverse("join", args=["guess"])) for _ in range(2)]
        assert guessed == [404] * 30 + [429]
        with CaptureQueriesContext(connection) as asked:
            assert tried(url) == 429
        assert not [query for query in asked if "trackingaddress" in query["sql"].lower()]
        assert tried(url, **elsewhere) == 200
        clock.shift(60)
        assert tried(url) == 200


def _without_token(html: str) -> str:
    """Every answer has its own, in the head for scripts and in the form of the languages."""
    html = re.sub(r'"X-CSRFToken": "\w+"', "", html)
    return re.sub(r'(?<=name="csrfmiddlewaretoken" value=)"\w+"', "", html)


def test_no_search_engine_keeps_it_and_no_site_is_told_where_one_came_from(
    client: Client, casa: Customer, address: Address
) -> None:
    for url in (address(factories.order(casa)), reverse("tracking", args=["nothing"])):
        answer = client.get(url)
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert "no-store" in answer["Cache-Control"]
        assert '<meta name="robots" content="noindex' in answer.text


def test_it_follows_the_order_and_stops_when_nothing_can_change(
    client: Client, casa: Customer, address: Address
) -> None:
    order = factories.order(casa, status=OrderStatus.IN_PROGRESS)
    url = address(order)
    live = client.get(url, **LIVE)
    assert live.status_code == 200
    assert "<html" not in live.text
    assert f'hx-get="{url}" hx-trigger="every' in live.text

    Order.objects.update(status=OrderStatus.COMPLETED, remains=0)
    ended = client.get(url, **LIVE)

    assert ended.status_code == 286
    assert "hx-trigger" not in ended.text


def test_an_open_page_shows_at_once_that_its_address_was_revoked(
    client: Client, casa: Customer, address: Address, mira: Staff
) -> None:
    order = factories.order(casa)
    url = address(order)
    tracking.revoke(order, by=mira.user, now=factories.NOW)
    answer = client.get(url, **LIVE)
    assert (answer.status_code, answer["HX-Refresh"]) == (404, "true")


def test_it_only_reads(client: Client, casa: Customer, address: Address) -> None:
    assert client.post(address(factories.order(casa))).status_code == 405


def test_it_asks_as_much_of_the_database_whatever_else_the_client_has(
    client: Client, casa: Customer, address: Address
) -> None:
    url = address(factories.order(casa))
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(5):
        address(factories.order(casa))
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
