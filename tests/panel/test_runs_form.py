"""Delivery in runs on the forms of a new order, the customer's and the staff's."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from orders.models import Customer, Order, Service
from tests.support import factories

pytestmark = pytest.mark.django_db

LINK = "https://instagram.com/ateliernord"
WORDS = "10 runs of 100 every 60 minutes: 1,000 in all, about 9 h"
QUOTE: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "order-quote"}


class Form:
    """A page of a new order, and what is typed there."""

    def __init__(self, client: Client, url: str, fields: dict[str, str]):
        self._client, self._url, self._fields = client, url, fields

    def open(self) -> str:
        return self._client.get(self._url, {"service": self._fields["service"]}).content.decode()

    def send(self, act: str = "", **changes: str) -> Any:
        typed = {"f-quantity": "100", "f-runs": "10", "f-interval": "60"}
        sent = self._fields | typed | {"act": act, "expected_price": "1.30"} | changes
        return self._client.post(self._url, sent, **({} if act else QUOTE))

    def quote(self, **changes: str) -> str:
        return self.send(**changes).content.decode()


@pytest.fixture
def service() -> Service:
    return factories.service(factories.offer(dripfeed=True))


@pytest.fixture
def buyer() -> Customer:
    return factories.customer("Casa Verde", balance="50", signs_in=True)


@pytest.fixture(params=["customer", "staff"])
def form(request: pytest.FixtureRequest, service: Service, buyer: Customer) -> Form:
    client = Client()
    fields = {"service": str(service.pk), "client_key": "a-form", "f-link": LINK}
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


def test_the_fold_is_there_where_the_service_can_be_delivered_in_runs(
    form: Form, service: Service
) -> None:
    html = form.open()
    assert "Deliver in runs" in html
    assert '<details class="runs-fold" id="runs-fold">' in html, "closed until it is used"
    service.offer.dripfeed = False
    service.offer.save()
    assert "runs" not in re.sub(r"(?s)<nav.*?</nav>", "", form.open())


def test_words_and_price_follow_what_is_typed(form: Form) -> None:
    html = form.quote()
    assert words_in(html) == WORDS
    assert "1.30" in re.sub(r"<[^>]+>", "", html)
    assert words_in(form.quote(**{"f-interval": ""})) == ""
    assert words_in(form.quote(**{"f-runs": "1"})) == ""
    assert words_in(form.quote(**{"f-runs": "9" * 40})) == ""


def test_it_is_placed_for_all_runs_at_once(form: Form, buyer: Customer) -> None:
    form.send("place")
    order = Order.objects.get()
    assert (order.price, order.runs, order.delivery_total) == (Decimal("1.3"), 10, 1000)
    assert order.details["interval"] == 60
    buyer.wallet.refresh_from_db()
    assert buyer.wallet.balance == Decimal("48.7")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"f-interval": ""}, "Say how many minutes lie between two runs."),
        ({"f-runs": ""}, "Say how many runs there are."),
        ({"f-runs": "2000"}, "Between 1 and 1,000."),
    ],
)
def test_what_is_wrong_stands_at_the_open_fold_and_nothing_typed_is_lost(
    form: Form, changes: dict[str, str], said: str
) -> None:
    answer = form.send("place", **changes)
    html = answer.content.decode()
    assert answer.status_code == 422
    fold = html[html.index("runs-fold") : html.index("</details>", html.index("runs-fold"))]
    assert " open>" in fold
    assert said in fold
    kept = {"f-quantity": "100", "f-runs": "10", "f-interval": "60"} | changes
    for name, value in kept.items():
        if value:
            assert re.search(rf'name="{name}" value="{value}"', html)
    assert not Order.objects.exists()


def test_one_run_is_an_order_like_any_other(form: Form) -> None:
    form.send("place", **{"f-runs": "1", "f-quantity": "1,000"})
    order = Order.objects.get()
    assert (order.runs, order.delivery_total) == (None, 1000)
    assert "runs" not in order.details
