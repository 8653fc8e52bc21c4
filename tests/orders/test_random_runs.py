"""Deliveries in runs, by chance: in any order of news the money comes out as a second reckoning
says, and whatever a provider tells, nothing breaks."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest

from orders.enums import OrderStatus
from orders.models import Order, Provider
from orders.money import round_up
from orders.upstream.replies import StatusReply
from tests.support import factories
from tests.support.following import bear_anything, play
from tests.support.pretend import PretendClient

S = OrderStatus
NOW = factories.NOW
RUNS, EACH = 4, 250
PRICE = Decimal("1.33333333")


@pytest.fixture
def provider(db: None) -> Provider:
    return factories.provider("Bulkhaus")


@pytest.fixture
def drip(provider: Provider) -> Callable[[str], Order]:
    service = factories.service(factories.offer(provider, dripfeed=True))
    buyer = factories.customer(balance="1000")
    details = {"link": "https://x.test/a", "quantity": EACH, "runs": RUNS, "interval": 60}

    def make(upstream_id: str) -> Order:
        terms = {"runs": RUNS, "quantity": EACH, "details": details, "price": PRICE}
        return factories.order(buyer, service, upstream_id=upstream_id, **terms)

    return make


class Upstream:
    """One delivery in runs as its provider goes through it, and what is owed for it."""

    def __init__(self, name: str, chance: Random):
        self.name, self.chance = name, chance
        self.word = "Pending"
        self.runs: dict[str, tuple[str, int]] = {}
        self.owed = Decimal(0)

    def go_on(self) -> None:
        """Something happens, or nothing."""
        happens = self.chance.choice(["born", "moves", "moves", "moves", "ends", "taken back", ""])
        if happens == "born" and self.word in ("Pending", "In progress") and len(self.runs) < RUNS:
            self.word = "In progress"
            self.runs[f"{self.name}-{len(self.runs)}"] = ("Pending", EACH)
        elif happens == "moves" and self.runs:
            self._move(self.chance.choice(sorted(self.runs)))
        elif happens == "ends" and self.word == "In progress":
            whole = len(self.runs) == RUNS
            self.word = self.chance.choice(["Completed"] if whole else ["Canceled", "Partial"])
        elif happens == "taken back":
            self._take_back()

    def _move(self, name: str) -> None:
        word, left = self.runs[name]
        if word not in ("Pending", "In progress"):
            return
        word = self.chance.choice(
            ["In progress", "In progress", "Completed", "Partial", "Canceled"]
        )
        left = self.chance.randint(0, left)
        self.runs[name] = (word, {"Completed": 0, "Canceled": EACH}.get(word, left))

    def _take_back(self) -> None:
        for name, (word, left) in self.runs.items():
            if word in ("Completed", "Partial"):
                more = self.chance.randint(left, EACH)
                self.runs[name] = ("Partial", more) if more < EACH else ("Canceled", EACH)
                return

    @property
    def is_settled(self) -> bool:
        ended = all(word not in ("Pending", "In progress") for word, _ in self.runs.values())
        return ended and self.word not in ("Pending", "In progress")

    def reckon(self) -> Decimal:
        """What is owed by now, worked out run by run; it never goes down."""
        if self.is_settled:
            left = sum(left for word, left in self.runs.values() if word != "Completed")
            left += 0 if self.word == "Completed" else (RUNS - len(self.runs)) * EACH
            self.owed = max(self.owed, round_up(PRICE * left / (RUNS * EACH)))
        return self.owed

    def replies(self) -> dict[str, StatusReply]:
        told = StatusReply(self.word, runs=RUNS, orders=tuple(self.runs))
        runs = {
            name: StatusReply(word, remains=left, charge=Decimal("0.25"), currency="USD")
            for name, (word, left) in self.runs.items()
        }
        return {self.name: told} | runs


@pytest.mark.parametrize("seed", range(3))
def test_the_money_is_what_a_second_reckoning_says(
    seed: int, drip: Callable[[str], Order], provider: Provider, pretend: PretendClient
) -> None:
    chance = Random(seed)
    upstreams = [Upstream(f"p{number}", chance) for number in range(6)]
    orders = [drip(upstream.name) for upstream in upstreams]
    play(orders, upstreams, provider, pretend)


# ── Whatever is told ─────────────────────────────────────────────────────────────────────────

WORDS = ["In progress", "Completed", "Partial", "Canceled", "Failed", "Pending", "Odd", "", None, 7]
FIGURES = ["remains", "start_count", "charge", "runs"]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_provider_tells_nothing_breaks(
    seed: int, drip: Callable[[str], Order], provider: Provider, pretend: PretendClient
) -> None:
    family = [drip(name) for name in "pqz"]
    bear_anything(Random(seed), family, provider, pretend, WORDS, FIGURES)
