"""Ids that we did not ask for, another order's, doubled, or held by somebody else."""

import json
from typing import Any

import pytest

from orders.enums import OrderStatus
from orders.models import Order
from tests.hostile.conftest import Round
from tests.hostile.house import ASKED, TAKEN, House
from tests.hostile.judging import Change
from tests.upstream.server import answering, reply

CANCELED = {"status": "Canceled", "charge": "0", "remains": "0", "currency": "USD"}
OTHERS = [TAKEN, "2", "3", "41", "4711"]
"""Ids of orders that no sweep asks about, and one that nobody has."""


def says(*documents: Any) -> Any:
    return answering(*(reply(json.dumps(document).encode()) for document in documents))


def moved(found: list[Change]) -> list[Change]:
    """Orders with another status, and money."""
    orders = [one for one in found if one.table == "Order" and "status" in one.columns]
    return orders + [one for one in found if one.table in ("Transfer", "Account")]


@pytest.mark.parametrize(
    "document",
    [
        dict.fromkeys(OTHERS, CANCELED),
        [{"order": number, **CANCELED} for number in OTHERS],
        [{"id": number, **CANCELED} for number in [*OTHERS, TAKEN]],
        {"order": TAKEN, **CANCELED},
        [{"order": TAKEN, **CANCELED}],
        {f" {number}": CANCELED for number in ASKED},
        {f"0{number}": CANCELED for number in ASKED},
    ],
    ids=["keyed", "listed", "one more than asked", "bare", "single", "spaces", "zeros"],
)
def test_news_of_others_moves_no_order(answered: Round, document: Any) -> None:
    assert moved(answered("poll", says(document))) == []


def test_only_the_named_order_moves(house: House, answered: Round) -> None:
    found = moved(answered("poll", says({"10": CANCELED, **dict.fromkeys(OTHERS, CANCELED)})))
    order = house.asked["10"]
    assert {one.pk for one in found if one.table == "Order"} == {order.pk}
    assert [one.after["order_id"] for one in found if one.table == "Transfer" and one.after] == [
        order.pk
    ]


def test_what_is_said_twice_and_differently_moves_nothing(answered: Round) -> None:
    twice = [{"order": 1, **CANCELED}, {"order": 1, **CANCELED, "status": "Completed"}]
    assert moved(answered("poll", says(twice))) == []
    assert moved(answered("poll", says([twice[0], twice[0]])))


@pytest.mark.parametrize("upstream_id", [TAKEN, "1", "10"])
def test_an_id_that_another_order_holds_is_never_taken_over(
    house: House, answered: Round, upstream_id: str
) -> None:
    found = answered("submit", says({"order": upstream_id}))
    for change in found:
        if change.table == "Order":
            assert change.after
            assert change.after["status"] == OrderStatus.UNCONFIRMED
            assert change.after["upstream_id"] is None
    sent = [one.after for one in found if one.table == "Submission" and one.after]
    assert {row["reason"] for row in sent} == {"id_taken"}
    holder = Order.objects.get(provider=house.provider, upstream_id=upstream_id)
    told = [one.after["detail"] for one in found if one.table == "Event" and one.after]
    assert f"Answered with id {upstream_id}, which order {holder.pk} holds." in told


def test_one_id_for_two_orders_is_the_first_ones(house: House, answered: Round) -> None:
    found = answered("submit", says({"order": 808}))
    after = {one.pk: one.after for one in found if one.table == "Order" and one.after}
    first, second = (after[order.pk] for order in house.waiting)
    assert (first["status"], first["upstream_id"]) == (OrderStatus.PENDING, "808")
    assert (second["status"], second["upstream_id"]) == (OrderStatus.UNCONFIRMED, None)


@pytest.mark.parametrize("job", ["refill", "cancel", "refill_status"])
def test_requests_are_not_settled_by_news_of_others(
    house: House, answered: Round, job: str
) -> None:
    strangers = [
        {"order": number, "refill": number, "cancel": 1, "status": "Completed"}
        for number in (TAKEN, "4711", "99")
    ]
    for document in (strangers, strangers[0], {row["order"]: row for row in strangers}):
        for change in answered(job, says(document)):
            if change.table in ("Refill", "Cancellation"):
                assert change.after
                assert change.after["status"] in ("unknown", "pending")
                assert change.after["answer"]
