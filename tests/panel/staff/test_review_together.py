"""Several cases decided together: the group, the choices it shares, and each by its own verb."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.enums import EventKind, OrderStatus, SubmissionOutcome
from orders.models import Event, Order, Service, Staff, Submission
from tests.support import factories

pytestmark = pytest.mark.django_db

LOST_AT = timezone.now() - timedelta(hours=1)


@pytest.fixture
def service() -> Service:
    return factories.service()


def lost(service: Service, price: str = "5", **fields: Any) -> Order:
    order = factories.order(
        of=service,
        status=OrderStatus.UNCONFIRMED,
        status_at=LOST_AT,
        price=Decimal(price),
        **fields,
    )
    Submission.objects.create(
        order=order,
        provider=order.provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN,
        claimed_at=LOST_AT,
        expires_at=LOST_AT,
    )
    return order


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def desk() -> Client:
    return signed_in(factories.admin())


def url(order: Order) -> str:
    return f"/staff/review/{order.pk}/together/"


def decide(desk: Client, orders: list[Order], decision: str = "give_up", **more: Any) -> Any:
    data = {"case": [order.pk for order in orders], "decision": decision, "reason": "agreed"}
    return desk.post(url(orders[0]), data | more)


def choices(desk: Client, order: Order) -> list[str]:
    return [option.value for option in desk.get(url(order)).context["page"].options]


# ── The page ─────────────────────────────────────────────────────────────────────────────────


def test_it_holds_the_cases_of_one_disturbance_none_of_them_ticked(desk: Client, service: Service):
    little, much = lost(service, "2"), lost(service, "9")
    factories.order(status=OrderStatus.FAILED)
    lost(factories.service())
    answer = desk.get(url(little))
    assert [case.number for case in answer.context["page"].group.cases] == [much.pk, little.pk]
    assert " checked" not in answer.content.decode()


def test_only_decisions_without_something_to_type_are_offered(desk: Client, service: Service):
    assert choices(desk, lost(service)) == ["send_anew", "give_up"]
    assert choices(desk, factories.order(status=OrderStatus.FAILED)) == ["refund", "wait"]


def test_packages_may_owe_nothing_together_others_not(desk: Client):
    package = {"status": OrderStatus.PARTIAL, "refund_unknown": True, "delivery_total": None}
    order = factories.order(**package)
    assert choices(desk, order) == ["refund", "nothing_owed"]
    factories.order(**package | {"delivery_total": 1000})
    assert choices(desk, order) == ["refund"]


def test_the_queue_leads_to_it_where_there_are_several_and_the_person_decides(
    desk: Client, service: Service
):
    first = lost(service, "9")
    assert "Decide together" not in desk.get("/staff/review/").content.decode()
    lost(service)
    assert f'href="{url(first)}"' in desk.get("/staff/review/").content.decode()
    onlooker = signed_in(factories.staff(sees_all_customers=True))
    assert "Decide together" not in onlooker.get("/staff/review/").content.decode()


def test_a_case_that_needs_no_decision_leads_to_the_queue(desk: Client):
    assert desk.get(url(factories.order()))["Location"] == "/staff/review/"


def test_it_asks_as_much_for_many_cases_as_for_one(desk: Client, service: Service):
    order = lost(service)
    with CaptureQueriesContext(connection) as for_one:
        desk.get(url(order))
    for _ in range(8):
        lost(service)
    with CaptureQueriesContext(connection) as for_many:
        desk.get(url(order))
    assert len(for_many) == len(for_one)


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────


def test_what_is_ticked_is_decided_with_one_reason_the_rest_stays(desk: Client, service: Service):
    first, second, other = lost(service, "5"), lost(service, "3"), lost(service)
    answer = decide(desk, [first, second])
    text = answer.content.decode()
    assert "2 orders given up and refunded." in text and "$8.0000 went back to clients." in text
    decided = Event.objects.filter(kind=EventKind.DECIDED)
    assert set(decided.values_list("order", "detail")) == {
        (first.pk, "agreed"),
        (second.pk, "agreed"),
    }
    other.refresh_from_db()
    assert other.status == OrderStatus.UNCONFIRMED


def test_a_case_that_moved_on_is_named_and_stops_none_of_the_others(desk: Client, service: Service):
    gone, left = lost(service), lost(service)
    Order.objects.filter(pk=gone.pk).update(status=OrderStatus.PENDING)
    answer = decide(desk, [gone, left])
    told = answer.context["outcome"]
    assert told.done == {"give_up": [left.pk]}
    assert told.sentences == ["1 order given up and refunded."]
    assert told.left == {"It moved on in the meantime.": [gone.pk]}


def test_pressing_twice_refunds_once(desk: Client, service: Service):
    orders = [lost(service), lost(service), lost(service)]
    decide(desk, orders[:2])
    again = decide(desk, orders[:2])
    assert again["Location"] == "/staff/review/"
    assert Event.objects.filter(kind=EventKind.DECIDED).count() == 2


def test_above_the_limit_the_rest_is_put_to_an_admin(desk: Client, service: Service):
    member = factories.staff(
        "Mira Kovač", sees_all_customers=True, decides_reviews=True, daily_limit=Decimal(6)
    )
    much, little = lost(service, "5"), lost(service, "3")
    told = decide(signed_in(member), [much, little]).context["outcome"]
    assert told.done == {"give_up": [much.pk]}
    ((why, numbers),) = told.left.items()
    assert "put to an admin" in why and numbers == [little.pk]
    little.refresh_from_db()
    assert little.status == OrderStatus.UNCONFIRMED
    assert "Mira Kovač proposes: give up and refund" in desk.get(url(little)).content.decode()


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({"case": []}, "Tick the cases"),
        ({"decision": ""}, "Choose what to do."),
        ({"decision": "found"}, "cannot be decided for all"),
        ({"reason": " "}, "Say why"),
    ],
)
def test_what_is_missing_is_said_what_was_ticked_is_kept_and_nothing_is_decided(
    desk: Client, service: Service, posted: dict[str, Any], words: str
):
    order = lost(service)
    answer = decide(desk, [order], **posted)
    text = answer.content.decode()
    assert answer.status_code == 422 and words in text
    ticked = f'id="pick-{order.pk}" data-pick-row autocomplete="off" checked' in text
    assert ticked is (posted.get("case") is None)
    assert not Event.objects.filter(kind=EventKind.DECIDED).exists()


def test_cases_of_another_group_are_left_alone(desk: Client, service: Service):
    order, failed = lost(service), factories.order(status=OrderStatus.FAILED)
    told = decide(desk, [order, failed]).context["outcome"]
    assert told.left == {"It moved on in the meantime.": [failed.pk]}
    failed.refresh_from_db()
    assert failed.status == OrderStatus.FAILED


def test_who_may_not_decide_decides_nothing(service: Service):
    order = lost(service)
    onlooker = signed_in(factories.staff(sees_all_customers=True))
    text = decide(onlooker, [order]).content.decode()
    assert "You may not decide reviews" in text
    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED


def test_staff_find_no_cases_of_others(service: Service):
    order = lost(service, for_customer=factories.customer(manager=factories.staff()))
    member = signed_in(factories.staff(decides_reviews=True))
    assert member.get(url(order)).status_code == 404
    assert decide(member, [order]).status_code == 404
    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED


# ── Evidence of the last minutes ─────────────────────────────────────────────────────────────


def test_together_too_only_evidence_of_the_last_minutes_lets_them_be_sent_anew(
    desk: Client, service: Service, monkeypatch: pytest.MonkeyPatch
):
    asked = []
    monkeypatch.setattr("orders.evidence.looking.ask_balance", lambda *said: asked.append(said))
    orders = [lost(service), lost(service)]
    refused = decide(desk, orders, "send_anew")
    assert "Read the evidence first" in refused.content.decode()

    answer = decide(desk, orders, "send_anew", look="balance")
    assert len(asked) == 1
    assert "agreed" in answer.content.decode()
    assert answer.content.decode().count(" checked") == 3
    assert not Order.objects.filter(status=OrderStatus.WAITING).exists()

    decide(desk, orders, "send_anew", seen_at=answer.context["page"].look.seen_at)
    assert Order.objects.filter(status=OrderStatus.WAITING).count() == 2


def test_a_case_that_was_not_read_with_the_others_makes_the_evidence_of_all_wanting(
    desk: Client, service: Service
):
    orders = [lost(service), lost(service)]
    factories.seen(orders[0], factories.admin().user, timezone.now())
    assert desk.get(url(orders[0])).context["page"].look.seen_at == ""
