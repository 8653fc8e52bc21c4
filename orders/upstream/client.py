"""A provider's account, and the actions of the protocol on it."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from orders.upstream import decoding, documents
from orders.upstream.decoding import ORDER_NAMES, REFILL_NAMES
from orders.upstream.errors import (
    AnswerUnknown,
    Exchange,
    NotSent,
    ReadFailed,
    Unreadable,
    UpstreamError,
)
from orders.upstream.redact import Redactor
from orders.upstream.refusals import account_family, is_about_the_order
from orders.upstream.replies import (
    Added,
    BalanceReply,
    CancelReply,
    CatalogReply,
    ItemError,
    RefillReply,
    RefillStatusReply,
    StatusReply,
)
from orders.upstream.telling import Listener, told_as
from orders.upstream.transport import Transport
from orders.upstream.values import amount, error_text, pick, words
from orders.upstream.verdicts import judge_add, judge_follow_up
from orders.upstream.wire import Attempt, Limits, Wire

ANSWER_BYTES = 4 * 1024 * 1024
CATALOG_BYTES = 64 * 1024 * 1024
# Where an item says what the action asked for.
STATUS = ("status",)
REFILL = ("refill", "refillid", "status", "success")
CANCEL = ("cancel", "cancelid", "status", "success")

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Account:
    """Where and how a provider is spoken to. Time-outs are seconds.

    `extra` goes with every request; `idempotency_field` names the parameter in which a provider
    takes a key that makes a repeated `add` harmless, if it has declared one.
    """

    url: str
    key: str = field(repr=False)
    batch_size: int = 100
    connect_timeout: float = 5
    read_timeout: float = 20
    total_timeout: float = 30
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    idempotency_field: str = ""

    @property
    def limits(self) -> Limits:
        return Limits(self.connect_timeout, self.read_timeout, self.total_timeout)


class Client:
    """Speaks to one account; may be used from several threads. `close()` it, or use `with`.

    Ids are text. Where several are asked about, ids that upstream does not answer are absent from
    the result, and what nobody asked for is dropped.

    Reading actions raise `ReadFailed` (`Unreadable` is one). `add`, `refill`, `refills` and
    `cancel` are written at most once, before `send_before` (a `time.monotonic()` moment), and
    raise `NotSent`, `Refused` or `AnswerUnknown`, never anything else.

    A `listener` is told of every call, from the thread that made it.
    """

    def __init__(self, account: Account, *, ca_file: str = "", listener: Listener | None = None):
        self.account = account
        self.listener = listener
        self._redact = Redactor(account.key, account.extra.values())
        self._transport = Transport(account.url, ca_file=ca_file)

    def __repr__(self) -> str:
        return f"Client({self.account!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the kept connections."""
        self._transport.close()

    # Reading

    @told_as("services")
    def services(self, previous_digest: str = "") -> CatalogReply:
        """The catalog, row by row; not even decoded when its bytes are those of last time."""
        wire = self._read("services", {}, max_bytes=CATALOG_BYTES)
        digest = decoding.digest(wire.body)
        if digest == previous_digest:
            return CatalogReply(None, [], digest)
        with self._understanding(wire):
            decoding.check_bulk(wire.body)
            items = decoding.catalog_items(self._document(wire))
            return CatalogReply(*decoding.catalog_rows(items, self._redact.text), digest)

    @told_as("balance")
    def balance(self) -> BalanceReply:
        return self._shaped(self._read("balance", {}), _balance)

    @told_as("status")
    def statuses(self, ids: Sequence[str]) -> dict[str, StatusReply | ItemError]:
        """Reports about at most `batch_size` orders, in one call."""
        if not ids:
            return {}
        wire = self._read("status", {"orders": self._joined(ids)})
        if (wire.status or 0) < 300 and (usual := decoding.statuses_at_once(wire.body, ids)):
            return dict(usual)
        return self._items(wire, ids, ORDER_NAMES, STATUS, decoding.status_item)

    @told_as("status")
    def status(self, id: str) -> StatusReply | ItemError:
        """One order's report, in the protocol's single form."""
        wire = self._read("status", {"order": id})
        return self._single(self._items(wire, [id], ORDER_NAMES, STATUS, decoding.status_item))

    @told_as("refill_status")
    def refill_statuses(
        self, refill_ids: Sequence[str]
    ) -> dict[str, RefillStatusReply | ItemError]:
        """How at most `batch_size` refills stand, by refill id, in one call."""
        if not refill_ids:
            return {}
        wire = self._read("refill_status", {"refills": self._joined(refill_ids)})
        item = decoding.refill_status_item
        return self._items(wire, refill_ids, REFILL_NAMES, STATUS, item)

    @told_as("refill_status")
    def refill_status(self, id: str) -> RefillStatusReply | ItemError:
        wire = self._read("refill_status", {"refill": id})
        item = decoding.refill_status_item
        return self._single(self._items(wire, [id], REFILL_NAMES, STATUS, item))

    # Sending

    @told_as("add")
    def add(
        self, params: Mapping[str, str], *, send_before: float, idempotency_key: str = ""
    ) -> Added:
        """Creates an order. `params` are those of the service's type, `service` included."""
        form = dict(params)
        if self.account.idempotency_field and idempotency_key:
            form[self.account.idempotency_field] = idempotency_key
        return self._send("add", form, send_before, judge_add)

    @told_as("refill")
    def refill(self, id: str, *, send_before: float) -> RefillReply | ItemError:
        """Asks for one order's refill, in the protocol's single form."""
        judge = partial(self._judge_items, [id], REFILL, decoding.refill_item)
        found = self._send("refill", {"order": id}, send_before, judge)
        return found[id]

    @told_as("refill")
    def refills(
        self, ids: Sequence[str], *, send_before: float
    ) -> dict[str, RefillReply | ItemError]:
        """Asks for refills of at most `batch_size` orders; of absent ids nothing is known."""
        judge = partial(self._judge_items, ids, REFILL, decoding.refill_item)
        return self._send_many("refill", ids, send_before, judge)

    @told_as("cancel")
    def cancel(
        self, ids: Sequence[str], *, send_before: float
    ) -> dict[str, CancelReply | ItemError]:
        """Asks to cancel at most `batch_size` orders; of absent ids nothing is known."""
        judge = partial(self._judge_items, ids, CANCEL, decoding.cancel_item)
        return self._send_many("cancel", ids, send_before, judge)

    # How

    def _form(self, action: str, params: Mapping[str, str]) -> bytes:
        form = {**self.account.extra, **params, "key": self.account.key, "action": action}
        return urlencode(form).encode()

    def _joined(self, ids: Sequence[str]) -> str:
        if len(ids) > self.account.batch_size:
            raise ValueError(f"at most {self.account.batch_size} ids at once")
        return ",".join(ids)

    def _exchange(self, wire: Wire) -> Exchange:
        body = self._redact.body(wire.body)
        return Exchange(wire.status, body, len(wire.body), wire.elapsed_ms, wire.written)

    def _read(self, action: str, params: Mapping[str, str], max_bytes: int = ANSWER_BYTES) -> Wire:
        form = self._form(action, params)
        wire = self._transport.read(form, self.account.limits, max_bytes)
        if wire.failure:
            raise ReadFailed(wire.failure, self._exchange(wire))
        return wire

    def _document(self, wire: Wire, one_order: bool = False) -> Any:
        """The document that came; `ItemError` for an error about the one order asked for."""
        status = wire.status or 0
        try:
            document = documents.loose(wire.body)
        except documents.NotJson as error:
            reason = "redirect" if 300 <= status < 400 else error.reason
            raise Unreadable(reason, self._exchange(wire)) from None
        text = error_text(document)
        if not text:
            if status >= 300:
                reason = "redirect" if status < 400 else "server_error"
                raise Unreadable(reason, self._exchange(wire))
            return document
        if one_order and is_about_the_order(text) and status < 500:
            return ItemError(self._redact.text(text))
        family, text = account_family(text, status), self._redact.text(text)
        raise ReadFailed("error", self._exchange(wire), family=family, text=text)

    def _shaped(self, wire: Wire, shape: Callable[[Any], T]) -> T:
        with self._understanding(wire):
            return shape(self._document(wire))

    @contextmanager
    def _understanding(self, wire: Wire) -> Iterator[None]:
        """What cannot be understood is `Unreadable`, even if that is our own mistake: no answer
        may end the job that asked."""
        try:
            yield
        except UpstreamError:
            raise
        except decoding.WrongShape as error:
            raise Unreadable(str(error), self._exchange(wire)) from None
        except Exception as bug:
            log.error("reading ended in %s", type(bug).__name__)
            raise Unreadable("internal", self._exchange(wire)) from None

    def _items(
        self,
        wire: Wire,
        ids: Sequence[str],
        names: Sequence[str],
        own: Sequence[str],
        read: Callable[[Any], T | ItemError | None],
    ) -> dict[str, T | ItemError]:
        with self._understanding(wire):
            document = self._document(wire, one_order=len(ids) == 1)
            if isinstance(document, ItemError):
                return {ids[0]: document}
            return self._read_items(decoding.by_id(document, ids, names, own), read)

    def _read_items(
        self, items: Mapping[str, Any], read: Callable[[Any], T | ItemError | None]
    ) -> dict[str, T | ItemError]:
        found: dict[str, T | ItemError] = {}
        for id, item in items.items():
            value = read(item)
            if isinstance(value, ItemError):
                value = ItemError(self._redact.text(value.text))
            if value is not None:
                found[id] = value
        return found

    def _single(self, found: dict[str, T | ItemError]) -> T | ItemError:
        return next(iter(found.values()), ItemError("Nothing was said about it"))

    def _send_many(
        self,
        action: str,
        ids: Sequence[str],
        send_before: float,
        judge: Callable[[Wire, Exchange, Redactor], dict[str, T]],
    ) -> dict[str, T]:
        if not ids:
            return {}
        return self._send(action, {"orders": self._joined(ids)}, send_before, judge)

    def _judge_items(
        self,
        ids: Sequence[str],
        own: Sequence[str],
        read: Callable[[Any], T | ItemError | None],
        wire: Wire,
        exchange: Exchange,
        redact: Redactor,
    ) -> dict[str, T | ItemError]:
        document = judge_follow_up(wire, exchange, redact)
        if isinstance(document, ItemError):
            return dict.fromkeys(ids, document)
        try:
            found = self._read_items(decoding.by_id(document, ids, ("order", "orderid"), own), read)
        except decoding.WrongShape as error:
            raise AnswerUnknown(str(error), exchange) from None
        if not found:
            raise AnswerUnknown("no_answer", exchange)
        return found

    def _send(
        self,
        action: str,
        params: Mapping[str, str],
        send_before: float,
        judge: Callable[[Wire, Exchange, Redactor], T],
    ) -> T:
        """Writes a request at most once and judges the answer; the verdict follows `written`."""
        attempt = Attempt(self.account.limits, send_before)
        try:
            wire = self._transport.send_once(self._form(action, params), attempt, ANSWER_BYTES)
            exchange = self._exchange(wire)
            if not wire.written:
                raise NotSent(wire.failure, exchange)
            return judge(wire, exchange, self._redact)
        except UpstreamError:
            raise
        except Exception as bug:
            log.error("%s ended in %s", action, type(bug).__name__)
            raise self._unforeseen(attempt) from None

    def _unforeseen(self, attempt: Attempt) -> UpstreamError:
        if attempt.written:
            return AnswerUnknown("internal", self._exchange(attempt.wire("internal")))
        return NotSent("request")


def _balance(document: Any) -> BalanceReply:
    if not isinstance(document, dict):
        raise decoding.WrongShape("noise")
    figure = amount(pick(document, "balance"))
    if figure is None:
        raise decoding.WrongShape("no_balance")
    return BalanceReply(figure, words(pick(document, "currency"), 10))
