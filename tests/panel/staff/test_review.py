"""The review queue and its cases: order, evidence, and decisions carried out once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.enums import MovementKind, OrderStatus, SubmissionOutcome
from orders.models import (
    Account,
    BalanceReading,
    Event,
    Evidence,
    Movement,
    Order,
    Provider,
    Staff,
    Submission,
)
from orders.upstream.errors import ReadFailed
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


def moved(order: Order, amount: str, **window: datetime) -> Movement:
    """A known movement of the provider's balance, between the readings unless told otherwise."""
    begun_at = window.pop("begun_at", LOST_AT - timedelta(seconds=20))
    at = window.pop("at", LOST_AT - timedelta(seconds=10))
    return Movement.objects.create(
        provider=order.provider,
        kind=MovementKind.CHARGE,
        amount=Decimal(amount),
        begun_at=begun_at,
        at=at,
        recorded_at=at,
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

    monkeypatch.setattr("orders.review.checking.providers.client_for", client_for)
    return answers


def url(order: Order) -> str:
    return f"/staff/review/{order.pk}/"


def decide(desk: Client, order: Order, decision: str, **fields: str) -> Any:
    """Decide right after the evidence was read."""
    seen_at = factories.seen(order, factories.admin().user, timezone.now())
    said = {"decision": decision, "reason": "balance agrees", "seen_at": seen_at.isoformat()}
    return desk.post(url(order), said | fields)


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


@pytest.mark.parametrize(
    ("kind", "words"),
    [("unconfirmed", "Nothing unconfirmed"), ("failed", "Nothing failed"), ("refund", "No refund")],
)
def test_a_kind_without_a_case_says_so_and_leads_to_all(desk: Client, kind: str, words: str):
    status = OrderStatus.UNCONFIRMED if kind == "failed" else OrderStatus.FAILED
    factories.order(status=status)
    text = desk.get("/staff/review/", {"kind": kind}).content.decode()
    assert words in text and "See all cases" in text
    assert "See all cases" not in desk.get("/staff/review/").content.decode()


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


def test_what_is_known_to_have_moved_in_between_is_taken_off(desk: Client):
    order = lost()
    readings(order, "27.2758")
    moved(order, "-2.5")
    assert leaning(desk, order) == "bought"


def test_what_may_lie_on_either_side_of_a_reading_suggests_nothing(desk: Client):
    order = lost()
    readings(order, COST)
    moved(order, "-2.5", begun_at=LOST_AT, at=LOST_AT + timedelta(minutes=2))
    assert leaning(desk, order) == ""
    assert "May lie on either side" in desk.get(url(order)).content.decode()


@pytest.mark.parametrize(
    ("fell_by", "leans"),
    [
        (COST, "bought"),
        ("4.5", "not bought"),
        ("29.2758", "bought"),
        ("7", ""),
        ("0", "not bought"),
    ],
)
def test_other_unconfirmed_orders_are_weighed_with_it(desk: Client, fell_by: str, leans: str):
    order = lost()
    readings(order, fell_by)
    other = factories.order(of=order.service, expected_charge_upstream=Decimal("4.5"))
    sending(other, SubmissionOutcome.UNKNOWN, LOST_AT + timedelta(seconds=20))
    assert leaning(desk, order) == leans
    seen = desk.get(url(order)).context["page"].balance
    assert (len(seen.others), seen.others_charge) == (1, Decimal("4.5"))


def test_two_that_cost_the_same_are_not_told_apart(desk: Client):
    order = lost()
    readings(order, COST)
    other = factories.order(of=order.service, expected_charge_upstream=Decimal(COST))
    sending(other, SubmissionOutcome.DISMISSED, LOST_AT + timedelta(seconds=20))
    assert leaning(desk, order) == ""


def test_a_balance_told_to_the_cent_is_not_read_more_exactly_than_that(desk: Client):
    order = lost()
    readings(order, "24.77")
    BalanceReading.objects.filter(amount=Decimal("1207.2164")).update(amount=Decimal("1207.21"))
    BalanceReading.objects.exclude(amount=Decimal("1207.21")).update(amount=Decimal("1182.44"))
    assert leaning(desk, order) == "bought"


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
    seen_at = factories.seen(order, factories.admin().user, timezone.now()).isoformat()
    answer = desk.post(url(order), {"reason": "typed & kept", "seen_at": seen_at} | fields)
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


# ── Evidence of the last minutes ─────────────────────────────────────────────────────────────


@pytest.fixture
def balances(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the provider answers to `balance`, the next first; an exception is raised."""
    answers: list[Any] = []

    def ask(provider: Provider, now: datetime) -> BalanceReading:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return BalanceReading.objects.create(provider=provider, at=now, amount=Decimal(answer))

    monkeypatch.setattr("orders.evidence.looking.ask_balance", ask)
    return answers


def look(desk: Client, order: Order, what: str = "balance", **typed: str) -> Any:
    return desk.post(url(order), {"look": what} | typed)


def seen_at(answer: Any) -> str:
    return answer.context["page"].look.seen_at


@pytest.mark.parametrize("decision", ["send_anew", "found"])
def test_these_need_evidence_and_what_was_typed_is_kept(desk: Client, decision: str):
    order = lost()
    said = {"decision": decision, "reason": "typed & kept", "upstream_id": "90311839"}
    answer = desk.post(url(order), said)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Read the evidence first" in text and "typed &amp; kept" in text
    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED


def test_giving_up_needs_none(desk: Client):
    order = lost()
    desk.post(url(order), {"decision": "give_up", "reason": "they waited long enough"})
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELED


def test_reading_it_keeps_what_was_typed_and_chosen_and_decides_nothing(
    desk: Client, balances: list[Any]
):
    order = lost()
    balances.append("1182.4406")
    answer = look(desk, order, decision="send_anew", reason="typed & kept")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "typed &amp; kept" in text
    assert re.search(r'value="send_anew"[^>]* checked', text)
    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED
    assert BalanceReading.objects.count() == 1

    desk.post(
        url(order), {"decision": "send_anew", "reason": "not there", "seen_at": seen_at(answer)}
    )
    order.refresh_from_db()
    assert order.status == OrderStatus.WAITING
    event = Event.objects.get(order=order, kind="decided")
    assert event.data["evidence_at"] == seen_at(answer)
    assert "evidence" not in event.data


def test_a_page_that_stood_open_too_long_is_refused_though_somebody_read_it_since(desk: Client):
    order, by = lost(), factories.admin().user
    old = factories.seen(order, by, timezone.now() - timedelta(minutes=6))
    factories.seen(order, by, timezone.now())
    answer = desk.post(
        url(order), {"decision": "send_anew", "reason": "x", "seen_at": old.isoformat()}
    )
    assert "The evidence before you is 6 minutes old. Read it again." in answer.content.decode()


def test_evidence_about_another_order_is_none(desk: Client):
    order, other = lost(), lost()
    elsewhere = factories.seen(other, factories.admin().user, timezone.now()).isoformat()
    answer = desk.post(url(order), {"decision": "send_anew", "reason": "x", "seen_at": elsewhere})
    assert answer.status_code == 422


def test_a_provider_that_is_away_is_decided_about_later_or_without_and_that_is_kept(
    desk: Client, balances: list[Any]
):
    order = lost()
    balances.append(ReadFailed("timeout", None))
    answer = look(desk, order)
    assert "the provider gave nothing" in answer.content.decode()
    said = {
        "decision": "found",
        "reason": "seen in their panel",
        "upstream_id": "90311839",
        "seen_at": seen_at(answer),
    }
    refused = desk.post(url(order), said)
    assert "The provider could not be read. Leave it for later" in refused.content.decode()
    desk.post(url(order), said | {"without_evidence": "on"})
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING
    assert Event.objects.get(order=order, kind="decided").data["evidence"] == "none"


def test_without_evidence_is_no_way_round_a_reading_that_was_never_tried(desk: Client):
    order = lost()
    said = {"decision": "send_anew", "reason": "x", "without_evidence": "on"}
    assert desk.post(url(order), said).status_code == 422


def test_who_may_not_decide_has_nothing_read(client: Client, balances: list[Any]):
    order = lost()
    desk = signed_in(client, factories.staff(sees_all_customers=True, sees_cost=True))
    answer = look(desk, order)
    assert "You may not decide reviews" in answer.content.decode()
    assert not Evidence.objects.exists()


def test_what_was_found_next_to_our_ids_is_shown_with_whose_it_is(desk: Client):
    order = lost()
    ours = factories.order(of=order.service, upstream_id="90311838")
    items = [
        {"id": "90311838", "status": "Partial", "charge": "8.1032", "currency": "USD"},
        {"id": "90311839", "status": "Pending", "charge": COST, "currency": "USD"},
        {"id": "90311840", "error": "Incorrect order ID"},
    ]
    for item in items:
        item |= {"start_count": 5, "remains": 7} if "status" in item else {}  # type: ignore[dict-item]
    probed = {"asked": 4, "items": items}
    factories.seen(order, factories.admin().user, timezone.now(), probed=probed)
    page = desk.get(url(order)).context["page"]
    first, second = page.neighbours.rows
    assert (first.order, first.matches) == (ours.pk, False)
    assert (second.order, second.matches, second.compared) == (None, True, "the quoted charge")
    assert page.neighbours.rest == ("2 more are not known on our account: “Incorrect order ID”.")
    assert (page.suggestion.leans_to, page.suggestion.upstream_id) == ("bought", "90311839")


def test_neighbours_stay_hidden_from_who_does_not_see_costs(client: Client):
    order = lost()
    items = [{"id": "90311839", "status": "Pending", "charge": COST, "currency": "USD"}]
    probed = {"asked": 1, "items": [items[0] | {"start_count": None, "remains": None}]}
    factories.seen(order, factories.admin().user, timezone.now(), probed=probed)
    member = factories.staff(sees_all_customers=True, decides_reviews=True)
    text = signed_in(client, member).get(url(order)).content.decode()
    assert "90311839" not in text and "24.77" not in text
    page = client.get(url(order)).context["page"]
    assert (page.suggestion.leans_to, page.suggestion.upstream_id) == ("bought", "")
    assert "Ask about neighbouring ids" not in text


def test_a_lost_answer_that_is_asked_for_again_says_so_and_when() -> None:
    provider = factories.provider(idempotency_field="request_id")
    order = factories.order(
        of=factories.service(factories.offer(provider)), status=OrderStatus.UNCONFIRMED
    )
    sent = Submission.objects.create(
        order=order,
        provider=provider,
        number=1,
        outcome="unknown",
        claimed_at=timezone.now(),
        expires_at=timezone.now(),
        idempotency_key="k" * 32,
        account_version=1,
        repeats=2,
        repeat_after=timezone.now() + timedelta(minutes=2),
    )
    browser = Client()
    browser.force_login(factories.admin().user)

    def told() -> str:
        return browser.get(reverse("staff:case", args=[order.pk])).content.decode()

    assert "It is asked for again with the same key" in told()
    assert "2 times, again at" in told()
    order_page = browser.get(reverse("staff:order", args=[order.pk])).content.decode()
    assert "It is asked for again with the same key at" in order_page

    Provider.objects.update(idempotency_field="")
    assert "2 times, not again: the provider&#x27;s profile was changed since" in told()
    Submission.objects.filter(pk=sent.pk).update(idempotency_key="", repeat_after=None)
    assert "Asked again" not in told()
