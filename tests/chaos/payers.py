"""Clients who pay in: they fill in the form, pay at the gateway or the bank, or do not."""

import re
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
from django.urls import reverse

from tests.chaos.browser import Browser, Form, words_in
from tests.chaos.courier import Courier
from tests.chaos.gateway import Gateway
from tests.chaos.payments import ARRIVES, CARD, PAID, Deposit
from tests.chaos.presses import DECLINES, PATIENCE, TRY_AGAIN, Shop

PAYERS = 2


@dataclass
class PaidIn:
    """What came of one deposit: every number that a press of its button brought, or why none did;
    and whether the client has paid, at the bank or at the gateway."""

    deposit: Deposit
    client_id: int
    numbers: list[int] = field(default_factory=list)
    declined: str = ""
    is_paid: bool = False


class Payer(threading.Thread):
    """Begins each payment at its second, and brings it to where its course says."""

    def __init__(
        self,
        shop: Shop,
        deposits: Sequence[Deposit],
        gateway: Gateway,
        courier: Courier,
        web: str,
    ):
        super().__init__(name="payer")
        self.paid_in: list[PaidIn] = []
        self._shop, self._deposits = shop, deque(deposits)
        self._gateway, self._courier = gateway, courier
        self._browsers = {one.pk: Browser(web, one.email) for one in shop.stage.clients}

    def run(self) -> None:
        while self._deposits and self._shop.wait_for(self._deposits[0].at):
            deposit = self._deposits.popleft()
            paid_in = PaidIn(deposit, self._shop.stage.clients[deposit.client].pk)
            self.paid_in.append(paid_in)
            self._ask(paid_in)
            if paid_in.numbers and deposit.way == CARD:
                self._by_card(paid_in)
            elif paid_in.numbers:
                paid_in.is_paid = deposit.course in ARRIVES

    # ── The form ─────────────────────────────────────────────────────────────────────────────

    def _ask(self, paid_in: PaidIn) -> None:
        """Press until the page leads to the request; then perhaps once more."""
        deposit, browser = paid_in.deposit, self._browsers[paid_in.client_id]
        page, form = reverse("my:top_up"), self._form(deposit)
        if deposit.leaves_early:
            browser.glance(page, form)
        until, declines = time.monotonic() + PATIENCE, 0
        while not paid_in.numbers:
            send = browser.post_twice if deposit.twice_at_once else browser.post
            answer = send(page, form)
            paid_in.numbers += _number_in(answer)
            if answer is not None and not paid_in.numbers:
                # Also when the gateway's answer was lost: the same form finds the same page.
                paid_in.declined, declines = words_in(answer), declines + 1
            if time.monotonic() > until or self._shop.over.is_set() or declines > 2 * DECLINES:
                break
            if not paid_in.numbers:
                self._shop.over.wait(TRY_AGAIN)
        for _ in range(deposit.repeats if paid_in.numbers else 0):
            paid_in.numbers += _number_in(browser.post(page, form))
        paid_in.declined = "" if paid_in.numbers else paid_in.declined or "no answer"

    def _form(self, deposit: Deposit) -> Form:
        return {
            "amount": str(deposit.amount),
            "method": str(self._shop.stage.ways[deposit.way].pk),
            "note": "",
            "client_key": deposit.key,
            "next": "",
        }

    # ── Paying ───────────────────────────────────────────────────────────────────────────────

    def _by_card(self, paid_in: PaidIn) -> None:
        deposit = paid_in.deposit
        session = self._gateway.session_of(deposit.key)
        if session is None:  # the verdict says so: a form leads to its page when there is one
            return
        unpaid = dict(session)
        if deposit.course == "withdrawn":
            self._press(paid_in, "my:withdraw_top_up")
        if deposit.course in PAID:
            self._gateway.take(session, deposit.pays)
            paid_in.is_paid = True
        else:
            if deposit.course == "forged":
                self._courier.forge(unpaid)
            self._gateway.expire(session["id"])
        self._courier.tell(deposit, session, unpaid)
        if deposit.course == "silent":
            self._come_back(paid_in)

    def _press(self, paid_in: PaidIn, page: str) -> None:
        where = reverse(page, args=[paid_in.numbers[0]])
        for _ in range(DECLINES):
            if self._browsers[paid_in.client_id].post(where, {}) is not None:
                return
            self._shop.over.wait(TRY_AGAIN)

    def _come_back(self, paid_in: PaidIn) -> None:
        """From the gateway's page to ours, which then asks how the payment stands."""
        where = reverse("my:asked_top_up", args=[paid_in.numbers[0]])
        for _ in range(DECLINES):
            if self._browsers[paid_in.client_id].see(where):
                return
            self._shop.over.wait(TRY_AGAIN)


def _number_in(answer: requests.Response | None) -> list[int]:
    """The number of the request that the answer leads to."""
    where = answer.headers.get("Location", "") if answer is not None else ""
    found = re.search(r"/top-up/(\d+)/", where)
    return [int(found[1])] if found else []


def payers(shop: Shop, deposits: Sequence[Deposit], **others: Any) -> list[Payer]:
    """The deposits, in turn for each thread."""
    return [Payer(shop, deposits[number::PAYERS], **others) for number in range(PAYERS)]
