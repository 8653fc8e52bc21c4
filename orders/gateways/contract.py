"""What every gateway can do, and the plain values that it speaks in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Protocol

from orders.spelling import Words


class Outcome(StrEnum):
    """How a payment stands at the gateway."""

    PAID = "paid"
    OPEN = "open"
    OVER = "over"
    """Nobody can pay it any more."""


@dataclass(frozen=True)
class Started:
    """A payment page: the gateway's own id of the payment, and where the customer pays."""

    payment_id: str
    url: str


@dataclass(frozen=True)
class Payment:
    """What the gateway says of one payment. `reference` is ours, as `begin` was given it."""

    payment_id: str
    reference: str
    outcome: Outcome
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Signposts:
    """What an admin reads who connects an account: the button that begins it, and where at the
    gateway to find or enter each thing."""

    button: Words = Words()
    key: Words = Words()
    secret: Words = Words()
    news: Words = Words()


class GatewayError(Exception):
    """The gateway could not be asked, refused, or answered what cannot be read."""


class BadNews(Exception):
    """News that its gateway did not sign, or that is too old, or cannot be read."""


class Gateway(Protocol):
    """One account at a gateway."""

    signposts: ClassVar[Signposts]

    def __init__(self, key: str, secret: str) -> None: ...

    def begin(
        self, *, reference: str, amount: Decimal, currency: str, title: str, back: str
    ) -> Started:
        """Make a payment page. Called again with the same `reference`, it gives the same one.

        Raises `GatewayError`.
        """
        ...

    def ask(self, payment_id: str) -> Payment:
        """How a payment stands now. Raises `GatewayError`."""
        ...

    def read_news(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Payment | None:
        """What signed news says; None: about something else. Raises `BadNews`."""
        ...
