"""Whatever a provider answers, only typed values and typed errors come out."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.upstream.account import Account
from orders.upstream.client import Client
from orders.upstream.errors import AnswerUnknown, ReadFailed, Refused
from orders.upstream.replies import Added, OfferRow, StatusReply
from orders.upstream.values import ID_CHARS, LARGEST_AMOUNT, LARGEST_COUNT
from orders.upstream.wire import Attempt, Wire

WORDS = [
    "order", "orders", "order_id", "Order", "refill", "cancel", "status", "error", "errors",
    "message", "charge", "remains", "start_count", "currency", "balance", "services", "service",
    "name", "type", "category", "rate", "min", "max", "refill_days", "runs", "1", "2", "id",
]  # fmt: skip
VALUES = [
    "1", "2", "0", "-1", "1e400", "NaN", "-Infinity", "1_000", "", " ", "null", "false",
    "Completed", "In progress", "Incorrect order ID", "Invalid API key", "try again later",
    "٣", "\0", "1" * 70,
]  # fmt: skip
ODD_BODIES = [
    b"[" * 100_000,
    b'{"order":' * 50_000,
    b'{"1":' + b"9" * 10_000 + b"}",
    b'{"balance": 1e99999999999999999999}',
    b'{"balance": NaN}',
    b'"\\ud800"',
    b"\xef\xbb\xbf",
]
scalars = (
    st.sampled_from(VALUES)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)
bodies = (
    documents.map(lambda document: json.dumps(document).encode())
    | documents.map(
        lambda document: json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    )
    | documents.map(lambda document: b"<b>Warning</b><br />\n" + json.dumps(document).encode())
    | st.binary(max_size=200)
    | st.integers(0, 6).map(lambda number: ODD_BODIES[number])
)
statuses = st.sampled_from([None, 200, 201, 204, 301, 400, 401, 403, 404, 405, 422, 429, 500, 502])
failures = st.sampled_from(["", "", "", "reset", "timeout", "too_large", "noise"])


class Played:
    """A transport that brings what it is told."""

    def __init__(self, status: int | None, body: bytes, failure: str):
        self._answer = (status, body, failure)

    def read(self, form: bytes, attempt: Any, max_bytes: int) -> Wire:
        return Wire(True, *self._answer, 5)

    def send_once(self, form: bytes, attempt: Attempt, max_bytes: int) -> Wire:
        attempt.written = True
        return self.read(form, None, max_bytes)


def client_of(status: int | None, body: bytes, failure: str) -> Client:
    client = Client(Account("http://127.0.0.1:9/", "k3y"))
    client._line._transport = Played(status, body, failure)  # type: ignore[assignment]
    return client


READING: dict[str, Callable[[Client], Any]] = {
    "services": lambda client: client.services().rows,
    "balance": lambda client: client.balance(),
    "status": lambda client: client.status("1"),
    "statuses": lambda client: client.statuses(["1", "2"]),
    "refill_status": lambda client: client.refill_status("1"),
    "refill_statuses": lambda client: client.refill_statuses(["1", "2"]),
}
SENDING: dict[str, Callable[[Client], Any]] = {
    "add": lambda client: client.add({"service": "1"}, send_before=float("inf")),
    "refill": lambda client: client.refill("1", send_before=float("inf")),
    "refills": lambda client: client.refills(["1", "2"], send_before=float("inf")),
    "cancel": lambda client: client.cancel(["1", "2"], send_before=float("inf")),
}


@pytest.mark.parametrize("action", READING)
@settings(max_examples=150, deadline=None)
@given(status=statuses, body=bodies, failure=failures)
def test_reading_brings_values_or_read_failed(
    action: str, status: int | None, body: bytes, failure: str
) -> None:
    try:
        found = READING[action](client_of(status, body, failure))
    except ReadFailed:
        return
    for value in values_in(found):
        check_value(value)


@pytest.mark.parametrize("action", SENDING)
@settings(max_examples=150, deadline=None)
@given(status=statuses, body=bodies, failure=failures)
def test_sending_brings_an_answer_or_one_of_three_errors(
    action: str, status: int | None, body: bytes, failure: str
) -> None:
    try:
        found = SENDING[action](client_of(status, body, failure))
    except (Refused, AnswerUnknown) as error:
        if error.reason == "internal":
            raise
        return
    assert found
    if isinstance(found, Added):
        assert 0 < len(found.upstream_id) <= ID_CHARS
        assert found.upstream_id.isascii()
    for value in values_in(found):
        check_value(value)


def values_in(found: Any) -> list[Any]:
    """Everything inside, flat."""
    if isinstance(found, StatusReply):
        found = [getattr(found, name) for name in found.__struct_fields__]
    if hasattr(found, "__dataclass_fields__"):
        found = list(vars(found).values())
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list | tuple | OfferRow):
        return [value for inner in found for value in values_in(inner)]
    return [found]


def check_value(value: Any) -> None:
    """Whether a database can hold it."""
    if isinstance(value, Decimal):
        assert value.is_finite()
        assert abs(value) < LARGEST_AMOUNT
    elif isinstance(value, str):
        assert "\0" not in value
        value.encode()
    elif isinstance(value, int):
        assert abs(value) <= LARGEST_COUNT
    else:
        assert value is None
