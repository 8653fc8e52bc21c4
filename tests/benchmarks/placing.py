"""Placing orders: four buyers at once through the verb, and the same statements by themselves."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from orders import ledger, ledger_check, sql
from orders.enums import AccountKind, TransferKind
from orders.models import Customer, Event, Order, Transfer
from tests.benchmarks import api_orders, costs, crowd, side_by_side, stage, web
from tests.benchmarks.figures import Figure, Size

BUYERS = 4
WALLETS = 400
ORDERS_BEFORE = 100_000
SECONDS = 4.0


def figures(size: Size) -> Iterator[Figure]:
    """Of one wallet that all four buy from, and of a hundred each."""
    seconds = SECONDS if size.of(100) == 100 else 0.3
    with stage.database("placing"):
        customers = plant(size.of(ORDERS_BEFORE, 1_000), timezone.now())
        with ExitStack() as stack:
            verb, wire = (stack.enter_context(_buyers(way)) for way in ("verb", "wire"))
            for name, wallets in (("one wallet", customers[:1]), ("400 wallets", customers)):
                yield _figure(name, verb, wire, wallets, seconds, size.rounds)
        with web.running() as served:
            yield from api_orders.figures(served, customers, seconds)
        check(customers)


def plant(orders: int, now: Any) -> list[int]:
    """Orders that are there already, and customers with money; returns the numbers of these."""
    # Nobody was charged for those, so that the books agree.
    crowd.plant(orders, now, price="0", refunded="0", refund_unknown="FALSE")
    # What the statements say of a customer, a wallet and an order is then found nowhere else.
    for table, first in (("customer", 5_000_003), ("account", 6_000_007), ("order", 70_000_001)):
        with transaction.atomic():
            sql.raise_next_number(f"orders_{table}", first)
    rows = Customer.objects.bulk_create(
        Customer(name=f"Buyer {n}", created_at=now) for n in range(WALLETS)
    )
    wallets = ledger.open_wallets(row.pk for row in rows)
    with transaction.atomic():
        ledger.post(
            [
                ledger.Entry(
                    TransferKind.CORRECTION,
                    f"bench:opening:{number}",
                    AccountKind.ADJUSTMENTS,
                    wallet,
                    Decimal(10_000_000),
                )
                for number, wallet in wallets.items()
            ],
            at=now,
        )
    return list(wallets)


@dataclass(frozen=True)
class Round:
    """What four buyers did at once."""

    bought: int
    seconds: float
    own: float
    server: float
    slowest: float

    @property
    def rate(self) -> float:
        return self.bought / self.seconds


def _figure(
    name: str,
    verb: "Buyers",
    wire: "Buyers",
    wallets: Sequence[int],
    seconds: float,
    rounds: int,
) -> Figure:
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(verb.buy(wallets, seconds))
        theirs.append(wire.buy(wallets, seconds))
    middle, beside = (_median(found) for found in (ours, theirs))
    ratio = middle.rate / beside.rate
    return Figure(
        name=f"Place orders through the verb, 4 clients, {name}",
        ours=f"{middle.rate:,.0f}/s",
        baseline=f"{beside.rate:,.0f}/s",
        ratio=ratio,
        accept="40 %",
        aim="80 %",
        met=ratio >= 0.4,
        rounds=rounds,
        cpu=_cpu(middle) + " against " + _cpu(beside) + " an order",
        notes=(
            "Four processes, each with a connection of its own. The baseline sends by psycopg alone"
            " the statements that the verb was heard to send, with the same locks, one round trip"
            f" each. The slowest of ours took {max(one.slowest for one in ours) * 1000:,.0f} ms."
            " Afterwards every order has its charge and its event, and the ledger balances."
        ),
    )


def _cpu(found: Round) -> str:
    own, server = (1000 * value / found.bought for value in (found.own, found.server))
    return f"{own:.1f} + {server:.1f} ms"


def _median(rounds: Sequence[Round]) -> Round:
    return sorted(rounds, key=lambda one: one.rate)[(len(rounds) - 1) // 2]


class Buyers:
    """Four processes of one way to buy."""

    def __init__(self, processes: side_by_side.Processes):
        self._processes = processes

    def buy(self, wallets: Sequence[int], seconds: float) -> Round:
        """All at once, each from its share of the wallets; a first order of each is not counted."""
        shares = [wallets[n::BUYERS] or wallets for n in range(BUYERS)]
        self._told(shares, 0.2)
        server = costs._server_seconds()
        heard = self._told(shares, seconds)
        return Round(
            sum(one["bought"] for one in heard),
            max(one["seconds"] for one in heard),
            sum(one["cpu"] for one in heard),
            costs._server_seconds() - server,
            max(one["slowest"] for one in heard),
        )

    def _told(self, shares: Sequence[Sequence[int]], seconds: float) -> list[dict[str, Any]]:
        return self._processes.told([f"{seconds} {' '.join(map(str, one))}" for one in shares])


@contextmanager
def _buyers(way: str) -> Iterator[Buyers]:
    shares = [(way, f"{way}{n}") for n in range(BUYERS)]
    with side_by_side.started("tests.benchmarks.placing_client", shares) as processes:
        yield Buyers(processes)


def check(customers: Sequence[int]) -> None:
    """Every order of these has its charge and its event, and the books are honest."""
    orders = Order.objects.filter(customer__in=customers)
    placed = orders.count()
    assert placed
    assert Transfer.objects.filter(order__in=orders, kind=TransferKind.ORDER).count() == placed
    assert Event.objects.filter(order__in=orders).count() == placed
    found = ledger_check.check()
    assert not found, found[:3]
