"""Clients' messages for staff: what waits for an answer, and answering on the order's page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import messages
from orders.models import Conversation, Message, Order, Staff
from tests.support import factories

pytestmark = pytest.mark.django_db

LIST = "/staff/messages/"
NOW = factories.NOW


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač")


@pytest.fixture
def desk(mira: Staff, client: Client) -> Client:
    client.force_login(mira.user)
    return client


def order(manager: Staff | None) -> Order:
    return factories.order(factories.customer(manager=manager, signs_in=True))


def ask(of: Order, text: str, minutes: int = 0) -> None:
    assert of.customer.user
    now = NOW + timedelta(minutes=minutes)
    messages.write(of, text, by=of.customer.user, now=now)


def listed(desk: Client, query: str = "") -> list[str]:
    return [row.text for row in desk.get(f"{LIST}{query}").context["rows"]]


def test_the_oldest_question_stands_first_once_for_each_order(desk: Client, mira: Staff) -> None:
    late, early = order(mira), order(mira)
    ask(late, "second", 10)
    ask(early, "first", 5)
    ask(early, "still there?", 20)
    ask(order(None), "of another's client")
    assert listed(desk) == ["first", "second"]
    assert listed(desk, "?tab=all") == ["still there?", "first", "second"]


def test_an_answered_order_leaves_the_list(desk: Client, mira: Staff) -> None:
    asked = order(mira)
    ask(asked, "When?")
    address = reverse("staff:answer_order", args=[asked.pk])
    text = desk.post(address, {"text": "Soon.", "key": "k"}, follow=True).content.decode()
    assert "Soon." in text and "Mira Kovač" in text
    assert listed(desk) == []
    assert "Every message is answered" in desk.get(LIST).content.decode()
    ask(asked, "Thanks!", 30)
    assert listed(desk) == ["Thanks!"]


def test_a_message_that_needs_no_answer_is_closed(desk: Client, mira: Staff) -> None:
    asked = order(mira)
    ask(asked, "Thanks!")
    page = desk.get(reverse("staff:order", args=[asked.pk])).content.decode()
    assert "Needs no answer" in page
    desk.post(reverse("staff:close_order_message", args=[asked.pk]))
    assert not Conversation.objects.get().waits_for_staff


def test_what_is_too_long_is_not_lost(desk: Client, mira: Staff) -> None:
    asked = order(mira)
    address = reverse("staff:answer_order", args=[asked.pk])
    text = "word " * 500
    page = desk.post(address, {"text": text, "key": "k"}, follow=True).content.decode()
    assert text.strip() in page and not Message.objects.exists()


def test_the_menu_and_the_overview_count_what_waits(desk: Client, mira: Staff) -> None:
    ask(order(mira), "When?")
    page = desk.get("/staff/").content.decode()
    assert "1 message to answer" in page
    items = {item.label: item for group in desk.get(LIST).context["nav"] for item in group.items}
    assert items["Messages"].count == 1 and items["Messages"].hot


def test_many_messages_cost_no_query_more(desk: Client, mira: Staff) -> None:
    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(f"{LIST}{query}")
        return len(seen)

    ask(order(mira), "x")
    few = [queries(""), queries("?tab=all")]
    for _ in range(4):
        ask(order(mira), "x")
    assert [queries(""), queries("?tab=all")] == few
