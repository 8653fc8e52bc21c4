"""Catalogs, row by row."""

from decimal import Decimal
from hashlib import sha256

import pytest

from orders.upstream import decoding, documents
from orders.upstream.client import Client
from orders.upstream.errors import Unreadable
from orders.upstream.replies import CatalogReply, Digests, OfferRow
from tests.upstream import conftest
from tests.upstream.conftest import Play
from tests.upstream.recordings import KEY, Recording, names

FOLLOWERS = OfferRow(
    "1", "Followers", "Default", "First Category", Decimal("0.90"), 50, 10000,
    True, True, None, "", "", None,
)  # fmt: skip
COMMENTS = OfferRow(
    "2", "Comments", "Custom Comments", "Second Category", Decimal(8), 10, 1500,
    False, True, None, "", "", None,
)  # fmt: skip
ROWS = {
    "reference": [FOLLOWERS, COMMENTS],
    "wrapped": [FOLLOWERS, COMMENTS],
    "wrapped_object": [FOLLOWERS, COMMENTS],
    "keyed_by_number": [FOLLOWERS, COMMENTS],
    "numbers": [
        FOLLOWERS._replace(rate=Decimal("0.9000000001"), cancel=False, dripfeed=True)
    ],
    "extra_keys": [
        FOLLOWERS._replace(
            description="Starts in an hour",
            dripfeed=True,
            average_time="1 hour 12 minutes",
            refill_days=30,
        ),
        COMMENTS._replace(description="Real people"),
    ],
    "flags_absent": [FOLLOWERS._replace(refill=None, cancel=None)],
    "package_without_limits": [FOLLOWERS._replace(type="Package", min=0, max=0)],
    "rate_scientific": [
        FOLLOWERS._replace(
            name="Views", category="A", rate=Decimal("0.0005"), min=1, max=1000000,
            refill=None, cancel=None,
        )
    ],
    "php_noise": [FOLLOWERS],
    "byte_order_mark": [FOLLOWERS],
    "empty_list": [],
    "empty_object": [],
    "empty_wrapped": [],
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_catalog_is_read_in_every_shape(play: Play, name: str) -> None:
    reply = play(f"services/{name}").services()
    assert reply.rows == ROWS[name]
    assert reply.bad_rows == []


def test_no_recording_is_forgotten() -> None:
    others = {"bad_rows", "control_characters", "latin_1", "a_sentence", "beyond_decimal"}
    assert {f"services/{name}" for name in others | ROWS.keys()} == set(names("services"))


def test_a_bad_row_is_set_aside_and_spoils_no_other(play: Play) -> None:
    reply = play("services/bad_rows").services()
    assert reply.rows
    assert [row.upstream_id for row in reply.rows] == ["1", "12"]
    assert [(bad.index, bad.why) for bad in reply.bad_rows] == [
        *((index, "rate is not an amount") for index in range(1, 6)),
        (6, "no service number"),
        (7, "no name"),
        (8, "min is not a number"),
        (9, "not an object"),
        (10, "not an object"),
        (11, "its number came before"),
    ]
    assert "Infinite" in reply.bad_rows[1].excerpt


def test_figures_that_no_arithmetic_holds_spoil_their_row_only(play: Play) -> None:
    reply = play("services/beyond_decimal").services()
    assert reply.rows == [FOLLOWERS]
    assert [bad.why for bad in reply.bad_rows] == ["min is not a number", "no service number"]


@pytest.mark.parametrize("value", [b"[]", b"1.5", b'"a"'])
def test_a_catalog_of_too_many_values_is_not_decoded(
    play: Play, monkeypatch: pytest.MonkeyPatch, value: bytes
) -> None:
    monkeypatch.setattr(decoding, "MOST_VALUES", 1000)
    monkeypatch.setattr(documents, "strict", None)  # nobody comes so far
    with pytest.raises(Unreadable) as caught:
        _of(play, monkeypatch, b"[" + b",".join([value] * 1100) + b"]").services()
    assert caught.value.reason == "too_large"


def test_a_catalog_of_too_many_rows_is_refused(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_ROWS", 10)
    for body in (
        b"[" + b",".join([b"1"] * 11) + b"]",
        b"{%s}" % b",".join(b'"%d":{}' % number for number in range(11)),
    ):
        with pytest.raises(Unreadable) as caught:
            _of(play, monkeypatch, body).services()
        assert caught.value.reason == "too_large"


def test_text_that_a_database_refuses_is_cleaned(play: Play) -> None:
    [row] = play("services/control_characters").services().rows or []
    assert row.name == "Tab\there"
    assert row.description == "cut emoji ?"


def test_a_catalog_in_another_charset_is_readable(play: Play) -> None:
    [row] = play("services/latin_1").services().rows or []
    assert row.upstream_id == "1"
    assert row.name == "Be�eni"


def test_a_catalog_that_is_a_sentence_is_unreadable(play: Play) -> None:
    with pytest.raises(Unreadable):
        play("services/a_sentence").services()


def test_the_same_bytes_are_not_decoded_again(play: Play) -> None:
    client = play("services/reference")
    first = client.services()
    assert not first.unchanged
    assert client.services(first.digests) == CatalogReply(None, [], first.digests)
    assert client.services(first.digests).unchanged
    other = Digests("0" * 64, "0" * 64)
    assert client.services(other).rows == first.rows


ONE, TWO = (
    b'{"service": 1, "name": "Be\xc4\x9feni", "rate": 0.90}',
    b'{"service": "2", "name": "B"}',
)
LISTED = b"[%s, %s]" % (ONE, TWO)


@pytest.mark.parametrize(
    "body",
    [
        b"[%s, %s]" % (TWO, ONE),
        b"\n[%s,%s]\n" % (ONE, TWO.replace(b" ", b"")),
        b'[{"rate": 0.90, "name": "Be\\u011feni", "service": 1}, %s]' % TWO,
        b'{"services": [%s, %s]}' % (TWO, ONE),
    ],
    ids=["rows", "blanks", "keys and escapes", "wrapped"],
)
def test_other_bytes_that_say_the_same_are_not_read(
    play: Play, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    first = _of(play, monkeypatch, LISTED).services()
    client = _of(play, monkeypatch, body)

    again = client.services(first.digests)

    assert again.unchanged
    assert again.digests.body == sha256(body).hexdigest() != first.digests.body
    assert again.digests.content == first.digests.content
    assert client.services(again.digests) == again, "its bytes are the known ones now"


@pytest.mark.parametrize(
    "body",
    [
        LISTED.replace(b"0.90", b"0.91"),
        LISTED.replace(b'"2"', b"2"),
        LISTED.replace(b'"B"}', b'"B", "refill": null}'),
        b"[%s, %s, %s]" % (ONE, TWO, TWO),
        b"[%s]" % ONE,
    ],
)
def test_what_says_something_else_is_read(
    play: Play, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    first = _of(play, monkeypatch, LISTED).services()
    assert _of(play, monkeypatch, body).services(first.digests).rows


def test_what_has_no_digest_of_its_content_is_read_whenever_its_bytes_are_others(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = b'[{"service": 1, "name": "cut \\ud83d", "rate": 1}]'
    first = _of(play, monkeypatch, half).services()
    assert first.digests.content == ""
    assert _of(play, monkeypatch, half + b" ").services(first.digests).rows == first.rows


def test_an_excerpt_does_not_hold_the_key(serve_bad_row: Play) -> None:
    [bad] = serve_bad_row("").services().bad_rows
    assert KEY not in bad.excerpt


@pytest.fixture
def serve_bad_row(play: Play, monkeypatch: pytest.MonkeyPatch) -> Play:
    row = f'[{{"service": 1, "note": "your key is {KEY}"}}]'.encode()
    return lambda name: _of(play, monkeypatch, row)


def _of(play: Play, monkeypatch: pytest.MonkeyPatch, body: bytes) -> Client:
    """A client whose provider answers so."""
    monkeypatch.setattr(conftest, "recording", lambda name: Recording("HTTP/1.1 200 OK", body))
    return play("")


def test_a_service_that_stands_twice_is_read_in_whatever_order(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first row of a service counts, so that the order of two is a price."""
    dearer = ONE.replace(b"0.90", b"1.90")
    first = _of(play, monkeypatch, b"[%s, %s]" % (ONE, dearer)).services()
    again = _of(play, monkeypatch, b"[%s, %s]" % (dearer, ONE)).services(first.digests)
    assert again.rows is not None and again.rows[-1].rate == Decimal("1.90")
