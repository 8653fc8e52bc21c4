"""The review queue and its cases: order, evidence, and decisions carried out once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.enums import OrderStatus, SubmissionOutcome
from orders.models import Account, BalanceReading, Event, Order, Staff, Submission
from orders.upstream.replies import ItemError, StatusReply
from tests.support import factories

pytestmark = pytest.mark.django_db

LOST_AT = timezone.now() - timedelta(hours=1)
COST = "24.7758"


def lost(at: datetime = LOST_AT, **fields: Any) -> Order:
    """An unconfirmed order with the sending whose answer was lost."""
    order = factories.order(
        status=OrderStatus.UNCONFIRMED,
        status_at=at,
        price=Decimal(fields.pop("price", "36.38")),
        expected_charge_upstream=Decimal(COST),
        expected_cost=Decimal("27.285"),
        **fields,
    )
    sending(order, SubmissionOutcome.UNKNOWN, at)
    return order


def sending(order: Order, outcome: SubmissionOutcome, at: datetime) -> Submission:
    return Submission.objects.create(
        order=order,
        provider=order.provider,
        number=1,
        outcome=outcome,
        worker="worker-7",
        claimed_at=at - timedelta(seconds=31),
        sent_at=at - timedelta(seconds=30),
        answered_at=at,
        expires_at=at + timedelta(seconds=30),
        elapsed_ms=30_009,
        http_status=502,
        answer="<h1>502 Bad Gateway</h1>",
        answer_bytes=154,
        reason="html",
    )


def readings(order: Order, fell_by: str) -> None:
    before = Decimal("1207.2164")
    for minutes, amount in ((-2, before), (1, before - Decimal(fell_by))):
        BalanceReading.objects.create(
            provider=order.provider,
            at=LOST_AT + timedelta(minutes=minutes),
            amount=amount,
            currency=order.cost_currency,
        )


def signed_in(client: Client, member: Staff) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def desk(client: Client) -> Client:
    return signed_in(client, factories.admin())


@pytest.fixture(autouse=True)
def upstream(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the provider answers to `status`; nothing leaves the machine."""
    answers: dict[str, Any] = {}

    class Pretend:
        def status(self, upstream_id: str) -> Any:
            return answers.get(upstream_id, StatusReply(status="Pending"))

    @contextmanager
    def client_for(provider: Any) -> Iterator[Pretend]:
        yield Pretend()

    monkeypatch.setattr("orders.review.providers.client_for", client_for)
    return answers


def url(order: Order) -> str:
    return f"/staff/review/{order.pk}/"


def decide(desk: Client, order: Order, decision: str, **fields: str) -> Any:
    return desk.post(url(order), {"decision": decision, "reason": "balance agrees"} | fields)


def balance(order: Order) -> Decimal:
    return Account.objects.get(customer=order.customer).balance


# ── The queue ────────────────────────────────────────────────────────────────────────────────


def groups(desk: Client) -> list[list[int]]:
    queue = desk.get("/staff/review/").context["queue"]
    return [[case.number for case in group.cases] for group in queue.groups]


def test_answers_that_one_provider_lost_near_in_time_are_one_group_most_money_first(desk: Client):
    service = factories.service()
    little = lost(of=service, price="2")
    much = lost(LOST_AT + timedelta(minutes=10), of=service, price="9")
    later = lost(LOST_AT + timedelta(minutes=40), of=service, price="20")
    elsewhere = lost(price="1")
    assert groups(desk) == [[later.pk], [much.pk, little.pk], [elsewhere.pk]]


def test_failed_orders_and_open_refunds_stand_in_groups_of_their_own(desk: Client):
    failed = factories.order(status=OrderStatus.FAILED, price=Decimal(5))
    open_refund = factories.order(status=OrderStatus.PARTIAL, refund_unknown=True, price=Decimal(4))
    factories.order(status=OrderStatus.PARTIAL)
    assert groups(desk) == [[failed.pk], [open_refund.pk]]


def test_an_empty_queue_tells_of_the_last_case(desk: Client):
    order = lost()
    decide(desk, order, "give_up")
    text = desk.get("/staff/review/").content.decode()
    assert "Nothing to review" in text
    assert f"{order.pk} refunded $36.3800" in text


def test_the_queue_asks_as_much_for_many_cases_as_for_one(desk: Client):
    lost()
    with CaptureQueriesContext(connection) as for_one:
        desk.get("/staff/review/")
    for minutes in range(0, 120, 20):
        lost(LOST_AT + timedelta(minutes=minutes))
    with CaptureQueriesContext(connection) as for_many:
        desk.get("/staff/review/")
    assert len(for_many) == len(for_one)


def test_a_case_asks_as_much_in_a_long_queue_as_in_a_short_one(desk: Client):
    order = lost()
    readings(order, COST)
    with CaptureQueriesContext(connection) as for_one:
        desk.get(url(order))
    for minutes in range(0, 120, 20):
        lost(LOST_AT + timedelta(minutes=minutes))
    with CaptureQueriesContext(connection) as for_many:
        desk.get(url(order))
    assert len(for_many) == len(for_one)


