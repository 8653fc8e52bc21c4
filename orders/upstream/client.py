"""The actions of the protocol on a provider's account."""

from collections.abc import Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from django.utils.translation import gettext_noop

from orders.upstream import decoding
from orders.upstream.account import Account
from orders.upstream.decoding import ORDER_NAMES, REFILL_NAMES
from orders.upstream.line import Line
from orders.upstream.replies import (
    Added,
    BalanceReply,
    CancelReply,
    CatalogReply,
    Digests,
    ItemError,
    RefillReply,
    RefillStatusReply,
    StatusReply,
)
from orders.upstream.telling import Listener, told_as
from orders.upstream.values import amount, pick, words
from orders.upstream.verdicts import judge_add

T = TypeVar("T")

NOTHING = Digests()
CATALOG_BYTES = 64 * 1024 * 1024
# Where an item says what the action asked for.
STATUS = ("status",)
REFILL = ("refill", "refillid", "status", "success")
CANCEL = ("cancel", "cancelid", "status", "success")


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
        self._line = Line(account, ca_file=ca_file)

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
        self._line.close()

    # Reading

    @told_as("services")
    def services(self, previous: Digests = NOTHING) -> CatalogReply:
        """The catalog, row by row: not even decoded when its bytes are those of last time, and no
        row is looked at when they say the same."""
        wire = self._line.read("services", {}, max_bytes=CATALOG_BYTES)
        digests = Digests(decoding.digest(wire.body), previous.content)
        if digests.body == previous.body:
            return CatalogReply(None, [], digests)
        with self._line.understanding(wire):
            decoding.check_bulk(wire.body)
            items = decoding.catalog_items(self._line.document(wire))
            digests = digests._replace(content=decoding.content_digest(items))
            if digests.content and digests.content == previous.content:
                return CatalogReply(None, [], digests)
            return CatalogReply(*decoding.catalog_rows(items, self._line.redact.text), digests)

    @told_as("balance")
    def balance(self) -> BalanceReply:
        return self._line.shaped(self._line.read("balance", {}), _balance)

    @told_as("status")
    def statuses(self, ids: Sequence[str]) -> dict[str, StatusReply | ItemError]:
        """Reports about at most `batch_size` orders, in one call."""
        if not ids:
            return {}
        wire = self._line.read("status", {"orders": self._line.joined(ids)})
        if (wire.status or 0) < 300 and (usual := decoding.statuses_at_once(wire.body, ids)):
            return dict(usual)
        return self._line.items(wire, ids, ORDER_NAMES, STATUS, decoding.status_item)

    @told_as("status")
    def status(self, id: str) -> StatusReply | ItemError:
        """One order's report, in the protocol's single form."""
        wire = self._line.read("status", {"order": id})
        return _single(self._line.items(wire, [id], ORDER_NAMES, STATUS, decoding.status_item))

    @told_as("refill_status")
    def refill_statuses(
        self, refill_ids: Sequence[str]
    ) -> dict[str, RefillStatusReply | ItemError]:
        """How at most `batch_size` refills stand, by refill id, in one call."""
        if not refill_ids:
            return {}
        wire = self._line.read("refill_status", {"refills": self._line.joined(refill_ids)})
        item = decoding.refill_status_item
        return self._line.items(wire, refill_ids, REFILL_NAMES, STATUS, item)

    @told_as("refill_status")
    def refill_status(self, id: str) -> RefillStatusReply | ItemError:
        wire = self._line.read("refill_status", {"refill": id})
        item = decoding.refill_status_item
        return _single(self._line.items(wire, [id], REFILL_NAMES, STATUS, item))

    # Sending

    @told_as("add")
    def add(
        self, params: Mapping[str, str], *, send_before: float, idempotency_key: str = ""
    ) -> Added:
        """Creates an order. `params` are those of the service's type, `service` included."""
        form = dict(params)
        if self.account.idempotency_field and idempotency_key:
            form[self.account.idempotency_field] = idempotency_key
        return self._line.send("add", form, send_before, judge_add)

    @told_as("refill")
    def refill(self, id: str, *, send_before: float) -> RefillReply | ItemError:
        """Asks for one order's refill, in the protocol's single form."""
        judge = partial(self._line.judge_items, [id], REFILL, decoding.refill_item)
        found = self._line.send("refill", {"order": id}, send_before, judge)
        return found[id]

    @told_as("refill")
    def refills(
        self, ids: Sequence[str], *, send_before: float
    ) -> dict[str, RefillReply | ItemError]:
        """Asks for refills of at most `batch_size` orders; of absent ids nothing is known."""
        judge = partial(self._line.judge_items, ids, REFILL, decoding.refill_item)
        return self._line.send_many("refill", ids, send_before, judge)

    @told_as("cancel")
    def cancel(
        self, ids: Sequence[str], *, send_before: float
    ) -> dict[str, CancelReply | ItemError]:
        """Asks to cancel at most `batch_size` orders; of absent ids nothing is known."""
        judge = partial(self._line.judge_items, ids, CANCEL, decoding.cancel_item)
        return self._line.send_many("cancel", ids, send_before, judge)


def _single(found: dict[str, T | ItemError]) -> T | ItemError:
    return next(iter(found.values()), ItemError(gettext_noop("Nothing was said about it")))


def _balance(document: Any) -> BalanceReply:
    if not isinstance(document, dict):
        raise decoding.WrongShape("noise")
    figure = amount(pick(document, "balance"))
    if figure is None:
        raise decoding.WrongShape("no_balance")
    return BalanceReply(figure, words(pick(document, "currency"), 10))
