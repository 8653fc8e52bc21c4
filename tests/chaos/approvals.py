"""Staff at the top-ups: they look what arrived, and add it, or say that nothing did."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

import requests
from django.db import DatabaseError, InterfaceError, connection, connections
from django.urls import reverse

from orders.enums import TopUpStatus
from orders.models import TopUp
from tests.chaos.browser import Browser, Form, words_in
from tests.chaos.payers import PaidIn
from tests.chaos.presses import PATIENCE, Shop

EVERY = 0.5
DONE = "done"
DECIDABLE = [TopUpStatus.REQUESTED, TopUpStatus.HELD]


@dataclass
class Ruling:
    """One press of a button about a top-up by one person: `told` is `done`, why not, or "" without
    an answer."""

    number: int
    act: str
    user_id: int
    received: Decimal
    told: str = ""


class Approver(threading.Thread):
    """Decides what waits, until it is sent home and nothing does; often two press at once."""

    def __init__(self, shop: Shop, paid_in: Callable[[], list[PaidIn]], web: str):
        super().__init__(name="approver", daemon=True)
        self.rulings: list[Ruling] = []
        self._shop, self._paid_in, self._home = shop, paid_in, threading.Event()
        self._people = [
            (staff.user_id, Browser(web, staff.user.email)) for staff in shop.stage.counter
        ]

    def close(self) -> None:
        """Go home, when nothing waits any more."""
        self._home.set()
        if self.ident is not None:
            self.join()

    def run(self) -> None:
        try:
            while not self._home.wait(EVERY):
                self._look()
            until = time.monotonic() + PATIENCE
            while self._look() and time.monotonic() < until:
                time.sleep(EVERY)
        finally:
            connections.close_all()

    def _look(self) -> bool:
        """Decide what has arrived, or never will; whether anything waited."""
        try:
            waiting = list(TopUp.objects.filter(status__in=DECIDABLE).order_by("pk")[:20])
        except (DatabaseError, InterfaceError):  # this connection was cut
            with suppress(DatabaseError, InterfaceError):
                connection.close()
            return True
        known = {one.deposit.key: one for one in self._paid_in()}
        for top_up in waiting:
            one = known[top_up.client_key]
            if one.is_paid or one.declined or one.deposit.course == "declined":
                self._decide(top_up, one)
        return bool(waiting)

    def _decide(self, top_up: TopUp, one: PaidIn) -> None:
        """One person decides; or two, at the same moment, who do not always agree."""
        acts = ["approve" if one.is_paid else "decline"]
        if one.deposit.course == "disputed":
            acts.append("decline")
        elif one.deposit.by_two:
            acts += acts
        people = self._people if top_up.pk % 2 else self._people[::-1]
        presses = []
        for act, (user_id, browser) in zip(acts, people, strict=False):
            ruling = Ruling(top_up.pk, act, user_id, one.deposit.pays)
            self.rulings.append(ruling)
            presses.append(threading.Thread(target=_send, args=(browser, ruling)))
        for press in presses:
            press.start()
        for press in presses:
            press.join()


def _send(browser: Browser, ruling: Ruling) -> None:
    page = reverse(f"staff:{ruling.act}_top_up", args=[ruling.number])
    approves = ruling.act == "approve"
    form: Form = {"received": str(ruling.received)} if approves else {"reason": "Nothing arrived"}
    answer: requests.Response | None = browser.post(page, form)
    if answer is not None:
        ruling.told = DONE if answer.status_code == 302 else words_in(answer)
