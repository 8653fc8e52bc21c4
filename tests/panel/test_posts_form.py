"""A subscription on the forms of a new order, the customer's and the staff's."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from orders.models import Customer, Order, Service
from tests.support import factories

pytestmark = pytest.mark.django_db

TYPED = {"username": "@ateliernord", "min": "50", "max": "100", "posts": "8", "old_posts": "2"}
WORDS = "10 posts of 50 to 100 each: up to 1,000 in all."
QUOTE: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "order-quote"}


class Form:
    """A page of a new order, and what is typed there."""

    def __init__(self, client: Client, url: str, fields: dict[str, str]):
        self._client, self._url, self._fields = client, url, fields

    def open(self) -> str:
        return self._client.get(self._url, {"service": self._fields["service"]}).text

    def send(self, act: str = "", **changes: str) -> Any:
        typed = {f"f-{name}": text for name, text in (TYPED | {"delay": "30"} | changes).items()}
        told = {"act": act, "expected_price": "1.30"} | self._fields
        return self._client.post(self._url, typed | told, **({} if act else QUOTE))


@pytest.fixture
def service() -> Service:
    return factories.service(
        factories.offer(type_name="Subscriptions", service_type="subscriptions")
    )


@pytest.fixture
def buyer() -> Customer:
    return factories.customer("Casa Verde", balance="50", signs_in=True)


@pytest.fixture(params=["customer", "staff"])
def form(request: pytest.FixtureRequest, service: Service, buyer: Customer) -> Form:
    client = Client()
    fields = {"service": str(service.pk), "client_key": "a-form"}
    if request.param == "customer":
        assert buyer.user
        client.force_login(buyer.user)
        return Form(client, "/my/new/", fields)
    client.force_login(factories.staff(sees_all_customers=True).user)
    more = {"client": str(buyer.pk), "markup": "acting"}
    return Form(client, "/staff/orders/new/", fields | more)


def words_in(html: str) -> str:
    found = re.search(r'id="runs-words"[^>]*>([^<]*)<', html)
    assert found
    return found[1]


def test_it_asks_for_a_username_and_no_link(form: Form) -> None:
    html = form.open()
    for name in (*TYPED, "delay", "expiry"):
        assert f'name="f-{name}"' in html
    assert 'name="f-link"' not in html
    assert words_in(html) == ""


def test_words_and_price_follow_what_is_typed(form: Form) -> None:
    html = form.send().text
    assert words_in(html) == WORDS
    assert 'name="expected_price" value="1.30' in html
    assert "Held" in html
    assert words_in(form.send(min="200").text) == ""
    assert words_in(form.send(posts="").text) == ""
    assert words_in(form.send(min="100", posts="1", old_posts="").text) == (
        "1 post of 100: up to 100 in all."
    )


@pytest.mark.parametrize("posts", ["", "0"])
def test_without_an_end_it_says_why_not_and_keeps_what_was_typed(form: Form, posts: str) -> None:
    answer = form.send("place", posts=posts)
    assert answer.status_code == 422
    assert "Without an end nobody can tell what it will cost" in answer.text
    assert 'value="@ateliernord"' in answer.text
    assert not Order.objects.exists()


def test_it_is_placed_as_it_was_shown(form: Form) -> None:
    assert form.send("place").status_code == 302
    order = Order.objects.get()
    assert (order.price, order.runs, order.billable) == (Decimal("1.3"), 10, 1000)


def test_an_open_order_for_the_same_username_is_told_of(form: Form) -> None:
    form.send("place")
    first = Order.objects.get()
    html = form.send(username="AtelierNord").text
    assert "this username may be" in html.lower() or "This username already has" in html
    assert re.search(rf'id="order-overlap".*?Order <a[^>]*>{first.pk}</a>', html, re.DOTALL)
