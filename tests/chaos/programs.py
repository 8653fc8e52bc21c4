"""Customers' programs: they place over the API and repeat a call whose answer they did not get."""

import threading
import time
from contextlib import suppress
from copy import copy
from typing import Any

import requests

from panel.api_errors import BROKEN, FUNDS, RATE_LIMIT
from tests.chaos.browser import IMPATIENT, WAIT
from tests.chaos.plan import POOR, Wish
from tests.chaos.presses import DECLINES, PATIENCE, TRY_AGAIN, Press, Queue, Shop
from tests.chaos.wants import typed

PROGRAMS, POOR_ONES = 2, 2
SLOW = 2.0
"""Seconds after which an answer is slow, and the same call is made again; the next one waits twice
as long."""

WAITS_FOR_MONEY = 15.0
"""Seconds after the order was due."""

AGAIN = (RATE_LIMIT, BROKEN)
"""Answers that say: the same call will do later."""


class Api:
    """The endpoint, for whoever has a key; `odd`: what it answered that is no answer of API v2."""

    def __init__(self, web: str, odd: list[str]):
        self._url, self._odd = f"{web}/api/v2", odd
        self._session = requests.Session()
        self._session.trust_env = False

    def call(self, key: str, action: str, wait: float = WAIT, **said: Any) -> Any:
        """What it answered; None when that was lost, or says that the same call will do later."""
        form = {"key": key, "action": action, **said}
        with suppress(requests.RequestException, ValueError):
            answer = self._session.post(self._url, data=form, timeout=wait)
            if answer.status_code != 200:
                self._odd.append(f"HTTP {answer.status_code} to {action}")
                return None
            found = answer.json()
            is_later = isinstance(found, dict) and found.get("error") in AGAIN
            return None if is_later else found
        return None


class Program(threading.Thread):
    """One program: places the next order of its queue when it is due, until none is left."""

    def __init__(self, shop: Shop, queue: Queue, web: str, number: int):
        super().__init__(name=f"program-{number}")
        self._shop, self._queue, self._api, self._web = (shop, queue, Api(web, shop.odd), web)

    def run(self) -> None:
        while (press := self._shop.next_press(self._queue)) is not None:
            self._place(press)

    def _place(self, press: Press) -> None:
        wish, until = press.wish, time.monotonic() + PATIENCE
        if wish.leaves_early:
            self._add(press, IMPATIENT)
        wait, refusals = SLOW, 0
        while not press.numbers:
            why = self._press(press, wait)
            refusals += bool(why) and not self._may_wait(wish, why)
            if self._shop.over.is_set() or time.monotonic() > until or refusals == DECLINES:
                press.declined = "" if press.numbers else why or "no answer"
                return
            if not press.numbers:
                self._shop.over.wait(TRY_AGAIN)
                wait = min(wait * 2, WAIT)
        for _ in range(wish.repeats):
            self._press(press, WAIT)
        if wish.another_body:
            self._send_another(press)

    def _may_wait(self, wish: Wish, why: str) -> bool:
        """Whether money may still come for an order."""
        is_poor = why == FUNDS and wish.client == POOR
        return is_poor and self._shop.second() < wish.at + WAITS_FOR_MONEY

    def _press(self, press: Press, wait: float) -> str:
        """Make the call, perhaps twice in one moment; why it was refused, "" otherwise."""
        beside = None
        if press.wish.twice_at_once:
            other = copy(self)
            other._api = Api(self._web, self._shop.odd)
            beside = threading.Thread(target=other._add, args=(press, wait))
            beside.start()
        why = self._add(press, wait)
        if beside is not None:
            beside.join()
        return why

    def _add(self, press: Press, wait: float) -> str:
        press.pressed += 1
        answer = self._call(press.wish, wait)
        if answer and "order" in answer:
            press.numbers.append(int(answer["order"]))
        press.short += bool(answer) and answer.get("error") == FUNDS
        return str(answer.get("error", "")) if answer else ""

    def _send_another(self, press: Press) -> None:
        for _ in range(DECLINES):
            answer = self._call(press.wish, WAIT, quantity=press.wish.quantity + 100)
            if answer:
                press.another.append(str(answer.get("error", answer)))
                return
            self._shop.over.wait(TRY_AGAIN)

    def _call(self, wish: Wish, wait: float, **other: Any) -> Any:
        stage = self._shop.stage
        order = {
            "service": stage.upstreams[wish.upstream].services[wish.service],
            **typed(wish),
            "request_id": wish.key,
        }
        return self._api.call(stage.keys[wish.client], "add", wait, **order | other)


def programs(shop: Shop, web: str) -> list[Program]:
    """All of them; those of the poor client wait for money while the others go on."""
    queues = [shop.by_programs] * PROGRAMS + [shop.of_poor] * POOR_ONES
    return [Program(shop, queue, web, number) for number, queue in enumerate(queues)]
