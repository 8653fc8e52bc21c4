"""What will be bought and what will go wrong, drawn from the seed alone."""

from dataclasses import dataclass, replace
from decimal import Decimal

from tests.chaos.luck import chance
from tests.chaos.payments import Deposit, draw_deposits
from tests.chaos.trades import Trade, draw_trades

UPSTREAMS = 3
WORKERS = 3
CLIENTS = 6
POOR = CLIENTS
"""One client more, whose balance is nearly nothing: programs of theirs order at its limit."""

TYPES = ("default", "custom_comments", "mentions_with_hashtags", "subscriptions", "default")
"""The type of each service that is bought from an upstream; the last one is bought elsewhere at
times, so there is another one of its type."""

PLAIN = tuple(number for number, kind in enumerate(TYPES) if kind == "default")
"""Those of which a line needs no more than link and quantity."""

SUBSCRIBED = TYPES.index("subscriptions")

IN_RUNS, RUNS, EACH, INTERVALS = 0.4, (2, 3, 4), (100, 120), (10, 20, 30)
"""The share of orders of these that is delivered in runs; how many runs, of how much, and the
minutes between them (two seconds at a provider's pace here for ten)."""

NEW_POSTS, OLD_POSTS, BETWEEN = (1, 2, 3), (0, 1, 2), ((100, 100), (100, 200), (200, 500))
"""How many posts a subscription is to, and how much each gets."""

KEYED = 1
"""The provider that wants a key with each `add`, and answers a second one with the same order."""

SERVICES = len(TYPES)

PLACING = 0.9
"""The share of the time in which orders are placed."""

CALM = 4.0
"""Seconds at the beginning and at the end in which nothing new goes wrong."""

# What is done to our own side: how often a minute, and between which seconds it lasts.
OURS: dict[str, tuple[float, tuple[float, float]]] = {
    "kill worker": (5, (0, 0)),
    "kill beat": (1.5, (0, 0)),
    "kill broker": (1.5, (0, 0)),
    "kill web": (2, (0, 0)),
    "kill database": (0.5, (0, 0)),
    "stall worker": (1.3, (10, 28)),
    "strand worker": (3.5, (14, 20)),
    "cut database": (3, (0, 0)),
}
# What an upstream does beside its spells.
THEIRS: dict[str, tuple[float, tuple[float, float]]] = {
    "taken id": (4, (0, 0)),
    "service gone": (2, (6, 12)),
}
# Spells of an upstream, and between which seconds each lasts.
SPELLS: dict[str, tuple[float, float]] = {
    "refuse": (6, 12),
    "silence": (8, 12),
    "no funds": (4, 8),
    "bad key": (3, 6),
    "price rise": (6, 12),
}
BETWEEN_SPELLS = (15, 35)
"""Seconds: a hold is probed after half a minute, and then there must be something to disturb."""

BY_PROGRAM, OF_POOR = 0.35, 0.2
"""The share of orders that programs of clients place, and how many of these are the poor one's."""

CASH = 0.15
"""The share of the other orders for which the client hands over cash in the same press."""

CASHES = ("0.50", "5.00", "12.50")

ASKED_TO_STOP, ASKED_FOR_REFILL = 0.2, 0.5
"""The shares of orders that somebody wants to stop, and wants refilled once completed."""

ERRS, GIVES_UP = 0.3, 0.4
"""The share of decisions that are wrong ("not there", although it is), and of orders that are not
there the share that is given up; the others are sent anew."""

LETS_REPEAT = 0.75
"""The share of lost answers that a person leaves to the panel where it says that it will send the
same submission again."""

ORDERS_PER_ERRAND = 4
FEWEST_ERRANDS = 12
ERRANDS = {"take": 5, "pay": 3, "add": 2, "less": 1, "gift": 1, "drop": 3, "count": 1}
"""What is done with money at the counter, and how often beside each other: cash taken and paid
out, corrections either way, gifts, cash into the safe, and a till counted."""


@dataclass(frozen=True)
class Wish:
    """An order that somebody will place `at` this second, and how impatiently.

    Staff place it, or a program of the client; one that has `another_body` sends its `request_id`
    once more with another order. The `link` of a subscription is the username that it follows.
    """

    number: int
    at: float
    key: str
    link: str
    client: int
    upstream: int
    service: int
    quantity: int
    repeats: int = 0
    twice_at_once: bool = False
    leaves_early: bool = False
    cash: str = ""
    by_program: bool = False
    another_body: bool = False
    runs: int = 0
    interval: int = 0
    least: int = 0
    posts: int = 0
    old_posts: int = 0

    @property
    def children(self) -> int:
        """How many runs or posts it comes in; 0: it is an order like any other."""
        return self.runs or self.posts + self.old_posts

    @property
    def billed(self) -> int:
        """What is delivered in all; to posts, the most that it may be."""
        return self.quantity * max(self.children, 1)


@dataclass(frozen=True)
class Errand:
    """Money that somebody moves at the counter, with the form's own token."""

    at: float
    kind: str
    client: int
    amount: Decimal
    token: str
    repeats: int = 0
    twice_at_once: bool = False


@dataclass(frozen=True, order=True)
class Act:
    """Something done to somebody from second `at` on, for `seconds` (0: a moment)."""

    at: float
    name: str
    target: int = 0
    seconds: float = 0


@dataclass(frozen=True)
class Plan:
    """Orders, money, prices and trouble of one run."""

    seed: int
    seconds: float
    wishes: tuple[Wish, ...]
    errands: tuple[Errand, ...]
    deposits: tuple[Deposit, ...]
    trades: tuple[Trade, ...]
    acts: tuple[Act, ...]


