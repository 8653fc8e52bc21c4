"""The provider's state: services, orders, refills and money, made of the journal's records.

Everything that changes is a record first: written to the journal, then applied. A restart applies
the same records again. What time alone changes (progress, refunds) follows from the orders.
"""

import heapq
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from threading import RLock
from typing import Any

from . import actions, births
from .catalog import Service, generate
from .chance import pick
from .faults import REFUSALS, Faults
from .kinds import Refusal
from .orders import Order
from .refills import Refill
from .replies import count_ids, ids_of
from .settings import Pace, Settings
from .store import Journal, StoreError

FIRST_ORDER = 23_501
CALLS_KEPT = 1000
ASKED_ONCE = ("refill", "cancel")
"""Actions of which the list of calls also tells what was asked and answered."""
Params = Mapping[str, str]


@dataclass
class Call:
    """One request: its parameters, its moment, and the faults that strike it with their values."""

    sequence: int
    action: str
    params: Params
    now: datetime
    faults: dict[str, int]
    noted: dict[str, Any] = field(default_factory=dict)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.now.timestamp()


class World:
    """A provider's whole state. Hold `lock` around any use from more than one thread."""

    def __init__(self, settings: Settings | None = None, journal: Journal | None = None):
        self.settings = settings or Settings()
        self.journal = journal or Journal(None)
        self.lock = RLock()
        self.faults = Faults(self.settings.seed)
        self._begin()
        self._replay()

    def handle(self, params: Params, now: datetime) -> tuple[int, Any]:
        """Answer one API call: the HTTP status and what to write as JSON."""
        return self.answer(self.receive(params, now))

    def receive(self, params: Params, now: datetime) -> Call:
        """Count a call and draw what will go wrong with it."""
        action = params.get("action", "")
        self.counts[action] += 1
        sequence = self.counts.total()
        call = Call(sequence, action, params, now, self.faults.drawn(action, params, sequence))
        call.noted = {
            "sequence": sequence,
            "action": action,
            "ids": count_ids(params),
            "at": now.isoformat(),
            "faults": sorted(call.faults),
        }
        if action in ASKED_ONCE:
            call.noted["orders"] = ids_of(params, "orders") or ids_of(params, "order")
        self.calls.append(call.noted)
        return call

    def answer(self, call: Call) -> tuple[int, Any]:
        """Do what a received call asks."""
        self.settle(call.at)
        try:
            self._refuse(call)
            status, said = 200, actions.answer(self, call)
        except Refusal as refusal:
            status, said = refusal.status, {"error": str(refusal)}
        if call.action in ASKED_ONCE:
            call.noted["answer"] = said
        return status, said

    def _refuse(self, call: Call) -> None:
        for name, (text, status) in REFUSALS.items():
            if name in call.faults:
                raise Refusal(text, status)
        key = call.params.get("key", "")
        if key != self.settings.key:
            raise Refusal("Invalid API key" if key else "API key is required")

    # Services

    def service(self, number: str) -> Service:
        """The service on sale under that number. Raises Refusal."""
        service = self.services.get(int(number)) if number.isdigit() else None
        if service is None or service.id in self.gone:
            raise Refusal("Incorrect service ID")
        if service.id in self.disabled:
            raise Refusal("Disabled service ID")
        return service

    # Orders

    def order(self, number: str, at: float) -> Order | None:
        """The order with that id, if it exists at that moment."""
        order = self.orders.get(int(number)) if number.isdigit() and len(number) < 19 else None
        if order is None or order.parent is None:
            return order
        return order if order in order.parent.born(at) else None

    def next_order_id(self) -> int:
        """Ids leave gaps, as where many resellers buy."""
        return self.last_id + pick(1, 4, self.settings.seed, "gap", self.last_id)

    # Money

    def settle(self, at: float) -> None:
        """Move the money of everything that happened up to the moment `at`."""
        while self._due and self._due[0][0] <= at:
            _, order_id = heapq.heappop(self._due)
            self._settle_order(self.orders[order_id], at)

    def _settle_order(self, order: Order, at: float) -> None:
        if not order.paid:
            if order.parent is None or order not in order.parent.born(at):
                return
            order.paid = True
            self.balance -= order.charge
        owed = order.owed_for_runs(at) if order.children else order.owed_back(at)
        if owed > order.given_back:
            self.balance += owed - order.given_back
            order.given_back = owed

    # Records

    def commit(self, **record: Any) -> None:
        """Make a change: durable first, then real."""
        self.journal.append(record)
        self._apply(record)

    def _apply(self, record: dict[str, Any]) -> None:
        apply: Callable[[dict[str, Any]], None] = getattr(self, f"_apply_{record['record']}")
        apply(record)

    def _apply_order(self, record: dict[str, Any]) -> None:
        order = births.order_of(record, self.settings.seed)
        self.orders[order.id] = order
        self.log.append(order)
        self.orders.update((child.id, child) for child in order.children)
        self.last_id = order.id + len(order.children)
        self.balance -= order.charge
        for member in (order, *order.children):
            self._watch(member)
        token = order.params.get(self.settings.idempotency_field)
        if token:
            self.tokens[token] = order.id

    def _watch(self, order: Order) -> None:
        if not order.paid:
            heapq.heappush(self._due, (order.placed, order.id))
        if order.course.ending in ("partial", "canceled", "completed_then_partial"):
            heapq.heappush(self._due, (order.last_change, order.id))

    def _apply_cancel(self, record: dict[str, Any]) -> None:
        order = self.orders[record["id"]]
        order.cancel_asked = True
        if record["at"] is not None:
            self._stop(order, record["at"])

    def _stop(self, order: Order, at: float) -> None:
        """End it at that moment; of a drip-feed, the runs under way end with it."""
        order.canceled_at = at
        heapq.heappush(self._due, (at, order.id))
        if order.kind != "Subscriptions":
            for child in order.born(at):
                self._stop(child, at)

    def _apply_refill(self, record: dict[str, Any]) -> None:
        refill = Refill(**{name: record[name] for name in Refill.__slots__})
        self.refills[refill.id] = refill
        self.orders[refill.order].refills.append(refill.id)

    def _apply_force(self, record: dict[str, Any]) -> None:
        order = self.orders[record["id"]]
        for name, value in record["values"].items():
            if value is None:
                order.forced.pop(name, None)
            else:
                order.forced[name] = str(value)
        if order.children:
            self._force_family(order, order.forced.get("status"), record["at"])
        heapq.heappush(self._due, (record["at"], order.id))

    def _force_family(self, order: Order, status: str | None, at: float) -> None:
        """What no more comes of, or comes of again, at a word about the whole."""
        if status == "Canceled" and not order.canceled_at:
            order.canceled_at = at
        elif order.kind != "Subscriptions":
            return
        elif status == "Expired":
            order.expires = at if order.expires is None else min(order.expires, at)
        elif status == "Paused":
            order.pause(at)
        else:
            for child in order.resume(at):
                self._watch(child)

    def _apply_deposit(self, record: dict[str, Any]) -> None:
        self.balance += Decimal(record["amount"])

    def _apply_service(self, record: dict[str, Any]) -> None:
        number, values = record["id"], dict(record["values"])
        for name, ids in (("gone", self.gone), ("disabled", self.disabled)):
            if name in values:
                (ids.add if values.pop(name) else ids.discard)(number)
        if "rate" in values:
            values["rate"] = Decimal(values["rate"])
        self.services[number] = replace(self.services[number], **values)

    def _apply_pace(self, record: dict[str, Any]) -> None:
        self.pace = Pace(record["speed"], record["minutes"])

    # Beginnings

    def reset(self) -> None:
        """Back to the first moment: no orders, no faults, the catalog as it was."""
        self.faults = Faults(self.settings.seed, self.faults.hold_seconds)
        self.journal.clear()
        self._begin()
        self._replay()

    def _begin(self) -> None:
        self.pace = self.settings.pace
        self.balance = self.settings.balance
        self.services = generate(self.settings.services, self.settings.seed)
        self.listed = dict(self.services)
        self.gone: set[int] = set()
        self.disabled: set[int] = set()
        self.orders: dict[int, Order] = {}
        self.log: list[Order] = []
        self.refills: dict[int, Refill] = {}
        self.tokens: dict[str, int] = {}
        self.last_id = max(FIRST_ORDER - 1, self.settings.standing_orders)
        self._due: list[tuple[float, int]] = []
        self.counts: Counter[str] = Counter()
        self.calls: deque[dict[str, Any]] = deque(maxlen=CALLS_KEPT)

    def _replay(self) -> None:
        made_with = {
            "services": self.settings.services,
            "seed": self.settings.seed,
            "balance": str(self.settings.balance),
        }
        records = self.journal.records()
        head = next(records, None)
        if head is None:
            self.journal.append({"record": "made_with", **made_with})
        elif head != {"record": "made_with", **made_with}:
            given = " ".join(f"--{name} {head.get(name)}" for name in made_with)
            raise StoreError(f"The state was made with {given}. Use these, or begin with --fresh.")
        for record in records:
            self._apply(record)
