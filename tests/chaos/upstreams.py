"""The pretend providers: their faults, their books, and what they did to our calls."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from orders import statuses
from orders.enums import OrderStatus
from tests.chaos.plan import KEYED, SUBSCRIBED
from tests.chaos.wants import target_in
from tests.support.simulator import RunningSimulator

RATES: dict[str, Any] = {
    # the wire: about one answer to `add` in twenty is lost
    "latency": {"probability": 0.6, "ms": 700},
    "refuse_connection": 0.004,
    "timeout_before": 0.006,
    "timeout_after": 0.008,
    "html_502_before": 0.004,
    "html_502_after": 0.006,
    "reset_after": 0.006,
    "empty_body": 0.004,
    "php_noise": 0.01,
    "redirect": 0.002,
    # words
    "bad_key": {"probability": 0.001, "action": "add"},
    "suspended": {"probability": 0.001, "action": "add"},
    "rate_limit": 0.002,
    "no_funds": 0.001,
    "duplicate": 0.006,
    "bad_link": 0.01,
    "generic_error_before": 0.004,
    "generic_error_after": 0.004,
    # how orders end
    "partial": 0.06,
    "canceled": 0.03,
    "over_delivered": 0.03,
    "completed_then_partial": 0.02,
    "failed": 0.02,
    # answers to `status`
    "shape_list": 0.01,
    "shape_bare_list": 0.01,
    "shape_object": 0.01,
    "shape_string": 0.01,
    "missing_ids": 0.01,
    "null_counts": 0.02,
    "unknown_status": 0.01,
    "wrong_currency": {"probability": 0.01, "action": "status"},
    # the catalog
    "price_rise": 0.02,
    "vanished_services": 0.01,
    "empty_catalog": 0.1,
    # afterwards
    "refill_rejected": 0.1,
    "cancel_ignored": 0.1,
}
"""Every fault that a provider is known for, as shares of its calls, orders or services."""

MINUTES = 0.2
"""About how long an order lives there."""

HOLD_SECONDS = 5.0
"""How long a time-out keeps the line: longer than our deadline."""

FUNDS = Decimal(1_000_000)

KEY_FIELD = "client_ref"
"""The parameter in which the keyed provider wants its key."""

ANSWERED_WITHIN = timedelta(seconds=10)
"""A call without an answer so long after it came was ended by a fault before anything was done."""


@dataclass(frozen=True)
class Accepted:
    """An `add` that a provider took, as its books have it; `said`: the id of another order, where
    it answered with that; `link`: of a subscription, the username."""

    upstream: int
    upstream_id: str
    link: str
    at: datetime
    said: str = ""
    params: dict[str, str] = field(default_factory=dict)
    """What was sent, besides key and action."""


@dataclass(frozen=True)
class Asked:
    """One call that asked for refills or for orders to be stopped, about one of its orders.

    `was_refused`: the answer says that it was not taken (whoever read it, or did not).
    """

    upstream: int
    action: str
    upstream_id: str
    at: datetime
    was_refused: bool


@dataclass(frozen=True)
class Taken:
    """A refill that a provider took."""

    upstream: int
    refill_id: str
    upstream_id: str


@dataclass(frozen=True)
class Post:
    """An order that a provider made of one post of a subscription, as its own books have it."""

    status: OrderStatus | None
    remains: int
    charge: Decimal
    quantity: int
    relapses: bool = False
    """It was completed first, and partial later."""

    @property
    def got(self) -> int:
        """How much was delivered to it, in the end."""
        if self.status == OrderStatus.COMPLETED:
            return self.quantity
        is_part = self.status == OrderStatus.PARTIAL
        return self.quantity - min(max(self.remains, 0), self.quantity) if is_part else 0


class Upstream:
    """One provider: a simulator in a process of its own, and its account in our database."""

    def __init__(self, number: int, seed: int, folder: Path):
        self.number = number
        self.key_field = KEY_FIELD if number == KEYED else ""
        self._journal, self._read = folder / f"simulator-{number}.journal", 0
        self.simulator = RunningSimulator(
            process=True,
            services=150,
            seed=seed + number,
            state=self._journal,
            balance=FUNDS,
            minutes=MINUTES,
            hold_seconds=HOLD_SECONDS,
            idempotency_field=self.key_field,
        )
        self.provider_id = 0
        self.services: list[int] = []
        self.upstream_services: list[int] = []
        self.swapped: list[int] = []
        """The offers between which its last service goes to and fro."""
        self.by_link: defaultdict[str, list[Accepted]] = defaultdict(list)
        self.struck: Counter[str] = Counter()
        self.asked: list[Asked] = []
        self.refills: list[Taken] = []
        self.stops: set[str] = set()
        self._last_call = 0

    # ── Faults ───────────────────────────────────────────────────────────────────────────────

    def misbehave(self, **more: Any) -> None:
        """The everyday faults, and `more`."""
        self.simulator.faults(clear=True, **RATES | more)

    def behave(self) -> None:
        """No faults, first rates, everything for sale, enough money."""
        self.simulator.faults(clear=True)
        self.offer_first(is_gone=False)
        self.simulator.set_rates(1)
        self.simulator.set_balance(FUNDS)

    def set_rates(self, factor: str) -> None:
        """One service that we buy, and subscriptions, cost so many times what they did at first."""
        subscribed = self.upstream_services[SUBSCRIBED]
        self.simulator.set_rates(factor, [self.upstream_services[0], subscribed])

    def offer_first(self, *, is_gone: bool) -> None:
        """The first service that we buy goes, or comes back."""
        self.simulator.set_service(self.upstream_services[0], gone=is_gone)

    def let_a_day_pass(self) -> None:
        """Everything accepted has come to its end, late relapses too."""
        self.simulator.set_clock(datetime.now(UTC) + timedelta(days=1))

    # ── Its books ────────────────────────────────────────────────────────────────────────────

    def accepted(self, link: str) -> list[Accepted]:
        """Every `add` for this link that it has taken up to now, in order."""
        self.read_books()
        return self.by_link.get(link, [])

    def read_books(self) -> None:
        """Take in what its journal has gained. (The log over HTTP would come whole each time.)"""
        with self._journal.open("rb") as journal:
            journal.seek(self._read)
            for line in journal:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                self._note(json.loads(line))

    def _note(self, record: dict[str, Any]) -> None:
        if record["record"] == "order":
            link, at = target_in(record["params"]), datetime.fromtimestamp(record["at"], UTC)
            said = str(record["words"].get("taken_id", ""))
            taken = Accepted(self.number, str(record["id"]), link, at, said, record["params"])
            self.by_link[link].append(taken)
        if record["record"] == "refill":
            refill = Taken(self.number, str(record["id"]), str(record["order"]))
            self.refills.append(refill)
        if record["record"] == "cancel":
            self.stops.add(str(record["id"]))

    def statuses(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """How each order stands, as it says when nothing is wrong with its answers."""
        wanted, found = list(ids), {}
        for start in range(0, len(wanted), 100):
            batch = ",".join(wanted[start : start + 100])
            found |= self.simulator.call("status", orders=batch)
        return found

    def posts(self, upstream_id: str) -> dict[str, Post]:
        """What it has served of a subscription, by the posts' own ids. (By its levers: over the API
        it says of no post how much it was given, and spoils answers at times.)"""
        ids = map(str, self.simulator.order(upstream_id)["children"])
        told = ((one, self.simulator.order(one)) for one in ids)
        return {
            one: Post(
                statuses.from_upstream(post["status"]),
                int(post["remains"]),
                Decimal(post["charge"]),
                int(post["quantity"]),
                relapses=post["ending"] == "completed_then_partial",
            )
            for one, post in told
        }

    def refill_words(self) -> dict[str, str]:
        """How each refill that it took stands, in its own words."""
        ids, found = [one.refill_id for one in self.refills], {}
        for start in range(0, len(ids), 100):
            told = self.simulator.call("refill_status", refills=",".join(ids[start : start + 100]))
            found |= {str(item["refill"]): str(item["status"]) for item in told}
        return found

    def read_calls(self) -> None:
        """Take in what it was asked; it remembers its last thousand calls."""
        for call in self.simulator.calls():
            if call["sequence"] <= self._last_call:
                continue
            if call["action"] in ("refill", "cancel") and not _is_over(call):
                break  # read again when it has been answered
            self._last_call = call["sequence"]
            if call["action"] == "add":
                self.struck.update(call["faults"])
            for upstream_id in call.get("orders", ()):
                self.asked.append(_asked(self.number, call, upstream_id))


def _is_over(call: dict[str, Any]) -> bool:
    """Whether it was answered, or never will be."""
    age = datetime.now(UTC) - datetime.fromisoformat(call["at"])
    return "answer" in call or age > ANSWERED_WITHIN


def _asked(upstream: int, call: dict[str, Any], upstream_id: str) -> Asked:
    at = datetime.fromisoformat(call["at"])
    refused = is_refused(call.get("answer"), call["action"], upstream_id)
    return Asked(upstream, call["action"], upstream_id, at, refused)


def is_refused(answer: Any, action: str, upstream_id: str) -> bool:
    """Whether an answer says that the provider did not take it: all of the call, or this item."""
    if isinstance(answer, dict):
        return "error" in answer
    items = [item for item in answer or () if str(item["order"]) == upstream_id]
    return bool(items) and all(isinstance(item[action], dict) for item in items)
