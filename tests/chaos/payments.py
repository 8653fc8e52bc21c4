"""What clients will pay in, drawn from the seed: by card at a gateway, or by bank and a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from tests.chaos.luck import chance

CARD, BANK = "card", "bank"
COURSES: dict[tuple[str, str], int] = {
    (CARD, "paid"): 6,
    (BANK, "arrives"): 5,
    (CARD, "other amount"): 1,
    (BANK, "less arrives"): 1,
    (CARD, "withdrawn"): 2,
    (BANK, "disputed"): 2,
    (CARD, "silent"): 1,
    (CARD, "over"): 1,
    (BANK, "declined"): 1,
    (CARD, "forged"): 1,
}
"""How payments go, and how often beside each other. By card: paid; another amount paid; withdrawn
by the client and paid all the same; paid, and the gateway never tells; never paid, until the page
is over; likewise, and somebody sends news that they signed themselves. By bank: it arrives; less
arrives; one person approves while another one declines; nothing arrives."""

PAID = {"paid", "other amount", "withdrawn", "silent"}
ARRIVES = {"arrives", "less arrives", "disputed"}
APART = Decimal("0.50")
"""By how much another amount is paid than was asked, and less arrives."""

ORDERS_PER_DEPOSIT, FEWEST = 8, 15
TO_POOR = 0.4


@dataclass(frozen=True)
class Deposit:
    """A payment that a client begins `at` this second, with the form's own key, and its course.

    `news`: what the gateway tells, in this order: that the page is open, paid or over.
    """

    at: float
    way: str
    course: str
    client: int
    amount: Decimal
    key: str
    news: tuple[str, ...] = ()
    repeats: int = 0
    twice_at_once: bool = False
    leaves_early: bool = False
    by_two: bool = False

    @property
    def pays(self) -> Decimal:
        """What the client really pays, or what arrives."""
        if self.course == "other amount":
            return self.amount + APART
        if self.course == "less arrives":
            return self.amount - APART
        return self.amount if self.course in PAID | ARRIVES else Decimal(0)


def draw_deposits(seed: int, orders: int, seconds: float, poor: int) -> Iterable[Deposit]:
    """The same for the same figures, over so many seconds."""
    count = max(FEWEST, orders // ORDERS_PER_DEPOSIT)
    return (_deposit(seed, number, seconds * number / count, poor) for number in range(count))


def _deposit(seed: int, number: int, at: float, poor: int) -> Deposit:
    luck = chance(seed, "deposit", number)
    # Every course comes once before chance decides, so that a short run has them all.
    kinds = list(COURSES)
    drawn = luck.choices(kinds, list(COURSES.values()))[0]
    way, course = kinds[number] if number < len(kinds) else drawn
    is_poor = luck.random() < TO_POOR
    return Deposit(
        at=at,
        way=way,
        course=course,
        client=poor if is_poor else luck.randrange(poor),
        amount=Decimal(luck.randrange(200, 600 if is_poor else 5000)) / 100,
        key=f"deposit-{seed}-{number}",
        news=_news(luck, course) if way == CARD else (),
        repeats=luck.choice((0, 0, 1)),
        twice_at_once=luck.random() < 0.3,
        leaves_early=luck.random() < 0.15,
        by_two=luck.random() < 0.5,
    )


def _news(luck: Random, course: str) -> tuple[str, ...]:
    if course == "silent":
        return ()
    end = "paid" if course in PAID else "over"
    told = ["open", *[end] * luck.choice((1, 2, 3))]
    luck.shuffle(told)
    return tuple(told)
