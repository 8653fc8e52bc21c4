"""Refills and cancellations: what was granted, what was not, and what nobody knows."""

import pytest

from orders.upstream.errors import AnswerUnknown, Refused
from orders.upstream.replies import CancelReply, ItemError, RefillReply
from tests.upstream.conftest import Play
from tests.upstream.recordings import names

REFILL_ONE = {
    "reference": RefillReply("1"),
    "number": RefillReply("1"),
    "opaque": RefillReply("rf_77"),
    "nested_error": ItemError("Refill days are over"),
    "status_ok": RefillReply(""),
    "keyed_by_id": RefillReply("1"),
    "list_of_one": RefillReply("1"),
    "top_level_error": ItemError(
        "The order was completed or refill was requested less than 24 hours ago"
    ),
    "disabled": ItemError("Refill is disabled for this service"),
}
REFILL_ONE_FAILS = {
    "bad_key": "error",
    "try_again": "generic_error",
    "zero": "no_answer",
    "html_502": "html",
    "another_id": "no_answer",
}
DISABLED = ItemError("Refill is disabled for this service")
REFILL_MANY = {
    "reference": {
        "1": RefillReply("1"),
        "2": RefillReply("2"),
        "3": ItemError("Incorrect order ID"),
    },
    "sibling_error": {"1": RefillReply("1"), "2": DISABLED},
    "keyed_by_id": {
        "1": RefillReply("1"),
        "2": ItemError("Refill days are over"),
        "3": ItemError("Incorrect order ID"),
    },
}
REQUESTED = ItemError("Cancel already requested")
NOT_NOW = ItemError("Order can't be canceled")
CANCEL = {
    "reference": {"9": ItemError("Incorrect order ID"), "2": CancelReply("1")},
    "request_id": {"9": CancelReply("cr_5"), "2": CancelReply("5501")},
    "keyed_by_id": {"9": CancelReply("1"), "2": REQUESTED},
    "all_failed": {"9": NOT_NOW, "2": REQUESTED},
    "true": {"9": CancelReply(""), "2": CancelReply("")},
    "one_missing": {"9": CancelReply("1")},
    "top_level_order_error": {"9": NOT_NOW, "2": NOT_NOW},
}


def test_no_recording_is_forgotten() -> None:
    def under(folder: str) -> set[str]:
        return {name.rpartition("/")[2] for name in names(folder)}

    assert REFILL_ONE.keys() | REFILL_ONE_FAILS.keys() == under("refill/one")
    assert REFILL_MANY.keys() | {"nothing"} == under("refill/many")
    assert CANCEL.keys() | {"nothing", "unknown_action", "another_id"} == under("cancel")


@pytest.mark.parametrize("name", REFILL_ONE)
def test_one_refill_is_read_in_every_shape(play: Play, soon: float, name: str) -> None:
    assert play(f"refill/one/{name}").refill("7", send_before=soon) == REFILL_ONE[name]


@pytest.mark.parametrize("name", REFILL_ONE_FAILS)
def test_a_refill_without_an_answer_is_refused_or_unknown(
    play: Play, soon: float, name: str
) -> None:
    with pytest.raises((Refused, AnswerUnknown)) as caught:
        play(f"refill/one/{name}").refill("7", send_before=soon)
    assert caught.value.reason == REFILL_ONE_FAILS[name]


@pytest.mark.parametrize("name", REFILL_MANY)
def test_many_refills_are_read_in_every_shape(play: Play, soon: float, name: str) -> None:
    replies = play(f"refill/many/{name}").refills(["1", "2", "3"], send_before=soon)
    assert replies == REFILL_MANY[name]


@pytest.mark.parametrize("name", CANCEL)
def test_cancellations_are_read_in_every_shape(play: Play, soon: float, name: str) -> None:
    assert play(f"cancel/{name}").cancel(["9", "2"], send_before=soon) == CANCEL[name]


@pytest.mark.parametrize("name", ["refill/many/nothing", "cancel/nothing"])
def test_an_answer_about_nobody_is_unknown(play: Play, soon: float, name: str) -> None:
    client = play(name)
    send = client.refills if name.startswith("refill") else client.cancel
    with pytest.raises(AnswerUnknown) as caught:
        send(["1", "2"], send_before=soon)
    assert caught.value.reason == "no_answer"


def test_what_names_another_order_says_nothing_of_ours(play: Play, soon: float) -> None:
    with pytest.raises(AnswerUnknown) as caught:
        play("cancel/another_id").cancel(["9"], send_before=soon)
    assert caught.value.reason == "no_answer"


def test_a_provider_without_cancel_refuses_the_request(play: Play, soon: float) -> None:
    with pytest.raises(Refused) as caught:
        play("cancel/unknown_action").cancel(["9"], send_before=soon)
    assert caught.value.family == "request"


def test_nothing_is_sent_for_no_ids(play: Play, soon: float) -> None:
    client = play("cancel/nothing")
    assert client.cancel([], send_before=soon) == {}
    assert client.refills([], send_before=soon) == {}
