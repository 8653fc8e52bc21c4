"""What is done to prices in a run, drawn from the seed."""

from dataclasses import dataclass

from tests.chaos.luck import chance

ORDERS_PER_TRADE, FEWEST_TRADES = 6, 12
TRADES = ("panel", "category", "service", "service", "end", "elsewhere")
PERCENTS = (20, 25, 30, 38, 45)


@dataclass(frozen=True)
class Trade:
    """A change of prices `at` this second: where it acts, and the markup that is to hold."""

    at: float
    kind: str
    upstream: int
    service: int
    percent: int


def draw_trades(
    seed: int, orders: int, seconds: float, upstreams: int, services: int
) -> list[Trade]:
    """The same for the same figures."""
    count = max(FEWEST_TRADES, orders // ORDERS_PER_TRADE)
    trades = []
    for number in range(count):
        luck = chance(seed, "trade", number)
        kind, percent = luck.choice(TRADES), luck.choice(PERCENTS)
        place = (luck.randrange(upstreams), luck.randrange(services))
        trades.append(Trade(seconds * number / count, kind, *place, percent))
    return trades
