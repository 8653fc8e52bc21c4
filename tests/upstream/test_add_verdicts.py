"""Was the order created? One recording for each answer that `add` was seen to bring."""

from decimal import Decimal

import pytest

from orders.enums import RefusalFamily
from orders.upstream.errors import AnswerUnknown, Refused
from orders.upstream.refusals import refusal_family
from tests.upstream.conftest import Play
from tests.upstream.recordings import KEY, names

ORDER = {"service": "1", "link": "https://example.com/a", "quantity": "100"}
CREATED = dict.fromkeys(names("add", deep=False), "23501") | {
    "add/order_id_opaque": "ord_01HG9",
    "add/order_id_hex": "65f1c0ffee",
    "add/order_id_large": "9007199254740993123",
}


@pytest.mark.parametrize("name", CREATED)
def test_an_order_id_means_created_whatever_stands_beside_it(
    play: Play, soon: float, name: str
) -> None:
    added = play(name).add(ORDER, send_before=soon)
    assert added.upstream_id == CREATED[name]
    assert added.exchange.written
    assert added.exchange.http_status


@pytest.mark.parametrize("name", names("add/refused"))
def test_an_error_in_known_words_is_a_refusal_of_its_family(
    play: Play, soon: float, name: str
) -> None:
    with pytest.raises(Refused) as caught:
        play(name).add(ORDER, send_before=soon)
    assert caught.value.family == name.split("/")[2]
    assert caught.value.text
    assert KEY not in caught.value.text


@pytest.mark.parametrize("name", names("add/unknown"))
def test_anything_else_is_unknown(play: Play, soon: float, name: str) -> None:
    with pytest.raises(AnswerUnknown) as caught:
        play(name).add(ORDER, send_before=soon)
    assert caught.value.reason == name.split("/")[2]
    assert caught.value.exchange
    assert caught.value.exchange.written


def test_every_family_has_a_recording() -> None:
    assert {name.split("/")[2] for name in names("add/refused")} == set(RefusalFamily)


def test_the_charge_beside_an_order_is_read_exactly(play: Play, soon: float) -> None:
    added = play("add/with_extras").add(ORDER, send_before=soon)
    assert (added.charge, added.currency) == (Decimal("0.27819"), "USD")
    added = play("add/charge_as_number").add(ORDER, send_before=soon)
    assert added.charge == Decimal("0.27819")


def test_the_evidence_is_what_came(play: Play, soon: float) -> None:
    with pytest.raises(AnswerUnknown) as caught:
        play("add/unknown/html/status_502").add(ORDER, send_before=soon)
    exchange = caught.value.exchange
    assert exchange
    assert exchange.http_status == 502
    assert exchange.body.startswith("<html>")
    assert exchange.body_bytes == len(exchange.body)
    assert exchange.elapsed_ms >= 0


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("INVALID API KEY!", "key"),
        ("Your API key is invalid", "key"),
        ("Geçersiz API anahtarı", "key"),
        ("Your account has been suspended.", "suspended"),
        ("Bakiyeniz yetersiz", "funds"),
        ("Not enough funds on balance. Please try again later", "funds"),
        ("The selected service is not active", "service"),
        ("Service ID does not exist", "service"),
        ("The link field is required.", "link"),
        ("The minimum is 100", "quantity"),
        ("Comments are required", "comments"),
        ("Order with this link already in progress", "duplicate"),
        ("Too many requests. Try again later.", "rate_limit"),
        ("Unknown action", "request"),
        ("Order can't be processed: invalid link", None),
        ("Something went wrong with the quantity", None),
        ("Service is under maintenance", None),
        ("Keyboard not found", None),
        ("", None),
    ],
)
def test_families_are_told_by_words(text: str, family: str | None) -> None:
    assert refusal_family(text) == family


def test_words_of_doubt_are_not_overruled_by_the_status() -> None:
    assert refusal_family("Internal error", 403) is None
    assert refusal_family("Request could not be processed", 422) is None
