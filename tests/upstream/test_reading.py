"""Every shape in which reading actions were seen to answer."""

from decimal import Decimal

import pytest

from orders.upstream import client as client_module
from orders.upstream import decoding
from orders.upstream.decoding import statuses_at_once
from orders.upstream.errors import ReadFailed, Unreadable
from orders.upstream.replies import (
    BalanceReply,
    ItemError,
    RefillStatusReply,
    StatusReply,
    order_status_word,
)
from tests.upstream.conftest import Play
from tests.upstream.recordings import names, recording

PARTIAL = StatusReply("Partial", Decimal("0.27819"), "USD", 3572, 157)
RUNNING = StatusReply("In progress", Decimal("1.44219"), "USD", 234, 10)
UNCHARGED = StatusReply("Partial", None, "USD", 3572, 157)
WRONG = ItemError("Incorrect order ID")

ONE = {
    "reference": PARTIAL,
    "numbers": StatusReply("In progress", Decimal("0.27819"), "USD", 3572, 157),
    "nulls": StatusReply("Pending", None, "USD"),
    "empty_counts": StatusReply("Pending", Decimal(0), "USD"),
    "unknown_counts": StatusReply("Processing", Decimal("0.27819"), "USD", remains_raw="Unknown"),
    "over_delivered": StatusReply("Completed", Decimal("0.27819"), "USD", 3572, -12),
    "drip_feed_parent": StatusReply(
        "In progress", Decimal("1.2"), "USD", runs=4, orders=("11", "12", "ord_13")
    ),
    "subscription": StatusReply("Active", orders=("21", "22"), posts=10, expiry="24/12/2026"),
    "list_of_one": PARTIAL,
    "keyed_by_id": PARTIAL,
    "unreadable_charge": StatusReply("Completed", None, "USD", 1, 0),
    "absurd_charge": StatusReply("Completed", None, "USD", 1, 0),
    "incorrect_order_id": WRONG,
    "not_found_404": ItemError("Order not found"),
    "json_null": ItemError("Nothing was said about it"),
    "php_noise": PARTIAL,
}
NOT_ONE = {"another_id"}
USUAL = {"1": PARTIAL, "10": WRONG, "100": RUNNING}
MANY = {
    "reference": USUAL,
    "all_well": {"1": PARTIAL, "10": PARTIAL, "100": RUNNING},
    "bare_string_error": USUAL,
    "id_missing": {"1": PARTIAL, "100": RUNNING},
    "null_item": {"1": PARTIAL, "100": RUNNING},
    "list_in_order": USUAL,
    "list_with_ids": USUAL,
    "nothing": {},
    "strays": USUAL,
    "mixed_kinds": {
        "1": StatusReply("Active", orders=("21",), posts=10, expiry="24/12/2026"),
        "10": StatusReply("In progress", runs=3, orders=("11",)),
        "100": StatusReply("completed", Decimal("0.5"), "USD", None, 0),
    },
    "figures_out_of_range": dict.fromkeys(["1", "10", "100"], UNCHARGED),
    "nan_among_usual": {"1": UNCHARGED, "10": PARTIAL},
    "beyond_decimal": {
        "1": StatusReply("Partial", Decimal("0.27819"), "USD", 3572, remains_raw="1E+9999999"),
        "10": StatusReply("Partial", None, "USD", None, 157),
    },
    "grouped_charge": {"1": UNCHARGED, "10": UNCHARGED},
    "nul_in_words": {"1": PARTIAL},
    "error_beside_status": {"1": WRONG, "10": PARTIAL},
    "said_twice": {"10": StatusReply("Pending")},
    "one_bad_figure": {
        "1": PARTIAL,
        "10": StatusReply("Partial", None, "USD", 3572, None, remains_raw="n/a"),
        "100": RUNNING,
    },
}


def test_no_recording_is_forgotten() -> None:
    assert {f"status/one/{name}" for name in ONE.keys() | NOT_ONE} == set(names("status/one"))
    assert {f"status/many/{name}" for name in MANY} | {"status/many/error_for_all"} == set(
        names("status/many")
    )


@pytest.mark.parametrize("name", ONE)
def test_one_status_is_read_in_every_shape(play: Play, name: str) -> None:
    assert play(f"status/one/{name}").status("7") == ONE[name]


def test_what_names_another_order_is_not_taken_for_the_one_asked_for(play: Play) -> None:
    with pytest.raises(Unreadable, match="no_answer"):
        play("status/one/another_id").status("7")
    with pytest.raises(Unreadable, match="no_answer"):
        play("status/one/another_id").statuses(["7"])
    assert play("status/one/another_id").status("23501") == StatusReply(
        "Canceled", Decimal("1.20"), "USD", 10, 0
    )


@pytest.mark.parametrize("name", MANY)
def test_many_statuses_are_read_in_every_shape(play: Play, name: str) -> None:
    assert play(f"status/many/{name}").statuses(["1", "10", "100"]) == MANY[name]