# ── Who sees what ────────────────────────────────────────────────────────────────────────────


def test_staff_see_the_cases_of_their_own_clients_only(client: Client):
    mine, theirs = factories.staff(), factories.staff()
    order = lost(for_customer=factories.customer(manager=theirs))
    desk = signed_in(client, mine)
    assert groups(desk) == []
    assert desk.get(url(order)).status_code == 404
    assert decide(desk, order, "give_up").status_code == 404
    assert groups(signed_in(client, theirs)) == [[order.pk]]


def test_a_customer_sees_neither_queue_nor_case(client: Client):
    order = lost(for_customer=factories.customer(signs_in=True))
    client.force_login(order.customer.user)
    assert client.get("/staff/review/").status_code == 403
    assert client.get(url(order)).status_code == 403


def test_who_does_not_see_costs_reads_no_cost_provider_or_answer(client: Client):
    member = factories.staff(sees_all_customers=True, decides_reviews=True)
    order = lost()
    readings(order, COST)
    answer = signed_in(client, member).get(url(order))
    queue = client.get("/staff/review/")
    for text in (answer.content.decode(), queue.content.decode()):
        for secret in ("24.77", "27.28", "1207", order.provider.name, "Bad Gateway", "worker-7"):
            assert secret not in text
    assert answer.context["page"].balance is None
    assert "leans to “bought”" in answer.content.decode()


def test_who_may_not_decide_reads_the_case_and_has_no_form(client: Client):
    order = lost()
    desk = signed_in(client, factories.staff(sees_all_customers=True))
    assert "You may not decide reviews" in desk.get(url(order)).content.decode()
    assert decide(desk, order, "give_up").status_code == 422
    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED


# ── The evidence ─────────────────────────────────────────────────────────────────────────────


def leaning(desk: Client, order: Order) -> str:
    found = desk.get(url(order)).context["page"].suggestion
    return found.leans_to if found else ""


def test_a_case_shows_what_was_sent_and_heard_and_what_the_customer_reads(desk: Client):
    text = desk.get(url(lost())).content.decode()
    for words in ("HTTP 502, 154 bytes", "worker-7", "30.0 s later", "502 Bad Gateway"):
        assert words in text
    assert "you are never charged twice" in text


def test_a_balance_that_fell_by_exactly_the_charge_leans_to_bought(desk: Client):
    order = lost()
    readings(order, COST)
    assert leaning(desk, order) == "bought"


def test_an_unchanged_balance_leans_to_not_bought(desk: Client):
    order = lost()
    readings(order, "0")
    assert leaning(desk, order) == "not bought"


@pytest.mark.parametrize("fell_by", ["24.7757", "49.5516", "-5"])
def test_any_other_difference_suggests_nothing(desk: Client, fell_by: str):
    order = lost()
    readings(order, fell_by)
    assert leaning(desk, order) == ""


def test_a_missing_reading_suggests_nothing(desk: Client):
    order = lost()
    readings(order, COST)
    BalanceReading.objects.order_by("-at").first().delete()  # type: ignore[union-attr]
    assert leaning(desk, order) == ""


def test_a_charge_too_small_to_show_suggests_nothing(desk: Client):
    order = lost()
    Order.objects.update(expected_charge_upstream=Decimal("0.004"))
    readings(order, "0")
    assert leaning(desk, order) == ""


@pytest.mark.parametrize(
    ("outcome", "leans"),
    [
        (SubmissionOutcome.CREATED, ""),
        (SubmissionOutcome.UNKNOWN, ""),
        (SubmissionOutcome.REFUSED, "bought"),
    ],
)
def test_another_sending_in_between_suggests_nothing_unless_it_was_refused(
    desk: Client, outcome: SubmissionOutcome, leans: str
):
    order = lost()
    readings(order, COST)
    sending(factories.order(of=order.service), outcome, LOST_AT + timedelta(seconds=20))
    assert leaning(desk, order) == leans


def test_readings_in_another_currency_suggest_nothing(desk: Client):
    order = lost()
    readings(order, COST)
    BalanceReading.objects.update(currency="TRY")
    assert leaning(desk, order) == ""