def draw(seed: int, orders: int, minutes: float) -> Plan:
    """The same plan for the same figures."""
    seconds = minutes * 60
    wishes = (_wish(seed, number, seconds * PLACING * number / orders) for number in range(orders))
    count = max(FEWEST_ERRANDS, orders // ORDERS_PER_ERRAND)
    errands = (_errand(seed, number, seconds * PLACING * number / count) for number in range(count))
    acts = sorted([*_ours(seed, seconds), *_spells(seed, seconds)])
    deposits = draw_deposits(seed, orders, seconds * PLACING, POOR)
    trades = draw_trades(seed, orders, seconds * PLACING, UPSTREAMS, SERVICES)
    return Plan(
        *(seed, seconds, tuple(wishes), tuple(errands), tuple(deposits), tuple(trades), tuple(acts))
    )


@dataclass(frozen=True)
class Judgement:
    """How a person decides about one submission whose answer was lost."""

    errs: bool
    gives_up: bool
    waits: bool = False


def decision(seed: int, link: str, number: int) -> Judgement:
    """The same about the same submission of an order, whenever it is asked for."""
    luck = chance(seed, "decision", link, number)
    errs, gives_up = luck.random() < ERRS, luck.random() < GIVES_UP
    return Judgement(errs, gives_up, waits=luck.random() < LETS_REPEAT)


def _wish(seed: int, number: int, at: float) -> Wish:
    luck = chance(seed, "order", number)
    by_program = luck.random() < BY_PROGRAM
    is_poor = by_program and luck.random() < OF_POOR
    wish = Wish(
        number=number,
        at=at,
        key=f"chaos-{seed}-{number}",
        link=f"https://instagram.com/p/{seed}-{number}",
        client=POOR if is_poor else luck.randrange(CLIENTS),
        upstream=luck.randrange(UPSTREAMS),
        service=luck.randrange(SERVICES),
        quantity=luck.choice((100, 200, 500)),
        repeats=luck.choice((0, 0, 0, 0, 0, 0, 1, 1, 2)),
        twice_at_once=luck.random() < 0.08,
        leaves_early=luck.random() < 0.08,
        cash=luck.choice(CASHES) if luck.random() < CASH and not by_program else "",
        by_program=by_program,
        another_body=by_program and luck.random() < 0.2,
    )
    return _subscribed(seed, wish) if wish.service == SUBSCRIBED else _in_runs(seed, wish)


def _subscribed(seed: int, wish: Wish) -> Wish:
    """Followed is a username of its own; the quantity is the most that a post may get."""
    luck = chance(seed, "posts", wish.number)
    least, most = luck.choice(BETWEEN)
    posts, old_posts = luck.choice(NEW_POSTS), luck.choice(OLD_POSTS)
    followed = {"link": f"atelier{seed}n{wish.number}", "least": least, "quantity": most}
    return replace(wish, **followed, posts=posts, old_posts=old_posts)


def _in_runs(seed: int, wish: Wish) -> Wish:
    luck = chance(seed, "runs", wish.number)
    if wish.service not in PLAIN or luck.random() >= IN_RUNS:
        return wish
    runs, each, interval = luck.choice(RUNS), luck.choice(EACH), luck.choice(INTERVALS)
    return replace(wish, quantity=each, runs=runs, interval=interval)


def _errand(seed: int, number: int, at: float) -> Errand:
    luck = chance(seed, "errand", number)
    kinds = list(ERRANDS)
    # Every kind comes once before chance decides, so that a short run has them all.
    drawn = luck.choices(kinds, list(ERRANDS.values()))[0]
    return Errand(
        at=at,
        kind=kinds[number] if number < len(kinds) else drawn,
        client=luck.randrange(CLIENTS),
        amount=Decimal(luck.randrange(1, 2000)) / 100,
        token=f"errand-{seed}-{number}",
        repeats=luck.choice((0, 0, 0, 1, 2)),
        twice_at_once=luck.random() < 0.2,
    )


def _ours(seed: int, seconds: float) -> list[Act]:
    acts = []
    for name, (a_minute, lasts) in (OURS | THEIRS).items():
        luck = chance(seed, "act", name)
        count = max(1, round(a_minute * seconds / 60))
        # What lasts begins early enough to end with the trouble, in all but the shortest run.
        whole = max(seconds - CALM - lasts[1], seconds / 2) - CALM
        for number in range(count):
            # Each in its own share of the time: all at once would leave nobody to disturb.
            at = CALM + max(whole, 0) * (number + luck.random()) / count
            acts.append(Act(at, name, luck.randrange(WORKERS), luck.uniform(*lasts)))
    return acts


def _spells(seed: int, seconds: float) -> list[Act]:
    """One spell after the other at each upstream, never two at once, each kind in its turn."""
    luck = chance(seed, "spells")
    kinds = list(SPELLS)
    luck.shuffle(kinds)
    free = [luck.uniform(CALM, 12.0) for _ in range(UPSTREAMS)]
    acts: list[Act] = []
    while True:
        target = free.index(min(free))
        name = kinds[len(acts) % len(kinds)]
        lasts = luck.uniform(*SPELLS[name])
        if free[target] + lasts > seconds - CALM:
            return acts
        acts.append(Act(free[target], name, target, lasts))
        free[target] += lasts + luck.uniform(*BETWEEN_SPELLS)
