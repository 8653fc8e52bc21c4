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
    number = f"7{order.pk:03}"
    values = {"answer": WORDS, "upstream_id": number, "asked_by": order.placed_by} | fields
    return Refill.objects.create(
        order=order,
        provider=values.pop("provider", order.provider),
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


def test_a_number_that_another_refill_has_is_refused_at_its_field(desk: Client):
    other = refill(RefillStatus.COMPLETED, upstream_id="9911")
    row = refill(RefillStatus.UNKNOWN, upstream_id="", provider=other.provider)
    typed = {"upstream_id": "9911", "reason": "asked them"}
    answer = desk.post(f"{LIST}{row.pk}/settle/", typed)
    said = f"The refill of order {other.order_id} already has this number."
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"upstream_id": [said]}
    shown = answer.content.decode()
    assert said in shown and "9911" in shown and "asked them" in shown


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


# ── Narrowing ────────────────────────────────────────────────────────────────────────────────


def test_every_filter_leaves_what_it_says(desk: Client):
    old = refill(asked_at=timezone.now() - timedelta(days=4))
    new = refill(RefillStatus.IN_PROGRESS, asked_at=timezone.now())
    assert numbers(desk, f"?provider={old.provider_id}") == [old.pk]
    assert numbers(desk, f"?service={new.order.service_id}") == [new.pk]
    assert numbers(desk, f"?client={old.order.customer_id}") == [old.pk]
    assert numbers(desk, "?age=3") == [old.pk]
    assert numbers(desk, "?age=1") == [old.pk]
    assert numbers(desk, "?age=7") == []
    assert numbers(desk, "?status=in_progress") == [new.pk]
    assert numbers(desk, f"?tab=under-way&status=pending&client={old.order.customer_id}") == [
        old.pk
    ]


def test_what_is_no_filter_narrows_nothing_and_is_said(desk: Client):
    row = refill()
    for query in ("?provider=zz", "?service=-1", "?client=x", "?status=zebra", "?age=2"):
        answer = desk.get(f"{LIST}{query}")
        assert [each.number for each in answer.context["rows"]] == [row.pk]
        assert 'class="field bad"' in answer.text, query


def test_a_filter_goes_with_the_tabs_and_is_taken_away_singly(desk: Client):
    row = refill(RefillStatus.UNKNOWN, upstream_id="")
    refill(RefillStatus.UNKNOWN, upstream_id="")
    answer = desk.get(f"{LIST}?client={row.order.customer_id}&age=1")
    tabs = answer.context["tabs"]()
    lost = next(tab for tab in tabs if tab.label == "Answer lost")
    assert f"client={row.order.customer_id}" in lost.url and "tab=lost" in lost.url
    assert lost.count == 1
    urls = [chip.url for chip in answer.context["filters"].chips()]
    assert urls == ["?age=1", f"?client={row.order.customer_id}"]
    none = desk.get(f"{LIST}?client=999999").text
    assert "Nothing fits these filters" in none and "No refill has been asked for" not in none


def test_the_provider_is_a_filter_for_who_sees_it(client: Client):
    row = refill()
    client.force_login(factories.staff(sees_all_customers=True).user)
    answer = client.get(f"{LIST}?provider={row.provider_id + 1}")
    assert [each.number for each in answer.context["rows"]] == [row.pk]
    assert "provider" not in answer.context["filters"].fields
    assert row.provider.name not in answer.text


# ── Correcting a number ──────────────────────────────────────────────────────────────────────


def test_a_wrong_number_is_corrected_from_the_list(desk: Client):
    row = refill(RefillStatus.REJECTED)
    url = f"{LIST}{row.pk}/number/"
    assert f'href="{url}"' in desk.get(LIST).text
    assert row.upstream_id in desk.get(url).text

    bad = desk.post(url, {"upstream_id": row.upstream_id, "reason": "same"})
    assert bad.status_code == 422 and "It has this number already." in bad.text

    answer = desk.post(url, {"upstream_id": "r-99", "reason": "Theirs was mixed up"}, follow=True)
    assert "is followed by its number" in answer.text
    row.refresh_from_db()
    assert (row.upstream_id, row.status) == ("r-99", RefillStatus.PENDING)


def test_only_who_sees_the_provider_corrects_numbers(client: Client):
    row = refill()
    client.force_login(factories.staff(sees_all_customers=True).user)
    assert "/number/" not in client.get(LIST).text
    assert client.get(f"{LIST}{row.pk}/number/").status_code == 404
    lost = refill(RefillStatus.UNKNOWN, upstream_id="")
    client.force_login(factories.admin("Boss").user)
    assert client.get(f"{LIST}{lost.pk}/number/").status_code == 404
