"""People at the new-order form: they place, press twice, leave early, and try again."""

import threading
import time
from collections import deque
from dataclasses import dataclass, field

import requests

from tests.chaos.browser import Browser, Form, number_in, price_in, words_in
from tests.chaos.plan import Plan, Wish
from tests.chaos.stage import Stage

THREADS = 4
TRY_AGAIN = 0.5
PATIENCE = 90.0
"""Seconds after which somebody who gets no answer at all gives up."""

DECLINES = 3
"""A form that is declined this often is left."""


@dataclass
class Press:
    """What came of one wish: every number that a press of its button brought, or why none did."""

    wish: Wish
    numbers: list[int] = field(default_factory=list)
    declined: str = ""


class Desk(threading.Thread):
    """One person at work: takes the next wish when it is due, until none is left."""

    def __init__(self, shop: "Shop", name: str, web: str):
        super().__init__(name=name)
        self._shop, self._browser = shop, Browser(web)

    def run(self) -> None:
        while not (self._browser.sign_in() or self._shop.over.wait(TRY_AGAIN)):
            pass
        self._shop.arrived.release()
        while (wish := self._shop.next_wish()) is not None:
            press = Press(wish)
            self._shop.presses.append(press)
            self._place(press)

    def _place(self, press: Press) -> None:
        wish, until = press.wish, time.monotonic() + PATIENCE
        if wish.leaves_early:
            self._browser.glance(self._form(wish, "place"))
        while not press.numbers and not press.declined:
            if self._shop.over.is_set() or time.monotonic() > until:
                press.declined = "no answer"
                return
            self._press(press)
        for _ in range(wish.repeats if press.numbers else 0):
            self._press(press)

    def _press(self, press: Press) -> None:
        """Press until something is said: a number, or a reason why not."""
        why = ""
        for _ in range(DECLINES):
            if not self._shop.price_of(press.wish) and not self._ask_price(press):
                return
            answer = self._answer_to(press.wish)
            if answer is None:
                self._shop.over.wait(TRY_AGAIN)
                return
            if number := number_in(answer):
                press.numbers.append(number)
                return
            why = self._learn_price(press.wish, answer)
            self._shop.over.wait(TRY_AGAIN)
        press.declined = press.declined or why

    def _answer_to(self, wish: Wish) -> requests.Response | None:
        form = self._form(wish, "place")
        if not wish.twice_at_once:
            return self._browser.post(form)
        other = self._browser.press_beside(form)
        try:
            return self._browser.post(form)
        finally:
            other.join()

    def _ask_price(self, press: Press) -> bool:
        answer = self._browser.post(self._form(press.wish, "check"))
        if answer is None:
            self._shop.over.wait(TRY_AGAIN)
            return False
        why = self._learn_price(press.wish, answer)
        if not self._shop.price_of(press.wish):
            press.declined = why
        return bool(self._shop.price_of(press.wish))

    def _learn_price(self, wish: Wish, answer: requests.Response) -> str:
        """Take over the price that the page shows now; what it says besides."""
        self._shop.prices[wish.upstream, wish.service, wish.quantity] = price_in(answer)
        return words_in(answer)

    def _form(self, wish: Wish, act: str) -> Form:
        stage = self._shop.stage
        return {
            "client_key": wish.key,
            "client": str(stage.clients[wish.client].pk),
            "service": str(stage.upstreams[wish.upstream].services[wish.service]),
            "f-link": wish.link,
            "f-quantity": str(wish.quantity),
            "confirm": str(wish.quantity),
            "markup": "acting",
            "expected_price": self._shop.price_of(wish),
            "act": act,
        }


class Shop:
    """All the desks, the wishes that are left, and what came of the others."""

    def __init__(self, stage: Stage, plan: Plan, web: str):
        self.stage = stage
        self.over, self.arrived = threading.Event(), threading.Semaphore(0)
        self.presses: list[Press] = []
        self.prices: dict[tuple[int, int, int], str] = {}
        self._wishes, self._taking = deque(plan.wishes), threading.Lock()
        self._begun, self._began = threading.Event(), 0.0
        self._desks = [Desk(self, f"desk-{number}", web) for number in range(THREADS)]

    def open(self) -> None:
        """Let everybody sign in, then begin. Raises `RuntimeError` when somebody cannot."""
        for desk in self._desks:
            desk.start()
        if not all(self.arrived.acquire(timeout=PATIENCE) for _ in self._desks):
            raise RuntimeError("Somebody could not sign in; the log of the web says why.")
        self._began = time.monotonic()
        self._begun.set()

    @property
    def next_at(self) -> float:
        """The second at which the next order is to be placed; without one, for ever."""
        with self._taking:
            return self._wishes[0].at if self._wishes else float("inf")

    @property
    def is_busy(self) -> bool:
        """Whether somebody still waits for an answer."""
        return any(desk.is_alive() for desk in self._desks)

    def close(self) -> None:
        """Take no more wishes, and wait until everybody has left."""
        self.over.set()
        self._begun.set()
        for desk in self._desks:
            if desk.ident is not None:
                desk.join()

    def next_wish(self) -> Wish | None:
        """The next one, when it is due; None when there is no other, or all is over."""
        self._begun.wait()
        with self._taking:
            wish = self._wishes.popleft() if self._wishes else None
        if wish is not None:
            self.over.wait(max(self._began + wish.at - time.monotonic(), 0))
        return None if self.over.is_set() else wish

    def price_of(self, wish: Wish) -> str:
        """The price that was shown last for such an order; "" when none was."""
        return self.prices.get((wish.upstream, wish.service, wish.quantity), "")
