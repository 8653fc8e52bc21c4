"""People at the new-order form: they place, press twice, leave early, and try again."""

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import requests
from django.urls import reverse_lazy

from tests.chaos.browser import Browser, Form, number_in, price_in, words_in
from tests.chaos.plan import POOR, Plan, Wish
from tests.chaos.stage import Stage
from tests.chaos.wants import typed

THREADS = 4
NEW_ORDER = reverse_lazy("staff:new_order")
TRY_AGAIN = 0.5
PATIENCE = 90.0
"""Seconds after which somebody who gets no answer at all gives up."""

DECLINES = 3
"""A form that is declined this often is left."""


@dataclass
class Press:
    """What came of one wish: every number that a press of its button brought, or why none did.

    `pressed`: how often it was; `short`: how often money was missing; `offered`: the prices that
    were shown before each press; `another`: what a program was answered that sent the same
    `request_id` with another order. `staff_id` is 0 for a program.
    """

    wish: Wish
    staff_id: int
    numbers: list[int] = field(default_factory=list)
    declined: str = ""
    pressed: int = 0
    short: int = 0
    offered: list[Decimal] = field(default_factory=list)
    another: list[str] = field(default_factory=list)


class Desk(threading.Thread):
    """One person at work: takes the next wish when it is due, until none is left."""

    def __init__(self, shop: "Shop", number: int, web: str):
        super().__init__(name=f"desk-{number}")
        self._staff = shop.stage.counter[number % len(shop.stage.counter)]
        self._shop, self._browser = shop, Browser(web, self._staff.user.email)

    def run(self) -> None:
        while not (self._browser.sign_in() or self._shop.over.wait(TRY_AGAIN)):
            pass
        self._shop.arrived.release()
        while (press := self._shop.next_press(self._shop.at_desks, self._staff.pk)) is not None:
            self._place(press)

    def _place(self, press: Press) -> None:
        wish, until = press.wish, time.monotonic() + PATIENCE
        if wish.leaves_early:
            self._browser.glance(NEW_ORDER, self._form(wish, _act(wish)))
            press.offered += [Decimal(price) for price in [self._shop.price_of(wish)] if price]
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
            answer = self._answer_to(press)
            if answer is None:
                self._shop.over.wait(TRY_AGAIN)
                return
            if number := number_in(answer):
                press.numbers.append(number)
                return
            why = self._learn_price(press.wish, answer)
            self._shop.over.wait(TRY_AGAIN)
        press.declined = press.declined or why

    def _answer_to(self, press: Press) -> requests.Response | None:
        wish, form = press.wish, self._form(press.wish, _act(press.wish))
        press.pressed += 1
        press.offered += [Decimal(price) for price in [form["expected_price"]] if price]
        send = self._browser.post_twice if wish.twice_at_once else self._browser.post
        return send(NEW_ORDER, form)

    def _ask_price(self, press: Press) -> bool:
        answer = self._browser.post(NEW_ORDER, self._form(press.wish, "check"))
        if answer is None:
            self._shop.over.wait(TRY_AGAIN)
            return False
        why = self._learn_price(press.wish, answer)
        if not self._shop.price_of(press.wish):
            press.declined = why
        return bool(self._shop.price_of(press.wish))

    def _learn_price(self, wish: Wish, answer: requests.Response) -> str:
        """Take over the price that the page shows now; what it says besides."""
        self._shop.prices[wish.upstream, wish.service, wish.billed] = price_in(answer)
        return words_in(answer)

    def _form(self, wish: Wish, act: str) -> Form:
        stage = self._shop.stage
        return {
            "client_key": wish.key,
            "client": str(stage.clients[wish.client].pk),
            "service": str(stage.upstreams[wish.upstream].services[wish.service]),
            **{f"f-{name}": text for name, text in typed(wish).items()},
            "confirm": str(wish.billed),
            "markup": "acting",
            "expected_price": self._shop.price_of(wish),
            "take": wish.cash,
            "act": act,
        }


def _act(wish: Wish) -> str:
    """The button: "Place order", or "Take … and order"."""
    return "take" if wish.cash else "place"


class Queue:
    """Wishes that are left, of which several take the next one in turn."""

    def __init__(self, wishes: Iterable[Wish]):
        self._wishes, self._taking = deque(wishes), threading.Lock()

    def take(self) -> Wish | None:
        """The next one; None when there is no other."""
        with self._taking:
            return self._wishes.popleft() if self._wishes else None

    @property
    def next_at(self) -> float:
        """The second at which the next one is due; without one, for ever."""
        with self._taking:
            return self._wishes[0].at if self._wishes else float("inf")


class Shop:
    """All the desks, the wishes that are left, and what came of the others."""

    def __init__(self, stage: Stage, plan: Plan, web: str):
        self.stage = stage
        self.over, self.arrived = threading.Event(), threading.Semaphore(0)
        self.presses: list[Press] = []
        self.odd: list[str] = []
        self.prices: dict[tuple[int, int, int], str] = {}
        self.at_desks = Queue(wish for wish in plan.wishes if not wish.by_program)
        by_programs = [wish for wish in plan.wishes if wish.by_program]
        self.by_programs = Queue(wish for wish in by_programs if wish.client != POOR)
        self.of_poor = Queue(wish for wish in by_programs if wish.client == POOR)
        self._begun, self._began = threading.Event(), 0.0
        self._desks = [Desk(self, number, web) for number in range(THREADS)]

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
        """The second at which the next order is to be placed; without one, for ever. (Those of
        the poor client wait for money, not for time.)"""
        return min(self.at_desks.next_at, self.by_programs.next_at)

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

    def next_press(self, queue: Queue, staff_id: int = 0) -> Press | None:
        """To begin with the next wish, when it is due; None without another one, or when all is
        over."""
        self._begun.wait()
        wish = queue.take()
        if wish is None or not self.wait_for(wish.at):
            return None
        press = Press(wish, staff_id)
        self.presses.append(press)
        return press

    def second(self) -> float:
        """How long ago it opened."""
        return time.monotonic() - self._began

    def wait_for(self, second: float) -> bool:
        """Wait for a second after the opening; whether it came before all was over."""
        self._begun.wait()
        return not self.over.wait(max(self._began + second - time.monotonic(), 0))

    def price_of(self, wish: Wish) -> str:
        """The price that was shown last for such an order; "" when none was."""
        return self.prices.get((wish.upstream, wish.service, wish.billed), "")
