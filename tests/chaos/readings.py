"""A program that looks: balances, and how many orders stand, while everything is killed."""

import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import cycle

from django.utils import timezone

from tests.chaos.plan import POOR
from tests.chaos.presses import TRY_AGAIN, Shop
from tests.chaos.programs import Api

EVERY = 0.5
PORTION = 97
"""Orders of the client's own in one call; a hundred ids are allowed."""

NOBODYS = 999_999_999
TRIES = 20


@dataclass(frozen=True)
class Reading:
    """A balance as it was told; `is_last`: when nothing moved any more."""

    client: int
    answered_at: datetime
    balance: Decimal
    is_last: bool = False


@dataclass(frozen=True)
class Look:
    """What was told of orders by number: of those that this client had been told of before, and of
    numbers that are not theirs. Each is "status|charge", or the error."""

    client: int
    own: dict[int, str]
    others: dict[int, str]
    is_last: bool = False


class Reader(threading.Thread):
    """Looks at one client after the other, all the time."""

    def __init__(self, shop: Shop, web: str):
        super().__init__(name="reader")
        self.readings: list[Reading] = []
        self.looks: list[Look] = []
        self._shop, self._api = shop, Api(web, shop.odd)

    def run(self) -> None:
        clients = range(len(self._shop.stage.clients))
        for client in cycle([*clients, POOR]):
            if self._shop.over.wait(EVERY):
                return
            self._read_balance(client)
            self._look(client, self._told(client)[-PORTION:])

    def look_at_all(self) -> None:
        """Once everything has come to its end: every balance, and every order."""
        for client in range(len(self._shop.stage.clients)):
            _until_answered(lambda client=client: self._read_balance(client, is_last=True))
            told = self._told(client)
            for start in range(0, len(told), PORTION):
                portion = told[start : start + PORTION]
                _until_answered(lambda c=client, p=portion: self._look(c, p, is_last=True))

    def _told(self, client: int) -> list[int]:
        presses = [press for press in self._shop.presses if press.wish.client == client]
        return sorted({number for press in presses for number in press.numbers})

    def _read_balance(self, client: int, *, is_last: bool = False) -> bool:
        answer = self._api.call(self._shop.stage.keys[client], "balance")
        if not answer or "balance" not in answer:
            return False
        pk, balance = self._shop.stage.clients[client].pk, Decimal(answer["balance"])
        self.readings.append(Reading(pk, timezone.now(), balance, is_last))
        return True

    def _look(self, client: int, own: list[int], *, is_last: bool = False) -> bool:
        strange = [*self._told((client + 1) % len(self._shop.stage.clients))[-1:], NOBODYS]
        ids = ",".join(map(str, [*own, *strange]))
        answer = self._api.call(self._shop.stage.keys[client], "status", orders=ids)
        if not answer or "error" in answer:
            return False
        pk = self._shop.stage.clients[client].pk
        self.looks.append(Look(pk, _kept(answer, own), _kept(answer, strange), is_last))
        return True


def _kept(answer: dict[str, dict[str, str]], numbers: Iterable[int]) -> dict[int, str]:
    return {number: sys.intern(_words(answer.get(str(number)) or {})) for number in numbers}


def _words(item: dict[str, str]) -> str:
    return item.get("error") or f"{item.get('status')}|{item.get('charge')}"


def _until_answered(read: Callable[[], bool]) -> None:
    for _ in range(TRIES):
        if read():
            return
        time.sleep(TRY_AGAIN)
