"""What was typed into a form that leads back with an error stands in the form again, once."""

from html import escape

import pytest
from django.test import Client
from django.urls import reverse

from orders.enums import OrderStatus
from orders.models import Order
from tests.support import factories as make

pytestmark = pytest.mark.django_db

LONG = "Calls “back” on Monday & Tuesday. " * 30
LIVE = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "order-live"}


@pytest.fixture
def order() -> Order:
    return make.order(make.customer(signs_in=True), status=OrderStatus.IN_PROGRESS)


@pytest.fixture
def browser() -> Client:
    browser = Client()
    browser.force_login(make.admin().user)
    return browser


def shown(browser: Client, url: str, **headers: str) -> str:
    return browser.get(url, **headers).content.decode()  # type: ignore[arg-type]


def test_a_note_that_is_too_long_stands_in_its_box_again_once(
    browser: Client, order: Order
) -> None:
    refused = browser.post(reverse("staff:note_order", args=[order.pk]), {"text": LONG})
    page = refused["Location"]
    assert escape(LONG) not in shown(browser, page, **LIVE)
    assert escape(LONG) in shown(browser, page)
    assert escape(LONG) not in shown(browser, page)


def test_a_message_of_any_length_stands_in_its_box_again(browser: Client, order: Order) -> None:
    text = "x" * 9000
    refused = browser.post(reverse("staff:answer_order", args=[order.pk]), {"text": text})
    assert text in shown(browser, refused["Location"])


def test_the_reason_of_a_decision_about_nothing_stands_there_again(browser: Client) -> None:
    provider = make.provider()
    make.service(make.offer(provider), pause="cost_rose", paused_at=make.NOW)
    said = {"act": "keep", "reason": "Too dear <b>now</b>"}
    refused = browser.post(reverse("staff:decide_costs"), said)
    assert f'value="{escape(said["reason"])}"' in shown(browser, refused["Location"])


def test_days_that_are_none_stand_in_their_dialog_again(browser: Client) -> None:
    url = reverse("staff:set_refill_window", args=[make.service().pk])
    refused = browser.post(url, {"days": "thirty"})
    assert 'name="days" value="thirty"' in shown(browser, refused["Location"])


def test_a_reason_for_nothing_chosen_stands_there_again(browser: Client) -> None:
    make.service()
    refused = browser.post(reverse("staff:choose_set"), {"act": "hide", "reason": "Too dear"})
    assert 'name="reason" value="Too dear"' in shown(browser, refused["Location"])


def test_a_reason_that_is_too_long_is_not_cut(browser: Client) -> None:
    said = {"service": make.service().pk, "kind": "name", "act": "preview", "reason": "y" * 900}
    page = browser.post(reverse("staff:change_services"), said)
    assert page.status_code == 422 and said["reason"] in page.content.decode()


def test_another_form_gets_nothing_of_it(browser: Client, order: Order) -> None:
    browser.post(reverse("staff:note_order", args=[order.pk]), {"text": LONG})
    other = make.order(status=OrderStatus.IN_PROGRESS)
    assert escape(LONG) not in shown(browser, reverse("staff:order", args=[other.pk]))


def test_what_was_carried_out_is_not_kept(browser: Client, order: Order) -> None:
    note = "Calls back"
    browser.post(reverse("staff:note_order", args=[order.pk]), {"text": note})
    assert "unsent" not in browser.session


def test_no_secret_is_kept(browser: Client) -> None:
    """A key that is refused with the words above is typed once more."""
    provider = make.provider()
    browser.post(reverse("staff:undo_top_up", args=[provider.pk]), {"key": "s3cret", "reason": "a"})
    assert browser.session["unsent"]["typed"] == {"reason": "a", "note": "", "text": "", "days": ""}


def test_a_client_who_is_added_keeps_the_name_that_was_emptied(browser: Client) -> None:
    said = {"act": "add_client", "client_q": "81138", "new_phone": "no phone", "new_name": ""}
    page = browser.post(reverse("staff:new_order"), said)
    assert page.status_code == 422
    text = page.content.decode()
    assert 'name="new_phone" value="no phone"' in text.replace(' type="tel"', "")
    assert 'name="new_name" value=""' in text
