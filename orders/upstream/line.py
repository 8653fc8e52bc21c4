"""One account's line: what is written to it, and what comes back, understood or not."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode

from orders.upstream import decoding, documents
from orders.upstream.account import Account
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
from orders.upstream.replies import ItemError
from orders.upstream.transport import Transport
from orders.upstream.values import error_text
from orders.upstream.verdicts import judge_follow_up
from orders.upstream.wire import Attempt, Wire

ANSWER_BYTES = 4 * 1024 * 1024

T = TypeVar("T")
log = logging.getLogger(__name__)


def _quoted(text: Any, *how: Any) -> str:
    """What `quote_plus` makes of a text. That looks at each byte of one with a comma in it, and
    hundreds of ids are joined by commas."""
    ids = text.replace(",", "")
    is_plain = ids.isascii() and ids.isalnum()
    return text.replace(",", "%2C") if is_plain else quote_plus(text, *how)


class Line:
    """Reads as often as is asked, sends at most once; may be used from several threads."""

    def __init__(self, account: Account, *, ca_file: str = ""):
        self.account = account
        self.redact = Redactor(account.key, account.extra.values())
        self._transport = Transport(account.url, ca_file=ca_file)

    def close(self) -> None:
        """Closes the kept connections."""
        self._transport.close()

    def _form(self, action: str, params: Mapping[str, str]) -> bytes:
        form = {**self.account.extra, **params, "key": self.account.key, "action": action}
        return urlencode(form, quote_via=_quoted).encode()

    def joined(self, ids: Sequence[str]) -> str:
        """Ids as one parameter, at most `batch_size`."""
        if len(ids) > self.account.batch_size:
            raise ValueError(f"at most {self.account.batch_size} ids at once")
        return ",".join(ids)

    def _exchange(self, wire: Wire) -> Exchange:
        body = self.redact.body(wire.body)
        return Exchange(wire.status, body, len(wire.body), wire.elapsed_ms, wire.written)

    def read(self, action: str, params: Mapping[str, str], max_bytes: int = ANSWER_BYTES) -> Wire:
        """Asks something; raises `ReadFailed` if nothing came back."""
        form = self._form(action, params)
        attempt = Attempt(self.account.limits, may_reach=self.account.may_reach)
        wire = self._transport.read(form, attempt, max_bytes)
        if wire.failure:
            raise ReadFailed(wire.failure, self._exchange(wire))
        return wire

    def document(self, wire: Wire, one_order: bool = False) -> Any:
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
            return ItemError(self.redact.text(text))
        family, text = account_family(text, status), self.redact.text(text)
        raise ReadFailed("error", self._exchange(wire), family=family, text=text)

    def shaped(self, wire: Wire, shape: Callable[[Any], T]) -> T:
        """What came, in the shape that is asked for."""
        with self.understanding(wire):
            return shape(self.document(wire))

    @contextmanager
    def understanding(self, wire: Wire) -> Iterator[None]:
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

    def items(
        self,
        wire: Wire,
        ids: Sequence[str],
        names: Sequence[str],
        own: Sequence[str],
        read: Callable[[Any], T | ItemError | None],
    ) -> dict[str, T | ItemError]:
        """What was said about each of `ids`; absent where nothing was."""
        with self.understanding(wire):
            document = self.document(wire, one_order=len(ids) == 1)
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
                value = ItemError(self.redact.text(value.text))
            if value is not None:
                found[id] = value
        return found

    def send_many(
        self,
        action: str,
        ids: Sequence[str],
        send_before: float,
        judge: Callable[[Wire, Exchange, Redactor], dict[str, T]],
    ) -> dict[str, T]:
        """Like `send`, about several orders."""
        if not ids:
            return {}
        return self.send(action, {"orders": self.joined(ids)}, send_before, judge)

    def judge_items(
        self,
        ids: Sequence[str],
        own: Sequence[str],
        read: Callable[[Any], T | ItemError | None],
        wire: Wire,
        exchange: Exchange,
        redact: Redactor,
    ) -> dict[str, T | ItemError]:
        """The verdict on an answer about several orders; that nothing was said is none."""
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

    def send(
        self,
        action: str,
        params: Mapping[str, str],
        send_before: float,
        judge: Callable[[Wire, Exchange, Redactor], T],
    ) -> T:
        """Writes a request at most once and judges the answer; the verdict follows `written`."""
        attempt = Attempt(self.account.limits, send_before, self.account.may_reach)
        try:
            wire = self._transport.send_once(self._form(action, params), attempt, ANSWER_BYTES)
            exchange = self._exchange(wire)
            if not wire.written:
                raise NotSent(wire.failure, exchange)
            return judge(wire, exchange, self.redact)
        except UpstreamError:
            raise
        except Exception as bug:
            log.error("%s ended in %s", action, type(bug).__name__)
            raise self._unforeseen(attempt) from None

    def _unforeseen(self, attempt: Attempt) -> UpstreamError:
        if attempt.written:
            return AnswerUnknown("internal", self._exchange(attempt.wire("internal")))
        return NotSent("request")
