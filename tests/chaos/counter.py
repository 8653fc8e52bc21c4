"""People at the counter: cash in and out, corrections, gifts, the safe, and counts of a till."""

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import requests
from django.urls import reverse

from orders.models import Staff
from tests.chaos.browser import Browser, Form, words_in
from tests.chaos.luck import chance
from tests.chaos.plan import Errand
from tests.chaos.presses import PATIENCE, TRY_AGAIN, Shop

DONE = "done"
PAGES = {"drop": "staff:drop", "count": "staff:count_till"}
ACTS = {"add": "correct", "less": "correct"}
INTO_TILL = {"take": 1, "pay": -1, "drop": -1}
MISCOUNTS = (Decimal(0), Decimal("0.25"), Decimal("-0.25"))
"""By how much somebody counts more, or less, than what they believe to have in the till."""


@dataclass
class Receipt:
    """What came of one errand: `told` is `done`, why it was declined, or "" without an answer.

    `pressed` tells how often its button was pressed.
    """

    errand: Errand
    staff_id: int
    amount: Decimal
    told: str = ""
    pressed: int = 0


class Counter(threading.Thread):
    """One person's counter: does each errand at its second, again and again until told how it
    went, and now and then once more."""

    def __init__(self, shop: Shop, staff: Staff, errands: Iterable[Errand], web: str, seed: int):
        super().__init__(name=f"counter-{staff.name}")
        self.receipts: list[Receipt] = []
        self._shop, self._staff, self._seed = shop, staff, seed
        self._errands, self._browser = deque(errands), Browser(web, staff.user.email)
        self._believed = Decimal(0)

    def run(self) -> None:
        while self._errands and self._shop.wait_for(self._errands[0].at):
            self._do(self._errands.popleft())

    def _do(self, errand: Errand) -> None:
        receipt = Receipt(errand, self._staff.pk, self._amount(errand))
        self.receipts.append(receipt)
        until = time.monotonic() + PATIENCE
        while not receipt.told and time.monotonic() < until:
            self._press(receipt)
            if not receipt.told and self._shop.over.wait(TRY_AGAIN):
                return
        if errand.kind != "count":  # its form bears no token: a second count is another one
            for _ in range(errand.repeats if receipt.told == DONE else 0):
                self._press(receipt)
        if receipt.told == DONE:
            self._believed += receipt.amount * INTO_TILL.get(errand.kind, 0)

    def _press(self, receipt: Receipt) -> None:
        errand, page = receipt.errand, self._page(receipt.errand)
        twice = errand.twice_at_once and errand.kind != "count"
        send = self._browser.post_twice if twice else self._browser.post
        receipt.pressed += 1
        answer = send(page, self._form(receipt))
        if answer is not None and (receipt.told != DONE):
            receipt.told = _said(answer)

    def _page(self, errand: Errand) -> str:
        if errand.kind in PAGES:
            return reverse(PAGES[errand.kind])
        client = self._shop.stage.clients[errand.client]
        return reverse("staff:client_money", args=[client.pk, ACTS.get(errand.kind, errand.kind)])

    def _amount(self, errand: Errand) -> Decimal:
        if errand.kind != "count":
            return errand.amount
        apart = chance(self._seed, "count", errand.token).choice(MISCOUNTS)
        return max(self._believed + apart, Decimal(0))

    def _form(self, receipt: Receipt) -> Form:
        errand, amount = receipt.errand, str(receipt.amount)
        if errand.kind == "count":
            return {"counted": amount, "note": errand.token}
        direction = {"add": "add", "less": "take"}.get(errand.kind, "")
        form = {"amount": amount, "token": errand.token, "reason": "As it is", "memo": ""}
        return form | ({"direction": direction} if direction else {})


def _said(answer: requests.Response) -> str:
    return DONE if answer.status_code == 302 else words_in(answer)
