"""The list of cancel requests: who sees which, its tabs and pages, settling a lost one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.enums import CancellationStatus, OrderStatus
from orders.models import Cancellation, Customer, Event
from tests.support import factories

pytestmark = pytest.mark.django_db

LIST = "/staff/cancellations/"
WORDS = "Zebrahaus cannot stop it"
C = CancellationStatus


def asked(
    status: CancellationStatus = C.ACCEPTED,
    for_customer: Customer | None = None,
    hours: int = 1,
    **fields: Any,
) -> Cancellation:
    """A request about a running order, made so many hours ago."""
    order = factories.order(for_customer, status=OrderStatus.IN_PROGRESS)
    at = timezone.now() - timedelta(hours=hours)
    values = {"answer": WORDS, "upstream_id": "7001", "asked_by": order.placed_by} | fields
    return Cancellation.objects.create(
        order=order, provider=order.provider, asked_at=at, changed_at=at, status=status, **values
    )


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(factories.admin().user)
    return client


def numbers(desk: Client, query: str = "") -> list[int]:
    return [row.number for row in desk.get(f"{LIST}{query}").context["rows"]]


def test_requests_stand_newest_first_with_order_status_and_answer(desk: Client):
    first, second = asked(), asked(C.DECLINED)
    answer = desk.get(LIST)
    text = answer.content.decode()
    assert [row.number for row in answer.context["rows"]] == [second.pk, first.pk]
    assert f"/staff/orders/{first.order_id}/" in text
    assert WORDS in text and "Accepted by the provider" in text


def test_a_tab_shows_its_requests_only(desk: Client):
    fresh, old = asked(), asked(hours=25)
    lost, declined, done = asked(C.UNKNOWN, hours=30), asked(C.DECLINED), asked(C.DONE)
    assert numbers(desk, "?tab=under-way") == [lost.pk, old.pk, fresh.pk]
    assert numbers(desk, "?tab=lost") == [lost.pk]
    assert numbers(desk, "?tab=overdue") == [old.pk]
    assert numbers(desk, "?tab=declined") == [declined.pk]
    assert numbers(desk, "?tab=done") == [done.pk]


def test_the_menu_counts_those_that_need_a_person(desk: Client):
    asked(), asked(hours=25), asked(C.UNKNOWN), asked(C.DECLINED)
    groups = desk.get(LIST).context["nav"]
    items = {item.label: item for group in groups for item in group.items}
    assert (items["Cancellations"].count, items["Cancellations"].hot) == (2, True)


def test_pages_go_by_keyset(desk: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("panel.staff.followups.follow_ups.SIZE", 2)
    made = [asked().pk for _ in range(3)]
    answer = desk.get(LIST)
    assert [row.number for row in answer.context["rows"]] == [made[2], made[1]]
    assert numbers(desk, answer.context["older"]) == [made[0]]


def test_the_list_asks_as_much_for_many_requests_as_for_one(desk: Client):
    asked()
    desk.get(LIST)
    with CaptureQueriesContext(connection) as for_one:
        desk.get(LIST)
    for _ in range(5):
        asked()
    with CaptureQueriesContext(connection) as for_many:
        desk.get(LIST)
    assert len(for_many) == len(for_one)


def test_staff_see_the_requests_about_their_own_clients_only(client: Client):
    mine, theirs = factories.staff(), factories.staff()
    row = asked(C.UNKNOWN, factories.customer(manager=theirs))
    client.force_login(mine.user)
    assert numbers(client) == []
    assert client.get(f"{LIST}{row.pk}/settle/").status_code == 404
    client.force_login(theirs.user)
    assert numbers(client) == [row.pk]


def test_who_does_not_see_the_provider_reads_neither_its_words_nor_its_id(client: Client):
    asked()
    client.force_login(factories.staff(sees_all_customers=True).user)
    text = client.get(LIST).content.decode()
    assert WORDS not in text and "7001" not in text


def test_a_customer_does_not_see_the_list(client: Client):
    client.force_login(factories.customer(signs_in=True).user)
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(("status", "code"), [(C.ACCEPTED, 200), (C.DONE, 286)])
def test_the_list_asks_on_only_while_a_request_is_under_way(
    desk: Client, status: CancellationStatus, code: int
):
    asked(status)
    answer = desk.get(LIST, headers={"HX-Request": "true", "HX-Target": "cancellation-table"})
    text = answer.content.decode()
    assert answer.status_code == code
    assert ("hx-get" in text) is (code == 200)
    assert "<html" not in text


@pytest.mark.parametrize(("arrived", "status"), [("yes", C.ACCEPTED), ("no", C.DECLINED)])
def test_a_lost_request_is_settled_with_a_reason(
    desk: Client, arrived: str, status: CancellationStatus
):
    row = asked(C.UNKNOWN)
    answer = desk.post(f"{LIST}{row.pk}/settle/", {"arrived": arrived, "reason": "asked them"})
    row.refresh_from_db()
    assert (answer["Location"], row.status) == (LIST, status)
    assert Event.objects.get(order=row.order).detail == "asked them"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"reason": "typed & kept"}, "Say whether it arrived."),
        ({"arrived": "no", "reason": " "}, "Say why"),
        ({"arrived": "perhaps", "reason": "typed & kept"}, "perhaps"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_settled(
    desk: Client, typed: dict[str, str], words: str
):
    row = asked(C.UNKNOWN)
    answer = desk.post(f"{LIST}{row.pk}/settle/", typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    row.refresh_from_db()
    assert row.status == C.UNKNOWN


def test_neither_answer_is_chosen_beforehand(desk: Client):
    row = asked(C.UNKNOWN)
    assert " checked" not in desk.get(f"{LIST}{row.pk}/settle/").content.decode()


def test_a_request_that_is_not_lost_cannot_be_settled(desk: Client):
    assert desk.get(f"{LIST}{asked().pk}/settle/").status_code == 404


def test_the_overview_leads_to_the_overdue_ones(desk: Client):
    asked(hours=25)
    text = desk.get("/staff/").content.decode()
    assert "1 cancel request overdue" in text
    assert f'href="{LIST}?tab=overdue"' in text
