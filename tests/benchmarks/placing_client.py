"""One buyer's process: places orders for as long as it is told, by the verb or by its statements.

`python -m tests.benchmarks.placing_client verb|wire NAME` (`side_by_side`). Its input are lines
"seconds customer customer …" (their numbers).
"""

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import django

from tests.benchmarks.side_by_side import say

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def main(way: str, name: str) -> None:
    django.setup()
    words = (f"{name}x{n}" for n in itertools.count(1))
    say(ready=True)
    buy: Callable[[int], int] | None = None
    for line in sys.stdin:
        seconds, *customers = line.split()
        numbers = list(map(int, customers))
        buy = buy or _ways[way](numbers[0], words)
        say(**_run(buy, float(seconds), itertools.cycle(numbers)))


def _run(buy: Callable[[int], int], seconds: float, customers: Iterator[int]) -> dict[str, Any]:
    began, spent, bought, slowest = time.perf_counter(), time.process_time(), 0, 0.0
    while (before := time.perf_counter()) < began + seconds:
        buy(next(customers))
        bought += 1
        slowest = max(slowest, time.perf_counter() - before)
    return {
        "bought": bought,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - spent,
        "slowest": slowest,
    }


def _by_verb(_: int, words: Iterator[str]) -> Callable[[int], int]:
    from orders.models import Customer

    service, known = _service(), {}

    def buy(number: int) -> int:
        # A request has its customer at hand: of whoever signed in, or of the key.
        customer = known.get(number) or known.setdefault(number, Customer.objects.get(pk=number))
        return _place(customer, service, next(words))

    return buy


def _by_wire(number: int, words: Iterator[str]) -> Callable[[int], int]:
    from orders import ledger
    from orders.models import Account, Customer
    from tests.benchmarks import stage, wire

    customer, word = Customer.objects.get(pk=number), next(words)
    wallets = dict(Account.objects.exclude(customer=None).values_list("customer", "pk"))
    sale = wire.Sale(number, ledger.wallet_id(number), word)
    script = wire.record(lambda: _place(customer, _service(), word), sale)
    server = wire.connect(stage.url())

    def buy(number: int) -> int:
        return wire.send(server, script, wire.Sale(number, wallets[number], next(words)))

    return buy


_ways = {"verb": _by_verb, "wire": _by_wire}


def _service() -> int:
    from orders.models import Service

    return int(Service.objects.order_by("pk").values_list("pk", flat=True)[0])


def _place(customer: Any, service: int, word: str) -> int:
    """As the API does for a program that names its requests."""
    from django.utils import timezone

    from orders import placement

    fields = {"link": f"https://instagram.com/{word}", "quantity": "1000"}
    placed = placement.place(
        customer,
        service,
        fields,
        by=None,
        now=timezone.now(),
        client_key=f"{word}key",
        overlap_ok=True,
    )
    return int(placed.order.pk)


if __name__ == "__main__":
    main(*sys.argv[1:])
