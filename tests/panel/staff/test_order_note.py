"""Notes on an order: told to the staff who see it, to nobody else."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from orders.enums import EventKind, OrderStatus
from orders.models import Event, Order, Staff
from tests.support import factories as make

pytestmark = pytest.mark.django_db


def browser_of(person: Staff) -> Client:
    browser = Client()
    browser.force_login(person.user)
    return browser


def url(order: Order, name: str = "note_order") -> str:
    return reverse(f"staff:{name}", args=[order.pk])


def test_a_note_is_kept_with_who_and_shown_to_staff_alone() -> None:
    mira = make.staff()
    nord = make.customer(manager=mira, signs_in=True)
    order, browser = make.order(nord), browser_of(mira)
    answer = browser.post(url(order), {"text": " Calls back <b>on Monday</b> "})
    assert answer["Location"] == url(order, "order")
    line = Event.objects.get(kind=EventKind.NOTE)
    assert (line.detail, line.person) == ("Calls back <b>on Monday</b>", mira.user)
    text = browser.get(url(order, "order")).content.decode()
    assert "Calls back &lt;b&gt;on Monday" in text and "Note by Mira Kovač" in text
    customer = Client()
    customer.force_login(nord.user)
    assert "Calls back" not in customer.get(reverse("my:order", args=[order.pk])).content.decode()
    assert customer.post(url(order), {"text": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("text", "told"), [("  ", "Type what"), ("x" * 501, "At most 500 signs; this has 501")]
)
def test_what_is_no_note_is_refused_in_words(text: str, told: str) -> None:
    order = make.order()
    answer = browser_of(make.admin()).post(url(order), {"text": text})
    assert told in " ".join(str(message) for message in get_messages(answer.wsgi_request))
    assert not Event.objects.filter(kind=EventKind.NOTE).exists()


def test_an_order_of_somebody_elses_client_is_not_there() -> None:
    order, browser = make.order(), browser_of(make.staff())
    assert browser.post(url(order), {"text": "x"}).status_code == 404
    assert browser.get(url(order)).status_code == 405


def test_one_act_stands_out_and_the_others_are_in_the_menu() -> None:
    order = make.order(status=OrderStatus.WAITING)
    text = browser_of(make.admin()).get(url(order, "order")).content.decode()
    live, menu = text.split('id="order-dialogs"')
    assert live.count('id="act"') == 1 and 'data-dialog="#cancel"' in live
    assert 'data-dialog="#hold"' not in live and 'data-dialog="#hold"' in menu
