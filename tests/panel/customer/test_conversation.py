"""Messages on a customer's order page, and the choice of e-mails."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import messages
from orders.enums import OrderStatus
from orders.models import Customer, Message, NoticeChoices, Order
from tests.support import factories

pytestmark = pytest.mark.django_db

LIST: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "message-list"}
CHOICES = "/my/e-mails/"


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", balance="50", signs_in=True)


@pytest.fixture
def order(casa: Customer) -> Order:
    return factories.order(casa, status=OrderStatus.COMPLETED, finished_at=factories.NOW)


@pytest.fixture
def browser(casa: Customer, client: Client) -> Client:
    assert casa.user
    client.force_login(casa.user)
    return client


def read(browser: Client, order: Order, **headers: Any) -> str:
    return browser.get(reverse("my:order", args=[order.pk]), **headers).content.decode()


def send(browser: Client, order: Order, text: str, key: str = "k") -> Any:
    address = reverse("my:write_message", args=[order.pk])
    return browser.post(address, {"text": text, "key": key}, follow=True)


def answer(order: Order, text: str) -> None:
    messages.write(order, text, by=factories.admin("Ada Admin").user, now=factories.NOW)


def test_a_message_stands_on_the_page_and_its_answer_names_nobody(
    browser: Client, order: Order
) -> None:
    assert "Sent." in send(browser, order, "When <b>does</b> it end?").content.decode()
    answer(order, "It has ended.")
    text = read(browser, order)
    assert "When &lt;b&gt;does&lt;/b&gt; it end?" in text
    assert "It has ended." in text and "Our answer" in text
    assert "Ada" not in text


def test_a_second_press_sends_nothing(browser: Client, order: Order) -> None:
    send(browser, order, "Hello?")
    send(browser, order, "Hello?")
    assert Message.objects.count() == 1


def test_what_could_not_be_sent_is_still_in_the_form(browser: Client, order: Order) -> None:
    text = "word " * 500
    page = send(browser, order, text).content.decode()
    assert "At most 2,000 characters" in page
    assert text.strip() in page
    assert text.strip() not in read(browser, order)


def test_the_list_asks_again_while_an_answer_may_come(browser: Client, order: Order) -> None:
    assert browser.get(reverse("my:order", args=[order.pk]), **LIST).status_code == 286
    send(browser, order, "Hello?")
    assert 'hx-trigger="every 15s"' in read(browser, order)
    assert browser.get(reverse("my:order", args=[order.pk]), **LIST).status_code == 200
    answer(order, "Yes.")
    done = browser.get(reverse("my:order", args=[order.pk]), **LIST)
    assert done.status_code == 286 and "Yes." in done.content.decode()


def test_another_customers_order_is_not_written_to(browser: Client) -> None:
    other = factories.order()
    assert send(browser, other, "x").status_code == 404
    assert not Message.objects.exists()


def test_many_messages_cost_no_query_more(browser: Client, order: Order) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            read(browser, order)
        return len(seen)

    for number in range(2):
        send(browser, order, "x", key=str(number))
    answer(order, "Yes.")
    read(browser, order)
    few = queries()
    for number in range(3, 12):
        send(browser, order, "x", key=str(number))
    assert queries() == few


def test_the_choice_of_e_mails_is_kept(browser: Client, casa: Customer) -> None:
    page = browser.get(CHOICES).content.decode()
    assert casa.user and casa.user.email in page
    browser.post(CHOICES, {"returned": "on", "low_balance": "on", "low_balance_under": "7.5"})
    kept = NoticeChoices.objects.get()
    assert (kept.completed, kept.returned, kept.answered, kept.low_balance) == (
        False,
        True,
        False,
        True,
    )
    assert str(kept.low_balance_under.normalize()) == "7.5"


@pytest.mark.parametrize("under", ["", "abc", "-1", "1e30", "NaN"])
def test_an_amount_that_is_none_is_refused_and_nothing_lost(browser: Client, under: str) -> None:
    answer = browser.post(CHOICES, {"completed": "on", "low_balance_under": under})
    assert answer.status_code == 422
    assert not NoticeChoices.objects.exists()
    assert f'value="{under}"' in answer.content.decode() or not under
