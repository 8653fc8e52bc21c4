"""Answers gone wrong: good ones with values replaced, renamed, doubled, dropped; and noise.

Numbers that JSON has no word for and documents too deep for a printer are `Raw`: text that goes
out as it stands.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.hostile.house import ASKED, FED, SUBSCRIBED, TAKEN, House
from tests.support.factories import KEY

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'


@dataclass(frozen=True)
class Raw:
    """Text that stands for a value as it is."""

    text: str


RAW = [
    Raw(text)
    for text in (
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "1e9999999",
        "-1e9999999",
        "1e-9999999",
        "1e99999999999999999999",
        "-0",
        "-0.0",
        str(2**31),
        str(2**63 - 1),
        str(2**63),
        str(2**70),
        "9" * 5_000,
        "0." + "3" * 5_000,
        "[" * 200 + "]" * 200,
        '{"a":' * 900 + "1" + "}" * 900,
        "[" * 10_000 + "]" * 10_000,
        r'"\ud800"',
        r'"Completed\u0000"',
        "undefined",
        "",
    )
]
FIGURES = [
    "1_000",
    "٣",
    "１２",
    "1e3",
    "-1",
    "1,5",
    "0x10",
    "1e400",
    "NaN",
    "sNaN",
    "-0",
    " 7 ",
    "+1",
]
WORDS = ["Canceled", "Partial", "Completed", "Pending", "Failed", "error", "null", "ok", "Rejected",
         "Active", "Paused", "Expired"]  # fmt: skip
TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "a\u202eb",
    SCRIPT,
    IMAGE,
    "{{ 7|add:7 }}{% now 'Y' %}",
    "'; DROP TABLE orders_order; --",
    KEY,
    "x" * 70,
    "é" * 501,
    "m" * 1_000_000,
]
SMALL: list[Any] = [None, True, False, 0, -1, 1, 7, 10**15 - 1, 10**15, [], {}, [[]], {"": {}}]
IDS = [*ASKED, *FED, *SUBSCRIBED, "201", "501", TAKEN, "2", "3", "23501", 23501, 7, 555, "-1",
       "1,10", "1 "]  # fmt: skip

values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(RAW),
    st.sampled_from(FIGURES),
    st.sampled_from(WORDS),
    st.sampled_from(TEXTS),
    st.sampled_from(SMALL),
    st.sampled_from(IDS),
    st.text(max_size=12),
    st.integers(),
    st.just({"error": "Incorrect order ID"}),
    st.just({"error": {"message": [SCRIPT, {"a": IMAGE}]}}),
)
names = st.sampled_from(
    ["order", "Order", "ORDER_ID", "id", "status", "error", "errors", "message", "refill",
     "cancel", "charge", "remains", "runs", "posts", "orders", "currency", "balance", "services",
     "data", "", "k" * 100_000, *ASKED]
)  # fmt: skip


# ── Good answers ─────────────────────────────────────────────────────────────────────────────


def good(house: House, action: str) -> Any:
    """What a sound provider would answer to this action, about the rows of this house."""
    if action == "services":
        return [_service(number) for number in ("1", "2", "3")] + [
            _service("4") | {"type": "Subscriptions"}
        ]
    if action == "balance":
        return {"balance": "100.84292", "currency": "USD"}
    if action == "add":
        return {"order": 23501, "charge": "1.00", "currency": "USD"}
    if action == "refill":
        return [{"order": row.order.upstream_id, "refill": row.pk} for row in house.to_refill]
    if action == "refill_status":
        return [{"refill": row.upstream_id, "status": "Completed"} for row in house.refilled]
    if action == "cancel":
        return [{"order": row.order.upstream_id, "cancel": 1} for row in house.to_cancel]
    held = [*FED.values(), *SUBSCRIBED.values()]
    runs = [number for known in held for number in known]
    families = {number: _family(known) for number, known in FED.items()}
    families |= {number: _subscription(known) for number, known in SUBSCRIBED.items()}
    return {number: _report() for number in (*ASKED, *runs)} | families


def _service(number: str) -> dict[str, Any]:
    return {
        "service": number,
        "name": f"Followers {number}",
        "type": "Default",
        "category": "First Category",
        "rate": "0.90",
        "min": "50",
        "max": "10000",
        "refill": True,
        "cancel": True,
        "description": "From everywhere",
        "average_time": "1 hour",
        "refill_days": 30,
    }


def _report() -> dict[str, Any]:
    return {
        "charge": "0.9",
        "start_count": "3572",
        "status": "Partial",
        "remains": "157",
        "currency": "USD",
    }


def _family(known: tuple[str, ...]) -> dict[str, Any]:
    """One run more than is known; the whole has ended."""
    told = [*known, f"9{len(known)}"]
    return {"status": "Completed", "runs": "3", "orders": told, "charge": "0.9", "currency": "USD"}


def _subscription(known: tuple[str, ...]) -> dict[str, Any]:
    """Ended, with the posts that are known."""
    return {"status": "Expired", "posts": "3", "orders": list(known), "expiry": "2030-01-01"}


# ── What is done to them ─────────────────────────────────────────────────────────────────────

Path = tuple[Any, ...]


def paths(document: Any, here: Path = ()) -> list[Path]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        inner = list(document.items())
    elif isinstance(document, list):
        inner = list(enumerate(document))
    return [here, *(path for key, value in inner for path in paths(value, (*here, key)))]


def value_at(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def changed_at(document: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """The document with the value at that path changed."""
    if not path:
        return change(document)
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = changed_at(copy[path[0]], path[1:], change)
    return copy


@st.composite
def _spoiled(draw: st.DrawFn, document: Any) -> Any:
    """One thing wrong with a document."""
    path = draw(st.sampled_from(paths(document)))
    act = draw(st.sampled_from(["put", "put", "put", "add", "rename", "drop", "double", "wrap"]))
    value, name = draw(values), draw(names)

    def change(found: Any) -> Any:
        if act == "put":
            return value
        if act == "wrap":
            return draw(st.sampled_from([[found], [found, found], {"data": found}, {name: found}]))
        if isinstance(found, list):
            return {"drop": found[:-1], "double": found + found}.get(act, [*found, value])
        if isinstance(found, dict) and found:
            key = draw(st.sampled_from(list(found)))
            rest = {each: kept for each, kept in found.items() if each != key}
            if act == "drop":
                return rest
            if act == "rename":
                return {**rest, name: found[key]}
            return {**found, name: value if act == "add" else found[key]}
        return value

    return changed_at(document, path, change)


@st.composite
def spoiled(draw: st.DrawFn, document: Any) -> bytes:
    """A good answer with up to four things wrong, as bytes."""
    for _ in range(draw(st.integers(1, 4))):
        document = draw(_spoiled(document))
    body = dumps(document).encode(errors="surrogatepass")
    edge = draw(st.sampled_from([b"", b"", b"", b"\xef\xbb\xbf", b"<b>Warning</b><br />\n", b"\0"]))
    cut = draw(st.sampled_from([None, None, None, None, -1, len(body) // 2]))
    return edge + body[:cut]


noise = st.one_of(
    st.binary(max_size=300),
    st.sampled_from(
        [
            b"",
            b"null",
            b"[" * 100_000,
            b'{"1":' * 100_000,
            b"<html>" + SCRIPT.encode() + b"</html>",
            b"\xff\xfe\x00\x01",
            b'"' + b"a" * 1_000_000 + b'"',
            b"9" * 1_000_000,
            b'{"error": "' + SCRIPT.encode() + b'"}',
            b'{"error": "Not enough funds' + IMAGE.replace('"', "'").encode() + b'"}',
            b'{"error": "Incorrect service ID \\u0000"}',
            b'{"error": "Incorrect order ID ' + b"e" * 5000 + b'"}',
            b'{"error": {"error": {"error": {"error": 1e9999999}}}}',
            b'{"error": "Invalid API key ' + KEY.encode() + b'"}',
        ]
    ),
)
heads = st.sampled_from(
    ["200 OK"] * 8
    + ["201 Created", "204 No Content", "302 Found", "401 No", "403 No", "404 No", "422 No"]
    + ["429 Slow", "500 Oops", "503 Away", "999 Odd", "200 " + "O" * 5000]
)


def dumps(value: Any) -> str:
    """JSON, with what is raw as it stands; any key may be any text."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))}:{dumps(inner)}" for key, inner in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value)
