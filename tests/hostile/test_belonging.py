"""Ids that we did not ask for, another order's, doubled, or held by somebody else."""

import json
from typing import Any

import pytest
from django.db.models import Q

from orders.enums import OrderStatus
from orders.models import Order
from orders.money import round_up
from tests.hostile.conftest import Round
from tests.hostile.house import ASKED, TAKEN, House
from tests.hostile.judging import Change
from tests.upstream.server import answering, reply

CANCELED = {"status": "Canceled", "charge": "0", "remains": "0", "currency": "USD"}
OTHERS = [TAKEN, "2", "3", "41", "4711"]
"""Ids of orders that no sweep asks about, and one that nobody has."""


@pytest.fixture(scope="module")
def seen() -> set[tuple[str, str]]:
    """For the whole module: its answers differ by ids alone, which no page shows as they came."""
    return set()


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


@pytest.mark.parametrize("upstream_id", [TAKEN, "1", "10", "201"])
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
    of_run = Q(children__upstream_id=upstream_id)
    holder = Order.objects.get(of_run | Q(upstream_id=upstream_id), provider=house.provider)
    told = [one.after["detail"] for one in found if one.table == "Event" and one.after]
    assert f"Answered with id {upstream_id}, which order {holder.pk} holds." in told


def test_one_id_for_two_orders_is_the_first_ones(house: House, answered: Round) -> None:
    found = answered("submit", says({"order": 808}))
    after = {one.pk: one.after for one in found if one.table == "Order" and one.after}
    first, second = (after[order.pk] for order in house.waiting)
    assert (first["status"], first["upstream_id"]) == (OrderStatus.PENDING, "808")
    assert (second["status"], second["upstream_id"]) == (OrderStatus.UNCONFIRMED, None)


# ── Runs ─────────────────────────────────────────────────────────────────────────────────────


def family(*runs: Any, word: str = "In progress", count: Any = "3") -> dict[str, Any]:
    return {"status": word, "runs": count, "orders": list(runs)}


def new_runs(found: list[Change]) -> list[tuple[int, str]]:
    """The upstream ids of new runs, with the number of each."""
    rows = [one.after for one in found if one.table == "Child" and one.after and not one.before]
    return sorted((row["number"], row["upstream_id"]) for row in rows)


@pytest.mark.parametrize("theirs", [TAKEN, "1", "20", "30", "201"])
def test_what_another_order_is_becomes_no_run(house: House, answered: Round, theirs: str) -> None:
    found = answered("poll", says({"30": family(theirs, "301")}))
    assert new_runs(found) == [(1, "301")]
    flags = [one.after["flag"] for one in found if one.table == "Order" and one.after]
    said = f"Provider names “{theirs}” a run, which is another order's."
    assert any(flag.startswith(said) for flag in flags)


def test_one_run_that_two_orders_are_told_of_is_the_first_ones(
    house: House, answered: Round
) -> None:
    both = {"20": family("201", "202", "203"), "30": family("203")}
    found = answered("poll", says(both))
    (run,) = [one.after for one in found if one.table == "Child" and not one.before]
    assert run is not None
    assert (run["order_id"], run["upstream_id"]) == (house.fed["20"].pk, "203")


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (["31", "31", "32"], ["31", "32"]),
        ([f"{number}" for number in range(300, 350)], ["300", "301", "302"]),
        ([], []),
        ([None, {}, [], True, "", "31"], ["31"]),
    ],
    ids=["twice", "too many", "none", "no ids"],
)
def test_no_more_runs_are_known_than_were_ordered(
    answered: Round, told: list[Any], known: list[str]
) -> None:
    """What is no id is left out."""
    found = new_runs(answered("poll", says({"30": family(*told)})))
    assert found == list(enumerate(known, start=1))


def test_an_order_that_has_no_runs_is_given_none(answered: Round) -> None:
    found = answered("poll", says({"10": family("101", "102")}))
    assert new_runs(found) == []
    assert "Family" not in {one.table for one in found}


def test_the_whole_is_not_settled_by_runs_that_others_have(house: House, answered: Round) -> None:
    """The whole is said to be over; what its own run under way leaves is not known yet."""
    ended = {"20": family("201", "202", word="Canceled"), **dict.fromkeys(OTHERS, CANCELED)}
    assert moved(answered("poll", says(ended))) == []
    settled = moved(answered("poll", says(ended | {"202": CANCELED})))
    assert {one.pk for one in settled if one.table == "Order"} == {house.fed["20"].pk}


# ── Subscriptions ────────────────────────────────────────────────────────────────────────────


def posted(*posts: Any, word: str = "Active") -> dict[str, Any]:
    return {"status": word, "posts": "3", "orders": list(posts)}


@pytest.mark.parametrize("theirs", [TAKEN, "1", "20", "50", "60", "201", "501"])
def test_what_another_order_is_becomes_no_post(house: House, answered: Round, theirs: str) -> None:
    found = answered("poll", says({"60": posted(theirs, "601")}))
    assert new_runs(found) == [(1, "601")]
    flags = [one.after["flag"] for one in found if one.table == "Order" and one.after]
    said = f"Provider names “{theirs}” a post, which is another order's."
    assert any(flag.startswith(said) for flag in flags)


def test_no_money_comes_back_while_posts_of_others_are_on_its_list(
    house: House, answered: Round
) -> None:
    """Whether they are, or what of them is, its own: a person decides."""
    ended = {"60": posted("501", word="Canceled"), **dict.fromkeys(OTHERS, CANCELED)}
    found = moved(answered("poll", says(ended)))
    (order,) = [one.after for one in found if one.after]
    assert (order["id"], order["refund_unknown"]) == (house.subscribed["60"].pk, True)


def test_a_subscription_is_settled_by_its_own_posts_alone(house: House, answered: Round) -> None:
    ended = {"50": posted("501", "502", word="Expired"), **dict.fromkeys(OTHERS, CANCELED)}
    assert moved(answered("poll", says(ended))) == []
    settled = moved(answered("poll", says(ended | {"502": CANCELED})))
    order = house.subscribed["50"]
    assert {one.pk for one in settled if one.table == "Order"} == {order.pk}
    (back,) = [one.after for one in settled if one.table == "Transfer" and one.after]
    assert back["amount"] == round_up(order.price * (600 - 150) / 600)


@pytest.mark.parametrize("word", ["Active", "Paused", "Odd", "Failed", "Pending"])
def test_no_word_but_an_end_moves_its_money(answered: Round, word: str) -> None:
    """Though every post has ended, and the only one in vain."""
    told = {"50": posted("501", "502", word=word), "502": CANCELED, "60": posted(word=word)}
    assert "Transfer" not in {one.table for one in answered("poll", says(told))}


# ── Requests ─────────────────────────────────────────────────────────────────────────────────


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
