"""From documents to typed values: every shape that was seen; one bad item spoils no other."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext_noop

from orders.enums import RefillStatus
from orders.kept_words import Sentence
from orders.upstream.replies import (
    BadRow,
    CancelReply,
    ItemError,
    OfferRow,
    RefillReply,
    RefillStatusReply,
    StatusReply,
    order_status_word,
)
from orders.upstream.values import (
    amount,
    error_text,
    flag,
    identifier,
    is_sane,
    pick,
    whole,
    words,
)

NOT_A_NUMBER = Sentence(gettext_noop("%(name)s is not a number"))

MOST_REFILL_DAYS = 3650
MOST_ROWS = 200_000
MOST_VALUES = 3_000_000
"""Values of a catalog: fewer than so many rows have with all that was ever seen of one."""

ORDER_NAMES = ("order", "orderid", "id")
REFILL_NAMES = ("refill", "refillid", "id")


class WrongShape(ValueError):
    """The document is not what the action should bring."""


# ── status ──────────────────────────────────────────────────────────────────────────────────────

_plain_statuses = msgspec.json.Decoder(dict[str, StatusReply], strict=False)
_GROUPED = re.compile(rb"_[0-9]")


def _is_plain(body: bytes) -> bool:
    """Whether nothing is in it that this decoder overlooks (an error beside a status) or takes
    where we do not: 1_000, digits of other scripts, NUL (which JSON can only hold escaped)."""
    if not body.isascii() or b"\\" in body:
        return False
    return b"error" not in body.lower() and not _GROUPED.search(body)


def statuses_at_once(body: bytes, ids: Sequence[str]) -> dict[str, StatusReply] | None:
    """The reference form, decoded in one go; None when anything in it needs a closer look."""
    if not _is_plain(body):
        return None
    try:
        got = _plain_statuses.decode(body)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    replies = {id: got[id] for id in ids if id in got}
    return replies if replies and all(map(_is_usual, replies.values())) else None


def _is_usual(reply: StatusReply) -> bool:
    return bool(
        reply.status.strip()
        and not (reply.remains_raw or reply.orders_unread)
        and (reply.charge is None or is_sane(reply.charge))
        and (not reply.orders or all(identifier(child) == child for child in reply.orders))
    )


def status_item(item: Any) -> StatusReply | ItemError | None:
    """One report. Raises nothing; None when nothing was said."""
    if not isinstance(item, dict):
        return _said(item)
    status = item.get("status")
    error = error_text(status) or error_text(item)
    if error:
        return ItemError(error)
    word = words(status, 60)
    return _report(word, item) if word else ItemError(gettext_noop("No status in the answer"))


def _report(status: str, item: Mapping[str, Any]) -> StatusReply:
    remains = whole(item.get("remains"))
    told = item.get("orders")
    children = _children(told) if isinstance(told, list) else None
    return StatusReply(
        status=status,
        charge=amount(item.get("charge")),
        currency=words(item.get("currency"), 10),
        start_count=whole(item.get("start_count")),
        remains=remains,
        remains_raw=words(item.get("remains"), 60) if remains is None else "",
        runs=whole(item.get("runs")),
        orders=children,
        posts=whole(item.get("posts")),
        expiry=words(item.get("expiry"), 40),
        orders_unread=bool(told) if children is None else len(children) < len(told or ()),
    )


def _children(found: list[Any]) -> tuple[str, ...]:
    return tuple(filter(None, map(identifier, found)))


# ── refill, cancel ──────────────────────────────────────────────────────────────────────────────


def refill_item(item: Any) -> RefillReply | ItemError | None:
    granted = _granted(item, "refill", "refillid")
    return RefillReply(granted) if isinstance(granted, str) else granted


def cancel_item(item: Any) -> CancelReply | ItemError | None:
    granted = _granted(item, "cancel", "cancelid")
    return CancelReply(granted) if isinstance(granted, str) else granted


def refill_status_item(item: Any) -> RefillStatusReply | ItemError | None:
    if not isinstance(item, dict):
        said = _said(item)
        word = order_status_word(said.text) if said else ""
        return RefillStatusReply(said.text[:60]) if said and word in _REFILL_WORDS else said
    status = item.get("status")
    error = error_text(status) or error_text(item)
    if error:
        return ItemError(error)
    word = words(status, 60)
    return RefillStatusReply(word) if word else None


_REFILL_WORDS = frozenset(RefillStatus) | {"cancelled", "error", "awaiting", "processing"}
_YES = frozenset({"ok", "success", "successful", "true", "1", "accepted", "pending"})


def _granted(item: Any, *names: str) -> str | ItemError | None:
    """The id under which a request was accepted, "" for accepted without one."""
    if not isinstance(item, dict):
        return identifier(item) or _said(item)
    value = pick(item, *names)
    found = identifier(pick(value, *names, "id") if isinstance(value, dict) else value)
    if found:
        return found
    error = error_text(value) or error_text(item)
    if error:
        return ItemError(error)
    yes = value is True or any(
        str(pick(item, name)).casefold() in _YES for name in ("status", "success")
    )
    return "" if yes else _said(value)


def _said(item: Any) -> ItemError | None:
    """A bare sentence in an item's place is an error."""
    text = words(item, 500) if isinstance(item, str) else ""
    return ItemError(text) if text else None


# ── which answer belongs to which id ────────────────────────────────────────────────────────────