def test_an_error_instead_of_many_statuses_is_a_failed_request(play: Play) -> None:
    client = play("status/many/error_for_all")
    with pytest.raises(ReadFailed) as caught:
        client.statuses(["1", "10"])
    assert (caught.value.reason, caught.value.family) == ("error", None)
    assert client.statuses(["1"]) == {"1": WRONG}


def test_the_usual_answer_is_decoded_in_one_go() -> None:
    body = recording("status/many/all_well").body
    assert statuses_at_once(body, ["1", "10", "100"]) == MANY["all_well"]
    assert statuses_at_once(recording("status/many/reference").body, ["1", "10"]) is None


def test_a_mistake_of_ours_is_an_answer_that_cannot_be_read(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer may end the job that asked for it."""

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    for name in ("by_id", "catalog_items"):
        monkeypatch.setattr(decoding, name, broken)
    monkeypatch.setattr(client_module, "_balance", broken)
    client = play("status/one/reference")
    for ask in (client.services, client.balance, lambda: client.refill_statuses(["1"])):
        with pytest.raises(Unreadable) as caught:
            ask()
        assert caught.value.reason == "internal"


def test_more_ids_than_a_batch_holds_are_a_mistake_of_ours(play: Play) -> None:
    with pytest.raises(ValueError, match="at most 100"):
        play("status/many/nothing").statuses([str(number) for number in range(101)])


BALANCES = {
    "reference": BalanceReply(Decimal("100.84292"), "USD"),
    "number": BalanceReply(Decimal("100.8429200001"), "USD"),
    "negative": BalanceReply(Decimal("-3.5"), "EUR"),
    "without_currency": BalanceReply(Decimal(7), ""),
}


@pytest.mark.parametrize("name", BALANCES)
def test_a_balance_is_exact(play: Play, name: str) -> None:
    reply = play(f"balance/{name}").balance()
    assert reply == BALANCES[name]
    assert str(reply.amount) == str(BALANCES[name].amount)


@pytest.mark.parametrize("name", sorted({n[8:] for n in names("balance")} - BALANCES.keys()))
def test_a_balance_that_is_no_amount_is_unreadable(play: Play, name: str) -> None:
    with pytest.raises(Unreadable):
        play(f"balance/{name}").balance()


REFILL_ONE = {
    "reference": RefillStatusReply("Completed"),
    "list_of_one": RefillStatusReply("In progress"),
    "keyed_by_id": RefillStatusReply("Rejected"),
    "json_null": ItemError("Nothing was said about it"),
    "nested_error": ItemError("Refill not found"),
    "sibling_error": ItemError("Refill not found"),
    "incorrect_id": ItemError("Incorrect refill ID"),
}
REFILL_MANY = {
    "reference": {
        "1": RefillStatusReply("Completed"),
        "2": RefillStatusReply("Rejected"),
        "3": ItemError("Refill not found"),
    },
    "keyed_by_id": {
        "1": RefillStatusReply("Completed"),
        "2": RefillStatusReply("Rejected"),
        "3": ItemError("Refill not found"),
    },
    "sibling_error": {"1": RefillStatusReply("Pending"), "2": ItemError("Refill not found")},
}


@pytest.mark.parametrize("name", names("refill_status/one"))
def test_one_refill_status_is_read_in_every_shape(play: Play, name: str) -> None:
    assert play(name).refill_status("5") == REFILL_ONE[name.rpartition("/")[2]]


@pytest.mark.parametrize("name", names("refill_status/many"))
def test_many_refill_statuses_are_read_in_every_shape(play: Play, name: str) -> None:
    expected = REFILL_MANY[name.rpartition("/")[2]]
    assert play(name).refill_statuses(["1", "2", "3"]) == expected


FAILURES = {
    "bad_key": ("error", "key"),
    "bad_key_401": ("error", "key"),
    "rate_limit_with_200": ("error", "rate_limit"),
    "rate_limit_429": ("error", "rate_limit"),
    "unknown_error": ("error", None),
    "html_502": ("html", None),
    "html_200": ("html", None),
    "empty": ("empty", None),
    "redirect": ("redirect", None),
    "json_500": ("server_error", None),
    "words": ("noise", None),
    "message_only": ("no_answer", None),
}


@pytest.mark.parametrize("name", names("reading"))
def test_a_failed_reading_says_why(play: Play, name: str) -> None:
    reason, family = FAILURES[name.rpartition("/")[2]]
    with pytest.raises(ReadFailed) as caught:
        play(name).statuses(["1", "2"])
    assert (caught.value.reason, caught.value.family) == (reason, family)
    assert caught.value.exchange


@pytest.mark.parametrize("name", names("reading"))
def test_no_other_reading_action_takes_it_for_an_answer(play: Play, name: str) -> None:
    client = play(name)
    for ask in (client.balance, client.services, lambda: client.refill_statuses(["1", "2"])):
        with pytest.raises(ReadFailed):
            ask()


def test_status_words_have_one_spelling() -> None:
    for text in ("In progress", "IN_PROGRESS", " in-progress ", "In  Progress"):
        assert order_status_word(text) == "in_progress"
