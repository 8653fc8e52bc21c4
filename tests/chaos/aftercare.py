"""Somebody who calls: wants an order stopped, or refilled once it is completed.

Who wants what is drawn from the seed and the order's link or username; when depends on how far the
order is. Staff press for a third of them, the clients themselves for another, their programs for
the rest.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, connections
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from orders import polling, submission
from orders.cancellations import AT_PROVIDER
from orders.enums import OrderStatus
from orders.models import Order
from tests.chaos.browser import Browser
from tests.chaos.luck import chance
from tests.chaos.plan import ASKED_FOR_REFILL, ASKED_TO_STOP
from tests.chaos.presses import Shop
from tests.chaos.programs import Api

EVERY = 1.0
LOOKS_UP_EVERY = 6
"""Looks after which claims expire, lost answers are asked for again, orders go to their fallbacks,
and every order is asked about at once, as `run_once` does: at the usual pace a short run would see
few ends."""

AT_ONCE = 20
LATELY = timedelta(minutes=2)
TIMES = (1, 1, 1, 2)
"""How often a button is pressed."""


@dataclass(frozen=True)
class Wanted:
    """What somebody wants of an order."""

    act: str
    order: int
    target: str
    client: int

    @property
    def verb(self) -> str:
        return _verb(self.act)


@dataclass
class Call:
    """One press for one order, by a person or by a program (`user_id` 0); `told`: what a program
    was answered, "" without an answer or on a page, which says it in words."""

    act: str
    order: int
    user_id: int
    told: str = ""

    @property
    def verb(self) -> str:
        return _verb(self.act)


def _verb(act: str) -> str:
    """What the button and the action are called: "cancel waiting" is a cancel."""
    return act.partition(" ")[0]


class Aftercare(threading.Thread):
    """The telephone, from the opening to the end of the trouble."""

    def __init__(self, shop: Shop, web: str, seed: int):
        super().__init__(name="aftercare")
        self._shop, self._seed = shop, seed
        self._clerk = shop.stage.counter[-1]
        self._staff = Browser(web, self._clerk.user.email)
        self._clients = {one.pk: Browser(web, one.email) for one in shop.stage.clients}
        self._programs = {
            one.pk: key for one, key in zip(shop.stage.clients, shop.stage.keys, strict=True)
        }
        self._users = {one.pk: one.user_id or 0 for one in shop.stage.clients}
        self._api, self.calls = Api(web, shop.odd), list[Call]()
        self._done: set[tuple[str, int]] = set()
        self._looks = 0

    def run(self) -> None:
        try:
            while not self._shop.over.wait(EVERY):
                self._look()
        finally:
            connections.close_all()

    def _look(self) -> None:
        self._looks += 1
        try:
            if self._looks % LOOKS_UP_EVERY == 0:
                submission.expire_claims(timezone.now())
                submission.repeat_lost(timezone.now())
                submission.fall_back(timezone.now())
                polling.poll_everything(timezone.now())
            wanted = list(self._wanted())[:AT_ONCE]
        except (DatabaseError, InterfaceError, OSError):  # this connection was cut
            with suppress(DatabaseError, InterfaceError):
                connection.close()
            return
        for one in wanted:
            if self._shop.over.is_set():
                return
            self._press(one)

    def _wanted(self) -> Iterator[Wanted]:
        orders = Order.objects.order_by("pk")
        waiting = orders.filter(status=OrderStatus.WAITING)
        yield from self._fated("cancel waiting", ASKED_TO_STOP / 2, waiting)
        there = orders.filter(status__in=AT_PROVIDER)
        yield from self._fated("cancel", ASKED_TO_STOP / 2, there)
        done = orders.filter(status=OrderStatus.COMPLETED, offer__refill=True)
        lately = timezone.now() - LATELY
        yield from self._fated("refill", ASKED_FOR_REFILL, done.filter(status_at__gte=lately))

    def _fated(self, act: str, share: float, orders: QuerySet[Order]) -> Iterator[Wanted]:
        for number, target, client in orders.values_list("pk", "link_key", "customer_id"):
            drawn = chance(self._seed, act, target).random() < share
            if drawn and (act, number) not in self._done:
                yield Wanted(act, number, target, client)

    def _press(self, wanted: Wanted) -> None:
        luck = chance(self._seed, "who", wanted.act, wanted.target)
        press = luck.choice((self._by_staff, self._by_client, self._by_program))
        answers = [press(wanted) for _ in range(luck.choice(TIMES))]
        if any(answers):
            self._done.add((wanted.act, wanted.order))

    def _by_staff(self, wanted: Wanted) -> bool:
        page = reverse(f"staff:{wanted.verb}_order", args=[wanted.order])
        self.calls.append(Call(wanted.act, wanted.order, self._clerk.user_id))
        return self._staff.post(page, {}) is not None

    def _by_client(self, wanted: Wanted) -> bool:
        page = reverse(f"my:{wanted.verb}_order", args=[wanted.order])
        if wanted.act == "cancel waiting":
            page += "?from=waiting"  # the page that promised all of the price
        self.calls.append(Call(wanted.act, wanted.order, self._users[wanted.client]))
        return self._clients[wanted.client].post(page, {}) is not None

    def _by_program(self, wanted: Wanted) -> bool:
        call, key = Call(wanted.act, wanted.order, 0), self._programs[wanted.client]
        self.calls.append(call)
        if call.verb == "refill":
            answer = self._api.call(key, "refill", order=wanted.order)
        else:
            answer = self._api.call(key, "cancel", orders=wanted.order)
        call.told = _told(answer, call.verb)
        return answer is not None


def _told(answer: Any, verb: str) -> str:
    """The refill's number, or "1" for a cancel; otherwise the error."""
    item = answer[0] if isinstance(answer, list) and answer else answer or {}
    said = item.get(verb, item.get("error", ""))
    return str(said["error"] if isinstance(said, dict) else said)
