"""The seven actions, answered as the reference shows them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import ledger_check
from orders.enums import OrderStatus, PauseReason, RefillStatus
from orders.models import (
    Cancellation,
    Customer,
    MarkupRule,
    Offer,
    Order,
    Panel,
    Provider,
    Refill,
    Service,
)
from tests.support import factories
from tests.support.programs import Program

pytestmark = pytest.mark.django_db

S = OrderStatus


def balance_of(program: Program) -> Decimal:
    return Customer.objects.select_related("wallet").get(pk=program.customer.pk).wallet.balance


# ── services, balance ────────────────────────────────────────────────────────────────────────


def test_services_as_the_reference_lists_them(program: Program) -> None:
    offer = factories.offer(rate=Decimal("0.9"), least=50, refill=True, cancel=False)
    service = factories.service(offer, name="Followers")
    assert program.call("services") == [
        {
            "service": service.pk,
            "name": "Followers",
            "type": "Default",
            "category": "Instagram",
            "rate": "1.17",
            "min": "50",
            "max": "10000",
            "refill": True,
            "cancel": False,
        }
    ]


def test_what_cannot_be_bought_is_not_listed(program: Program, followers: Service) -> None:
    factories.service(is_visible=False)
    factories.service(pause=PauseReason.STAFF)
    factories.service(factories.offer(type_name="Zebra", service_type=""))
    factories.service(factories.offer(retired_at=factories.NOW))
    assert [row["service"] for row in program.call("services")] == [followers.pk]


def test_balance_has_every_digit_and_no_exponent(program: Program) -> None:
    assert program.call("balance") == {"balance": "50", "currency": "USD"}
    program.customer.wallet.__class__.objects.filter(customer=program.customer).update(
        balance=Decimal("0.00000042")
    )
    Panel.objects.update(currency="EUR")
    assert program.call("balance") == {"balance": "0.00000042", "currency": "EUR"}


# ── add ──────────────────────────────────────────────────────────────────────────────────────


def test_an_order_is_placed_and_paid_like_one_of_the_pages(
    program: Program, followers: Service
) -> None:
    answer = program.add(followers)

    order = Order.objects.get()
    assert answer == {"order": order.pk}
    assert (order.status, order.price) == ("waiting", Decimal("1.3"))
    assert (order.placed_by, order.api_key) == (None, program.row)
    assert balance_of(program) == Decimal("48.7")
    assert not ledger_check.check()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no service": ({"service": ""}, "Incorrect service ID"),
    "no such service": ({"service": 999}, "Incorrect service ID"),
    "no number": ({"service": "abc"}, "Incorrect service ID"),
    "a huge number": ({"service": "9" * 30}, "Incorrect service ID"),
    "no link": ({"link": ""}, "neworder.error.link"),
    "a bad link": ({"link": "javascript:alert(1)"}, "neworder.error.link"),
    "no quantity": ({"quantity": ""}, "neworder.error.min_quantity"),
    "words": ({"quantity": "many"}, "neworder.error.min_quantity"),
    "negative": ({"quantity": "-100"}, "neworder.error.min_quantity"),
    "too few": ({"quantity": "49"}, "Quantity less than minimal 50"),
    "too many": ({"quantity": "10001"}, "Quantity more than maximum 10000"),
    "link before quantity": ({"quantity": "1", "link": " "}, "neworder.error.link"),
    "runs alone": ({"runs": "3"}, "neworder.error.interval"),
    "dear": ({"quantity": "10000", "runs": "9", "interval": "5"}, "Not enough funds on balance"),
}


@pytest.mark.parametrize(("said", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_refused_in_the_classic_words(
    said: dict[str, Any], text: str, program: Program, followers: Service
) -> None:
    values = {"service": followers.pk, "link": "x.com/a", "quantity": "100"} | said
    assert program.call("add", **values) == {"error": text}
    assert not Order.objects.exists()
    assert balance_of(program) == 50


@pytest.mark.parametrize(
    ("table", "values", "text"),
    [
        (Service, {"is_visible": False}, "Incorrect service ID"),
        (Service, {"pause": PauseReason.COST_ROSE}, "Disabled service ID"),
        (Provider, {"not_sold": True}, "Disabled service ID"),
        (Panel, {"not_sold": True}, "API is disabled"),
    ],
)
def test_a_service_that_is_not_sold(
    table: Any, values: dict[str, Any], text: str, program: Program, followers: Service
) -> None:
    table.objects.update(**values)
    assert program.add(followers) == {"error": text}


def test_a_missing_list_and_one_too_short(program: Program) -> None:
    comments = factories.offer(type_name="Custom Comments", service_type="custom_comments", least=2)
    service = factories.service(comments).pk
    link = {"service": service, "link": "x.com/a"}
    assert program.call("add", **link) == {"error": "neworder.error.comment"}
    assert program.call("add", **link, comments="one") == {"error": "Quantity less than minimal 2"}


def test_a_blocked_customer_reads_on_and_places_nothing(
    program: Program, followers: Service
) -> None:
    number = program.add(followers, request_id="r-1")["order"]
    Customer.objects.filter(pk=program.customer.pk).update(is_blocked=True)

    assert program.add(followers, quantity="200") == {"error": "Account suspended"}
    assert program.add(followers, request_id="r-1") == {"order": number}, "it stands already"
    assert program.call("status", order=number)["status"] == "Pending"
    assert program.call("balance")["balance"] == "48.7"
    assert program.call("cancel", orders=number) == [{"order": number, "cancel": 1}]


# ── The same again ───────────────────────────────────────────────────────────────────────────


def test_the_very_same_within_a_minute_is_a_repeat(
    program: Program, followers: Service, stranger: Program
) -> None:
    first = program.add(followers)["order"]
    assert program.add(followers) == {"error": "neworder.error.link_duplicate"}
    assert Order.objects.count() == 1

    others = [
        program.add(followers, quantity="999"),
        program.add(followers, link="https://instagram.com/other"),
        program.add(factories.service(followers.offer)),
        program.add(followers, runs="2", interval="5"),
        stranger.add(followers),
    ]
    assert [list(answer) for answer in others] == [["order"]] * 5, "overlaps are none of its own"
    assert first not in [answer["order"] for answer in others]


def test_after_a_minute_it_is_another_order(program: Program, followers: Service) -> None:
    program.add(followers)
    Order.objects.update(placed_at=timezone.now() - timedelta(seconds=61))
    assert "order" in program.add(followers)


def test_a_customer_may_switch_that_off(program: Program, followers: Service) -> None:
    Customer.objects.filter(pk=program.customer.pk).update(repeats_ok=True)
    assert program.add(followers) != program.add(followers)


def test_a_request_id_returns_the_first_order(program: Program, followers: Service) -> None:
    first = program.add(followers, request_id="r-1")
    assert program.add(followers, request_id="r-1") == first
    assert program.add(followers, request_id="r-1", nonce="7") == first, "not part of the order"
    second = program.add(followers, request_id="r-2")
    assert second != first, "another id says that it is meant twice"
    assert set(Order.objects.values_list("client_key", flat=True)) == {"r-1", "r-2"}


def test_a_request_id_with_another_body_is_told_so(program: Program, followers: Service) -> None:
    program.add(followers, request_id="r-1")
    answer = program.add(followers, request_id="r-1", quantity="999")
    assert answer == {"error": "Incorrect request: this request_id belongs to another order"}


def test_request_ids_are_each_customers_own(
    program: Program, stranger: Program, followers: Service
) -> None:
    mine, theirs = program.add(followers, request_id="1"), stranger.add(followers, request_id="1")
    assert mine != theirs
    assert "order" in theirs


def test_a_request_id_of_any_length(program: Program, followers: Service) -> None:
    first = program.add(followers, request_id="a" * 5000)
    assert program.add(followers, request_id="a" * 5000) == first
    assert program.add(followers, request_id="a" * 4999) != first


# ── status ───────────────────────────────────────────────────────────────────────────────────


def test_status_as_the_reference_shows_it(program: Program, followers: Service) -> None:
    order = factories.order(
        program.customer,
        followers,
        status=S.PARTIAL,
        start_count=3572,
        remains=157,
        refunded=Decimal("0.2041"),
    )
    shown = {
        "charge": "1.0959",
        "start_count": "3572",
        "status": "Partial",
        "remains": "157",
        "currency": "USD",
    }
    assert program.call("status", order=order.pk) == shown
    assert program.call("status", orders=order.pk) == {str(order.pk): shown}


@pytest.mark.parametrize(
    ("status", "word", "charge", "remains"),
    [
        (S.WAITING, "Pending", "1.3", "1000"),
        (S.SENDING, "Pending", "1.3", "1000"),
        (S.UNCONFIRMED, "Pending", "1.3", "1000"),
        (S.PENDING, "Pending", "1.3", "1000"),
        (S.PROCESSING, "Processing", "1.3", "1000"),
        (S.IN_PROGRESS, "In progress", "1.3", "1000"),
        (S.COMPLETED, "Completed", "1.3", "0"),
        (S.PARTIAL, "Partial", "1.3", "1000"),
        (S.CANCELED, "Canceled", "0", "1000"),
        (S.REFUSED, "Canceled", "0", "1000"),
        (S.FAILED, "Processing", "1.3", "1000"),
    ],
)
def test_a_state_in_the_words_of_the_api_before_any_count_is_known(
    status: OrderStatus, word: str, charge: str, remains: str, program: Program, followers: Service
) -> None:
    order = factories.order(program.customer, followers, status=status)
    assert program.call("status", order=order.pk) == {
        "charge": charge,
        "start_count": "0",
        "status": word,
        "remains": remains,
        "currency": "USD",
    }


def test_remains_of_what_has_runs_what_is_a_package_and_what_was_overdone(
    program: Program, followers: Service
) -> None:
    def remains(**values: Any) -> str:
        order = factories.order(program.customer, followers, **values)
        return str(program.call("status", order=order.pk)["remains"])

    assert remains(quantity=100, delivery_total=500) == "500"
    assert remains(quantity=1, delivery_total=None) == "1"
    assert remains(remains=-12) == "0"
    assert remains(remains=0) == "0"


def test_one_wrong_id_spoils_no_other(
    program: Program, stranger: Program, followers: Service
) -> None:
    mine = factories.order(program.customer, followers)
    theirs = factories.order(stranger.customer, followers)
    answer = program.call("status", orders=f"{mine.pk},{theirs.pk},999999,abc,error,{'9' * 40}")

    wrong = {"error": "Incorrect order ID"}
    assert answer.pop(str(mine.pk))["status"] == "Pending"
    assert answer == {str(theirs.pk): wrong, "999999": wrong, "abc": wrong, "9" * 40: wrong}
    for word in (theirs.pk, 999999, "abc", "error", "", "9" * 40):
        assert program.call("status", order=word) == wrong


def test_up_to_a_hundred_ids(program: Program) -> None:
    hundred = ",".join(map(str, range(1, 101)))
    assert len(program.call("status", orders=hundred)) == 100
    for action, name in (("status", "orders"), ("cancel", "orders"), ("refill_status", "refills")):
        refused = program.call(action, **{name: f"{hundred},101"})
        assert refused == {"error": "Incorrect request: up to 100 IDs in one call"}


def test_many_services_cost_as_many_queries_as_one(program: Program, followers: Service) -> None:
    program.call("balance")  # the key's last use is noted now, and not again for a minute

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(program.call("services")) == Service.objects.count()
        return len(seen)

    few = queries()
    for number in range(12):
        provider = factories.provider()
        factories.service(factories.offer(provider, category=f"Shelf {number}"))
    assert queries() == few <= 10


def test_what_is_listed_changes_with_the_very_next_call(
    program: Program, followers: Service
) -> None:
    def told() -> list[tuple[int, str]]:
        return [(row["service"], row["rate"]) for row in program.call("services")]

    other = factories.service()
    assert told() == [(followers.pk, "1.3"), (other.pk, "1.3")]
    offer = Offer.objects.filter(pk=followers.offer_id)
    offer.update(rate=2)
    assert told() == [(followers.pk, "2.6"), (other.pk, "1.3")]
    MarkupRule.objects.update(value=50)
    assert told() == [(followers.pk, "3"), (other.pk, "1.5")]
    Service.objects.filter(pk=other.pk).update(is_visible=False)
    assert told() == [(followers.pk, "3")]
    offer.update(retired_at=factories.NOW)
    assert told() == []


@pytest.mark.parametrize("action", ["status", "refill_status"])
def test_a_hundred_cost_as_many_queries_as_one(
    action: str, program: Program, followers: Service
) -> None:
    orders = [factories.order(program.customer, followers, status=S.COMPLETED) for _ in range(100)]
    asked = [refill_of(order) for order in orders]
    numbers = [row.pk for row in (orders if action == "status" else asked)]
    name = "orders" if action == "status" else "refills"
    program.call("balance")  # the key's last use is noted now, and not again for a minute

    def queries(ids: list[int]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            answer = program.call(action, **{name: ",".join(map(str, ids))})
        assert len(answer) == len(ids)
        return len(seen)

    assert queries(numbers) == queries(numbers[:1]) <= 4


# ── refill, refill_status ────────────────────────────────────────────────────────────────────


def refill_of(order: Order, **values: Any) -> Refill:
    moments = {"asked_at": factories.NOW, "changed_at": factories.NOW}
    return Refill.objects.create(order=order, provider=order.provider, **moments | values)


@pytest.fixture
def completed(program: Program, followers: Service) -> Callable[..., Order]:
    def make(**values: Any) -> Order:
        values = {"status": S.COMPLETED, "finished_at": timezone.now()} | values
        return factories.order(program.customer, followers, **values)

    return make


def test_a_single_refill_is_text_several_are_numbers(
    program: Program, completed: Callable[..., Order]
) -> None:
    one, two, three = completed(), completed(), completed(status=S.IN_PROGRESS)
    single = program.call("refill", order=one.pk)
    several = program.call("refill", orders=f"{two.pk},{three.pk},999999,zebra")

    first, second = Refill.objects.order_by("pk")
    too_early = "The order was completed or refill was requested less than 24 hours ago"
    assert single == {"refill": str(first.pk)}
    assert several == [
        {"order": two.pk, "refill": second.pk},
        {"order": three.pk, "refill": {"error": too_early}},
        {"order": 999999, "refill": {"error": "Incorrect order ID"}},
        {"order": "zebra", "refill": {"error": "Incorrect order ID"}},
    ]
    assert first.asked_by is None
    assert program.call("refill", order=one.pk) == {"error": too_early}, "it is under way"


def test_a_refill_that_cannot_be(program: Program, completed: Callable[..., Order]) -> None:
    late = completed(finished_at=timezone.now() - timedelta(days=31))
    Service.objects.update(refill_days=30)
    assert program.call("refill", order=late.pk) == {"error": "Refill days are over"}
    Provider.objects.update(has_refill=False)
    refused = {"error": "Refill is disabled for this service"}
    assert program.call("refill", order=late.pk) == refused


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (RefillStatus.REQUESTED, "Pending"),
        (RefillStatus.SENDING, "Pending"),
        (RefillStatus.UNKNOWN, "Pending"),
        (RefillStatus.PENDING, "Pending"),
        (RefillStatus.IN_PROGRESS, "In progress"),
        (RefillStatus.COMPLETED, "Completed"),
        (RefillStatus.REJECTED, "Rejected"),
        (RefillStatus.CANCELED, "Canceled"),
        (RefillStatus.FAILED, "Error"),
    ],
)
def test_how_a_refill_stands(
    status: RefillStatus, word: str, program: Program, completed: Callable[..., Order]
) -> None:
    asked = refill_of(completed(), status=status)
    assert program.call("refill_status", refill=asked.pk) == {"status": word}
    assert program.call("refill_status", refills=f"{asked.pk},999999") == [
        {"refill": asked.pk, "status": word},
        {"refill": 999999, "status": {"error": "Refill not found"}},
    ]


# ── cancel ───────────────────────────────────────────────────────────────────────────────────


def test_what_waits_is_canceled_what_runs_is_asked_about(
    program: Program, followers: Service
) -> None:
    waiting, running, ended = (
        factories.order(program.customer, followers, status=status)
        for status in (S.WAITING, S.IN_PROGRESS, S.COMPLETED)
    )
    before = balance_of(program)
    answer = program.call("cancel", orders=f"9999,{waiting.pk},{running.pk},{ended.pk}")

    assert answer == [
        {"order": 9999, "cancel": {"error": "Incorrect order ID"}},
        {"order": waiting.pk, "cancel": 1},
        {"order": running.pk, "cancel": 1},
        {"order": ended.pk, "cancel": {"error": "Order can't be canceled"}},
    ]
    assert balance_of(program) == before + waiting.price
    assert program.call("status", order=waiting.pk)["charge"] == "0"
    assert program.call("status", order=running.pk)["status"] == "In progress", "only asked"
    assert Cancellation.objects.get().order == running
    assert program.call("cancel", order=running.pk) == [
        {"order": running.pk, "cancel": {"error": "Cancel already requested"}}
    ]
    assert program.call("cancel") == {"error": "Incorrect order ID"}
