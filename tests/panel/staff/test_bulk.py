"""Several orders at once: each by its own verb, what was left and why, pressing twice."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders import refills
from orders.enums import OrderStatus, Tier
from orders.models import Cancellation, Order, Refill, Staff
from panel.staff.orders import bulk, outcomes
from tests.support import factories as make

pytestmark = pytest.mark.django_db

URL = "/staff/orders/bulk/"
S = OrderStatus


@pytest.fixture
def boss() -> Staff:
    return make.admin()


def post(member: Staff, act: str, orders: Sequence[Order | int], **more: Any) -> Any:
    browser = Client()
    browser.force_login(member.user)
    numbers = [order if isinstance(order, int) else order.pk for order in orders]
    return browser.post(URL, {"act": act, "order": numbers}, **more)


def outcome(member: Staff, act: str, orders: Sequence[Order]) -> outcomes.Outcome:
    answer = post(member, act, orders)
    assert answer.status_code == 200
    found: outcomes.Outcome = answer.context["outcome"]
    return found


def completed(**fields: Any) -> Order:
    return make.order(status=S.COMPLETED, **fields)


def test_a_refill_is_asked_for_each_and_the_others_are_named_with_the_reason(boss: Staff) -> None:
    first, second, running = completed(), completed(), make.order(status=S.IN_PROGRESS)
    told = outcome(boss, "refill", [first, second, running])
    assert told.done == {"asked": [second.pk, first.pk]}
    assert told.sentences == ["2 orders asked to be refilled."]
    assert told.left == {"A refill can be requested once the order is completed.": [running.pk]}
    assert set(Refill.objects.values_list("order", flat=True)) == {first.pk, second.pk}


def test_waiting_orders_are_canceled_and_paid_back_running_ones_asked_about(boss: Staff) -> None:
    waiting, running = make.order(status=S.WAITING), make.order(status=S.IN_PROGRESS)
    told = outcome(boss, "cancel", [waiting, running])
    assert list(told.done.values()) == [[running.pk], [waiting.pk]]
    waiting.refresh_from_db()
    assert (waiting.status, waiting.refunded) == (S.CANCELED, waiting.price)
    assert Cancellation.objects.get().order == running


def test_late_orders_are_marked_as_asked(boss: Staff) -> None:
    late, other = make.order(status=S.PENDING, tier=Tier.OLD), make.order(status=S.PENDING)
    told = outcome(boss, "asked", [late, other])
    assert (told.done, told.left) == (
        {"marked": [late.pk]},
        {"This order is not late.": [other.pk]},
    )
    late.refresh_from_db()
    assert late.support_asked_by == boss.user


@pytest.mark.parametrize("act", ["refill", "cancel", "asked"])
def test_pressing_twice_does_nothing_twice(boss: Staff, act: str) -> None:
    order = {
        "refill": completed,
        "cancel": lambda: make.order(status=S.IN_PROGRESS),
        "asked": lambda: make.order(status=S.PENDING, tier=Tier.OLD),
    }[act]()
    assert outcome(boss, act, [order]).count_left == 0
    events = order.events.count()
    again = outcome(boss, act, [order])
    assert (again.done, again.count_left) == ({}, 1)
    assert order.events.count() == events


def test_an_error_in_the_middle_is_told_and_loses_nothing(
    boss: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, broken, last = completed(), completed(), completed()
    ask = refills.request

    def breaks(order: Order, **more: Any) -> Refill:
        if order == broken:
            raise RuntimeError("boom")
        return ask(order, **more)

    monkeypatch.setattr(refills, "request", breaks)
    told = outcome(boss, "refill", [first, broken, last])
    assert told.done == {"asked": [last.pk, first.pk]}
    assert told.left == {outcomes.BROKE: [broken.pk]}


def test_the_answer_names_each_order_that_was_left_with_a_link(boss: Staff) -> None:
    order = make.order(status=S.IN_PROGRESS)
    text = post(boss, "refill", [order]).content.decode()
    assert "No refill was asked for." in text
    assert f'href="/staff/orders/{order.pk}/"' in text


def test_htmx_gets_the_summary_alone_and_the_list_is_told_to_follow(boss: Staff) -> None:
    headers = {"HX-Request": "true", "HX-Target": "bulk-outcome"}
    answer = post(boss, "refill", [completed()], headers=headers)
    assert answer.content.decode().lstrip().startswith('<div id="bulk-outcome"')
    assert answer["HX-Trigger-After-Settle"] == "orders-changed"


def test_orders_of_others_clients_are_left_alone_and_not_spoken_of() -> None:
    mira = make.staff()
    mine, theirs = completed(for_customer=make.customer(manager=mira)), completed()
    told = outcome(mira, "refill", [mine, theirs])
    assert (told.done, told.left) == ({"asked": [mine.pk]}, {})
    assert told.sentences == ["1 order asked to be refilled."]
    assert Refill.objects.get().order == mine


def test_more_than_the_most_at_once_or_an_unknown_act_does_nothing(boss: Staff) -> None:
    order = completed()
    assert post(boss, "refill", [order, *range(10_000, 10_000 + bulk.MOST)]).status_code == 400
    assert post(boss, "delete", [order]).status_code == 400
    assert not Refill.objects.exists()


def test_odd_numbers_are_no_orders(boss: Staff) -> None:
    browser = Client()
    browser.force_login(boss.user)
    answer = browser.post(URL, {"act": "refill", "order": ["", "x", "9" * 40, "-1", "٣"]})
    told = answer.context["outcome"]
    assert (told.done, told.left, told.nothing) == ({}, {}, "No refill was asked for.")


def test_customers_may_not_post_to_it() -> None:
    buyer = make.customer(signs_in=True)
    browser = Client()
    browser.force_login(buyer.user)
    order = completed(for_customer=buyer)
    assert browser.post(URL, {"act": "refill", "order": [order.pk]}).status_code == 403


def test_finding_the_orders_takes_as_many_queries_for_one_as_for_fifty(boss: Staff) -> None:
    """What each verb asks is its own; the page around them asks no more."""
    client, service = make.customer(), make.service()

    def around(count: int, monkeypatch: pytest.MonkeyPatch) -> int:
        orders = [completed(for_customer=client, of=service) for _ in range(count)]
        monkeypatch.setattr(refills, "request", lambda order, **more: order.customer.name)
        with CaptureQueriesContext(connection) as seen:
            assert outcome(boss, "refill", orders).count_left == 0
        return len(seen)

    with pytest.MonkeyPatch.context() as patch:
        assert around(1, patch) == around(50, patch)


class TestRows:
    def rows(self, member: Staff, **query: str) -> str:
        browser = Client()
        browser.force_login(member.user)
        return browser.get("/staff/orders/", query).content.decode()

    def test_each_can_be_selected_and_carries_its_upstream_id(self, boss: Staff) -> None:
        order = make.order(upstream_id="90311845")
        text = self.rows(boss)
        assert f'value="{order.pk}" id="pick-{order.pk}"' in text
        assert 'data-upstream="90311845"' in text and "Copy upstream ids" in text

    def test_who_does_not_see_the_provider_is_offered_no_ids(self) -> None:
        mira = make.staff()
        make.order(make.customer(manager=mira), upstream_id="90311845")
        text = self.rows(mira)
        assert "data-pick-row" in text
        assert "90311845" not in text and "Copy upstream ids" not in text

    def test_late_ones_tell_for_how_long_nothing_moved_and_who_asked(self, boss: Staff) -> None:
        order = make.order(status=S.IN_PROGRESS, tier=Tier.OLD)
        outcome(boss, "asked", [order])
        text = self.rows(boss, tab="late")
        assert "No movement for" in text and "by Ada Admin" in text
        assert "Mark as asked" in text and "Mark as asked" not in self.rows(boss)

    def test_the_count_of_the_tab_leaves_out_those_asked_about(self, boss: Staff) -> None:
        orders = [make.order(status=S.PENDING, tier=Tier.OLD) for _ in range(2)]
        outcome(boss, "asked", orders[:1])
        browser = Client()
        browser.force_login(boss.user)
        page = browser.get("/staff/orders/", {"tab": "late"}).context
        assert {tab.label: tab.count for tab in page["tabs"]()}["Late"] == 1
        assert len(page["rows"]) == 2

    def test_a_list_of_which_nothing_can_change_asks_only_after_an_act(self, boss: Staff) -> None:
        completed()
        assert 'hx-trigger="orders-changed from:body"' in self.rows(boss)
        make.order(status=S.PENDING)
        assert 'hx-trigger="every 5s, orders-changed from:body"' in self.rows(boss)