@pytest.mark.parametrize("broken", ["standing", "sent", "balance", "suggestion"])
def test_evidence_that_cannot_be_had_never_keeps_the_case_from_being_read_and_decided(
    desk: Client, monkeypatch: pytest.MonkeyPatch, broken: str
):
    def breaks(*args: Any, **more: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(f"panel.staff.reviews.review_evidence.{broken}", breaks)
    order = lost()
    readings(order, COST)
    answer = desk.get(url(order))
    assert "Some of the evidence could not be had" in answer.content.decode()
    assert (answer.context["page"].sent is None) is (broken in ("standing", "sent"))
    decide(desk, order, "send_anew")
    order.refresh_from_db()
    assert order.status == OrderStatus.WAITING


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────


def test_no_decision_is_chosen_beforehand(desk: Client):
    text = desk.get(url(lost())).content.decode()
    assert text.count('type="radio"') == 3
    assert " checked" not in text.split('id="decide-title"')[1]


def test_it_was_bought_takes_the_order_up_under_its_id_and_moves_no_money(desk: Client):
    order = lost()
    before = balance(order)
    answer = decide(desk, order, "found", upstream_id=" 90311839 ")
    order.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/staff/review/")
    assert (order.status, order.upstream_id) == (OrderStatus.PENDING, "90311839")
    assert balance(order) == before


def test_send_anew_puts_it_back_to_waiting(desk: Client):
    order = lost()
    decide(desk, order, "send_anew")
    order.refresh_from_db()
    assert (order.status, order.refunded) == (OrderStatus.WAITING, 0)


def test_give_up_refunds_the_price_once(desk: Client):
    order = lost()
    before = balance(order)
    decide(desk, order, "give_up")
    again = decide(desk, order, "give_up")
    assert again["Location"] == f"/staff/orders/{order.pk}/"
    assert balance(order) - before == Decimal("36.38")
    assert Event.objects.filter(order=order, kind="decided").count() == 1


def test_a_failed_order_set_as_partly_delivered_refunds_the_share_that_remains(desk: Client):
    order = factories.order(status=OrderStatus.FAILED, price=Decimal(10))
    before = balance(order)
    decide(desk, order, "partial", remains="250")
    order.refresh_from_db()
    assert order.status == OrderStatus.PARTIAL
    assert balance(order) - before == Decimal("2.5")


def test_an_order_without_a_countable_delivery_cannot_be_set_as_partly_delivered(desk: Client):
    order = factories.order(status=OrderStatus.FAILED, delivery_total=None)
    assert 'value="partial"' not in desk.get(url(order)).content.decode()
    assert decide(desk, order, "partial", remains="1").status_code == 422


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"decision": ""}, "decision", "Choose what to do."),
        ({"decision": "refund"}, "decision", "cannot be decided any more"),
        ({"decision": "give_up", "reason": " "}, "reason", "Say why"),
        ({"decision": "found", "upstream_id": ""}, "upstream_id", "Type the id"),
        ({"decision": "found", "reason": ""}, "upstream_id", "Type the id"),
        ({"decision": "found", "upstream_id": "404"}, "upstream_id", "knows no such order"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_all_that_was_typed_is_kept(
    desk: Client, upstream: dict[str, Any], fields: dict[str, str], field: str, words: str
):
    upstream["404"] = ItemError("Incorrect order ID")
    order = lost()
    answer = desk.post(url(order), {"reason": "typed & kept"} | fields)
    assert answer.status_code == 422
    assert words in answer.context["page"].form.errors[field][0]
    if fields.get("reason") is None:
        assert "typed &amp; kept" in answer.content.decode()
    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED


def test_an_id_that_another_order_has_is_refused_with_its_number(desk: Client):
    order = lost()
    other = factories.order(of=order.service, upstream_id="777")
    answer = decide(desk, order, "found", upstream_id="777")
    assert f"Order {other.pk} already has this id." in answer.content.decode()


def test_above_the_persons_limit_nothing_is_refunded_and_the_page_says_so(client: Client):
    member = factories.staff(
        sees_all_customers=True, decides_reviews=True, daily_limit=Decimal("5")
    )
    order = lost()
    answer = decide(signed_in(client, member), order, "give_up")
    assert answer.status_code == 422
    assert "Your limit for today is 5.00" in answer.content.decode()
    order.refresh_from_db()
    assert (order.status, order.refunded) == (OrderStatus.UNCONFIRMED, 0)


def test_above_the_persons_limit_an_admin_reads_the_proposal_and_decides(client: Client):
    member = factories.staff(
        "Mira Kovač", sees_all_customers=True, decides_reviews=True, daily_limit=Decimal("5")
    )
    order = lost()
    answer = decide(signed_in(client, member), order, "give_up")
    assert "put to an admin" in answer.content.decode()
    assert "You propose: give up and refund" in answer.content.decode()

    desk = signed_in(client, factories.admin())
    queue = desk.get("/staff/review/").content.decode()
    assert "Mira Kovač proposes: give up and refund" in queue
    page = desk.get(url(order)).content.decode()
    assert "Mira Kovač proposes: give up and refund" in page and "balance agrees" in page
    assert " checked" not in page.split('id="decide-title"')[1]
    decide(desk, order, "give_up")
    order.refresh_from_db()
    assert order.refunded == order.price


def test_that_nothing_is_owed_settles_a_package(desk: Client):
    order = factories.order(status=OrderStatus.PARTIAL, refund_unknown=True, delivery_total=None)
    assert "Pay nothing back" in desk.get(url(order)).content.decode()
    decide(desk, order, "nothing_owed")
    order.refresh_from_db()
    assert (order.refund_unknown, order.refunded) == (False, 0)
    assert groups(desk) == []


def test_after_a_decision_the_next_case_comes_up(desk: Client):
    first, second = lost(price="9"), lost(price="5")
    assert decide(desk, first, "give_up")["Location"] == url(second)


def test_an_order_that_moved_on_by_itself_leads_to_its_page(desk: Client):
    order = factories.order(status=OrderStatus.PENDING)
    assert desk.get(url(order))["Location"] == f"/staff/orders/{order.pk}/"
