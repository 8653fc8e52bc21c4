"""The refills list: who sees which, its pages, and settling one whose answer was lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.enums import OrderStatus, RefillStatus
from orders.models import Customer, Refill
from tests.support import factories

pytestmark = pytest.mark.django_db

LIST = "/staff/refills/"
WORDS = "No drop was found at Bulkhaus"


def refill(
    status: RefillStatus = RefillStatus.PENDING,
    for_customer: Customer | None = None,
    **fields: Any,
) -> Refill:
    order = factories.order(for_customer, status=OrderStatus.COMPLETED)
    values = {"answer": WORDS, "upstream_id": "7001", "asked_by": order.placed_by} | fields
    return Refill.objects.create(
        order=order,
        provider=order.provider,
        asked_at=values.pop("asked_at", factories.NOW),
        changed_at=factories.NOW + timedelta(minutes=5),
        status=status,
        **values,
    )


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(factories.admin().user)
    return client


def numbers(desk: Client, query: str = "") -> list[int]:
    return [row.number for row in desk.get(f"{LIST}{query}").context["rows"]]


def test_refills_stand_newest_first_with_order_status_and_answer(desk: Client):
    first, second = refill(), refill(RefillStatus.REJECTED)
    answer = desk.get(LIST)
    text = answer.content.decode()
    assert [row.number for row in answer.context["rows"]] == [second.pk, first.pk]
    assert f"/staff/orders/{first.order_id}/" in text
    assert WORDS in text and "Declined" in text


def test_a_tab_shows_its_refills_only(desk: Client):
    under_way, declined = refill(), refill(RefillStatus.REJECTED)
    lost, done = refill(RefillStatus.UNKNOWN, upstream_id=""), refill(RefillStatus.COMPLETED)
    assert numbers(desk, "?tab=declined") == [declined.pk]
    assert numbers(desk, "?tab=done") == [done.pk]
    assert numbers(desk, "?tab=lost") == [lost.pk]
    assert numbers(desk, "?tab=under-way") == [lost.pk, under_way.pk]


def test_pages_go_by_keyset(desk: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("panel.staff.followups.follow_ups.SIZE", 2)
    made = [refill().pk for _ in range(3)]
    answer = desk.get(LIST)
    assert [row.number for row in answer.context["rows"]] == [made[2], made[1]]
    assert numbers(desk, answer.context["older"]) == [made[0]]


def test_the_list_asks_as_much_for_many_refills_as_for_one(desk: Client):
    refill()
    with CaptureQueriesContext(connection) as for_one:
        desk.get(LIST)
    for _ in range(5):
        refill()
    with CaptureQueriesContext(connection) as for_many:
        desk.get(LIST)
    assert len(for_many) == len(for_one)


def test_staff_see_the_refills_of_their_own_clients_only(client: Client):
    mine, theirs = factories.staff(), factories.staff()
    row = refill(RefillStatus.UNKNOWN, factories.customer(manager=theirs))
    client.force_login(mine.user)
    assert numbers(client) == []
    assert client.post(f"{LIST}{row.pk}/settle/", {"reason": "x"}).status_code == 404
    client.force_login(theirs.user)
    assert numbers(client) == [row.pk]


def test_a_customer_does_not_see_the_list(client: Client):
    row = refill(for_customer=factories.customer(signs_in=True))
    client.force_login(row.order.customer.user)
    assert client.get(LIST).status_code == 403


def test_who_does_not_see_the_provider_reads_neither_its_words_nor_its_id(client: Client):
    refill()
    client.force_login(factories.staff(sees_all_customers=True).user)
    text = client.get(LIST).content.decode()
    assert WORDS not in text and "7001" not in text


@pytest.mark.parametrize(
    ("status", "code"), [(RefillStatus.PENDING, 200), (RefillStatus.COMPLETED, 286)]
)
def test_the_list_asks_on_only_while_a_refill_is_under_way(
    desk: Client, status: RefillStatus, code: int
):
    refill(status)
    answer = desk.get(LIST, headers={"HX-Request": "true", "HX-Target": "refill-table"})
    assert answer.status_code == code
    assert "<html" not in answer.content.decode()


def test_an_empty_list_says_how_one_is_asked_for(desk: Client):
    assert "Open a completed order" in desk.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("typed", "status"), [("9911", RefillStatus.PENDING), ("", RefillStatus.FAILED)]
)
def test_a_refill_whose_answer_was_lost_is_settled(desk: Client, typed: str, status: RefillStatus):
    row = refill(RefillStatus.UNKNOWN, upstream_id="")
    desk.post(f"{LIST}{row.pk}/settle/", {"upstream_id": typed, "reason": "asked them"})
    row.refresh_from_db()
    assert (row.status, row.upstream_id) == (status, typed)


def test_settling_needs_a_reason_and_keeps_what_was_typed(desk: Client):
    row = refill(RefillStatus.UNKNOWN, upstream_id="")
    answer = desk.post(f"{LIST}{row.pk}/settle/", {"upstream_id": "9911"})
    assert answer.status_code == 422
    assert "Say why" in answer.content.decode() and "9911" in answer.content.decode()


def test_a_refill_that_the_provider_tells_of_cannot_be_settled(desk: Client):
    row = refill(RefillStatus.PENDING)
    assert desk.get(f"{LIST}{row.pk}/settle/").status_code == 404


def test_an_overdue_refill_stands_under_its_tab_and_is_counted_in_tab_and_menu(desk: Client):
    late = refill(asked_at=timezone.now() - timedelta(days=3, minutes=1))
    refill(asked_at=timezone.now() - timedelta(days=2))
    refill(RefillStatus.COMPLETED)
    page = desk.get(f"{LIST}?tab=overdue").context
    assert [row.number for row in page["rows"]] == [late.pk]
    assert {tab.label: tab.count for tab in page["tabs"]()}["Overdue"] == 1
    items = {item.label: item for group in page["nav"] for item in group.items}
    assert (items["Refills"].count, items["Refills"].hot) == (1, True)
    assert items["Cancellations"].count == 0
