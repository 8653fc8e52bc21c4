"""The pretend gateway: makes pages, slowly and at times without an answer, and keeps its book."""

import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.chaos.luck import chance
from tests.support.checkout import Standin

ANSWERS_IN = 0.4
"""Seconds that making a page may take, so that the panel can be killed meanwhile."""

FORGETS = 0.2
"""The share of pages that are made without an answer, the first time."""


@dataclass(frozen=True)
class Payment:
    """One line of the gateway's book: a page, for which form, and what was paid on it."""

    payment_id: str
    key: str
    paid: Decimal


class Gateway(Standin):
    """A stand-in that answers slowly, and at times not at all."""

    def __init__(self) -> None:
        self._request = threading.local()
        super().__init__()

    @property
    def forgets(self) -> bool:  # type: ignore[override]
        """Whether this very request gets no answer."""
        return bool(getattr(self._request, "forgets", False))

    @forgets.setter
    def forgets(self, forgets: bool) -> None:
        self._request.forgets = forgets

    def create(self, form: dict[str, str], repeat_key: str) -> dict[str, Any]:
        """As the stand-in does; the same about the same form."""
        luck = chance(0, "gateway", _key_of(repeat_key))
        is_first = repeat_key not in self.by_repeat_key
        made = super().create(form, repeat_key)
        time.sleep(luck.uniform(0, ANSWERS_IN))
        self.forgets = is_first and luck.random() < FORGETS
        return made

    def session_of(self, key: str) -> dict[str, Any] | None:
        """The page that was made for a form of the panel."""
        for session in list(self.sessions.values()):
            if _key_of(session["client_reference_id"]) == key:
                return session
        return None

    def end_the_day(self) -> None:
        """Pages that nobody has paid are over."""
        for name, session in list(self.sessions.items()):
            if session["payment_status"] != "paid":
                self.expire(name)

    def take(self, session: dict[str, Any], amount: Decimal) -> None:
        """The client pays so much."""
        self.pay(session["id"], amount_total=int(amount * 100))

    def book(self) -> list[Payment]:
        """Every page, with what was paid on it."""
        return [
            Payment(
                session["id"],
                _key_of(session["client_reference_id"]),
                Decimal(session["amount_total"]) / 100
                if session["payment_status"] == "paid"
                else Decimal(0),
            )
            for session in self.sessions.values()
        ]


def _key_of(reference: str) -> str:
    """The form's key, which follows the panel's own number."""
    return reference.partition(".")[2]