def by_id(
    document: Any, ids: Sequence[str], names: Sequence[str], own: Sequence[str]
) -> dict[str, Any]:
    """The items of a multiple answer by the ids asked for; ids not answered are absent.

    An item names its id under one of `names`, and what it says under one of `own`. Seen: an
    object keyed by id, a list whose items name their id, a list in request order, one bare item
    where one was asked for, `[]` and null for nothing. What names another id is never taken for
    the one asked for, and what is said twice, differently, was not said. Raises `WrongShape` for
    anything else.
    """
    if isinstance(document, list):
        found = _from_list(document, ids, names)
    elif isinstance(document, dict):
        single = len(ids) == 1 and ids[0] not in document and pick(document, *own) is not None
        found = {_own_id(document, names) or ids[0]: document} if single else document
    elif document is None:
        found = {}
    else:
        raise WrongShape("noise")
    items = {id: found[id] for id in ids if found.get(id) is not None}
    if document and not items and not _has_answers(document):
        raise WrongShape("no_answer")
    return items


def _from_list(found: list[Any], ids: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for item in found:
        id = _own_id(item, names) if isinstance(item, dict) else ""
        if id:
            named[id] = item if named.get(id, item) == item else None
    if named or len(found) != len(ids):
        return named
    return dict(zip(ids, found, strict=True))


def _own_id(item: Mapping[str, Any], names: Sequence[str]) -> str:
    return identifier(pick(item, *names))


def _has_answers(document: Any) -> bool:
    """Whether these are answers at all, if only about others or about nobody."""
    values = document.values() if isinstance(document, dict) else document
    return all(value is None or isinstance(value, dict | list) for value in values)


# ── services ────────────────────────────────────────────────────────────────────────────────────


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


_canonical = msgspec.json.Encoder(order="sorted", decimal_format="number")


def content_digest(items: list[Any]) -> str:
    """Of what these rows say, whatever the order of rows and keys, the blanks and escapes.

    "" where their order decides, because the first row of a service is the one that counts, and
    where a row cannot be written down again: text with half a character, figures of any size.
    """
    numbers = [identifier(item.get("service")) for item in items if isinstance(item, dict)]
    if len(set(numbers)) < len(numbers):
        return ""
    try:
        rows = sorted(map(_canonical.encode, items))
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        return ""
    return digest(b"\n".join(rows))


def check_bulk(body: bytes) -> None:
    """Raises `WrongShape` for a catalog of more values than memory should be spent on: in the
    fewest bytes, each may take a hundred once it is decoded."""
    if body.count(b",") > MOST_VALUES or body.count(b"[") + body.count(b"{") > MOST_VALUES:
        raise WrongShape("too_large")


def catalog_items(document: Any) -> list[Any]:
    """The rows of a catalog, bare or wrapped, as a list or as an object. Raises `WrongShape`."""
    if isinstance(document, dict):
        wrapped = pick(document, "services", "data")
        document = document if wrapped is None else wrapped
    if isinstance(document, dict):
        rows = list(document.values())
        if all(isinstance(row, dict) for row in rows):
            document = rows
    if not isinstance(document, list):
        raise WrongShape("noise")
    if len(document) > MOST_ROWS:
        raise WrongShape("too_large")
    return document


def catalog_rows(
    items: list[Any], redact: Callable[[str], str]
) -> tuple[list[OfferRow], list[BadRow]]:
    rows: dict[str, OfferRow] = {}
    bad: list[BadRow] = []
    for index, item in enumerate(items):
        try:
            row = offer_row(item)
            if row.upstream_id in rows:
                raise WrongShape(gettext_noop("its number came before"))
            rows[row.upstream_id] = row
        except WrongShape as error:
            upstream_id = identifier(item.get("service")) if isinstance(item, dict) else ""
            excerpt = redact(repr(item)[:4000])[:300]
            bad.append(BadRow(index, str(error), excerpt, upstream_id))
    return list(rows.values()), bad


def offer_row(item: Any) -> OfferRow:
    """One service. Raises `WrongShape`, its text saying what is wrong."""
    if not isinstance(item, dict):
        raise WrongShape(gettext_noop("not an object"))
    rate = amount(item.get("rate"))
    if rate is None or rate < 0:
        raise WrongShape(gettext_noop("rate is not an amount"))
    days = whole(item.get("refill_days"))
    return OfferRow(
        upstream_id=_required(identifier(item.get("service")), gettext_noop("no service number")),
        name=_required(words(item.get("name"), 500), gettext_noop("no name")),
        type=words(item.get("type"), 80),
        category=words(item.get("category"), 300),
        rate=rate,
        min=_limit(item.get("min"), "min"),
        max=_limit(item.get("max"), "max"),
        refill=flag(item.get("refill")),
        cancel=flag(item.get("cancel")),
        dripfeed=flag(item.get("dripfeed")),
        description=words(item.get("description") or item.get("desc"), 20_000),
        average_time=words(item.get("average_time"), 80),
        refill_days=days if days is not None and 0 < days <= MOST_REFILL_DAYS else None,
    )


def _required(text: str, why: str) -> str:
    if not text:
        raise WrongShape(why)
    return text


def _limit(value: Any, name: str) -> int:
    """A limit of quantity; 0 where none is said, as packages do."""
    if value is None or value == "":
        return 0
    number = whole(value)
    if number is None or number < 0:
        raise WrongShape(NOT_A_NUMBER.of(name=name))
    return number
