"""What the runs of an order come to, from its provider's books: summed here once more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from orders.enums import OrderStatus
from orders.models import Child, Order
from orders.money import ZERO
from tests.chaos.books import Books
from tests.orders.sequences.expected import ceiling

S = OrderStatus


class Run(Protocol):
    """One run as its provider shows it in the end."""

    @property
    def status(self) -> OrderStatus | None: ...
    @property
    def remains(self) -> int: ...
    @property
    def charge(self) -> Decimal: ...


@dataclass(frozen=True)
class Sum:
    """What of an order in runs was not delivered, and what it was charged; `unclear`: one of its
    runs failed, a person has to say what is owed."""

    undelivered: int
    total: int
    charge: Decimal
    unclear: bool

    @property
    def status(self) -> OrderStatus:
        if self.undelivered == self.total:
            return S.CANCELED
        return S.PARTIAL if self.undelivered or self.unclear else S.COMPLETED


def summed(each: int, ordered: int, runs: Sequence[Run]) -> Sum:
    """What was not delivered of `ordered` runs of `each`: that of the runs that there were, and all
    of those that never began."""
    left = each * (ordered - len(runs)) + sum(_left(run, each) for run in runs)
    failed = any(run.status == S.FAILED for run in runs)
    return Sum(left, each * ordered, sum(map(_charge, runs), ZERO), failed)


def _charge(run: Run) -> Decimal:
    return ceiling(Fraction(run.charge))


def _left(run: Run, each: int) -> int:
    if run.status in (S.CANCELED, S.FAILED):
        return each
    return min(max(run.remains, 0), each) if run.status == S.PARTIAL else 0


def runs_add_up(books: Books) -> Iterator[str]:
    """Each order in runs ended as its runs did at its provider: with what they leave, what they
    cost, and back in the wallet what they owe. Each run is known once."""
    known: dict[int, dict[str, OrderStatus]] = {}
    runs = Child.objects.filter(order__least_per_post=None)
    for order_id, upstream_id, status in runs.values_list("order_id", "upstream_id", "status"):
        known.setdefault(order_id, {})[upstream_id] = S(status)
    for pk, order in books.orders.items():
        family = books.facts.families.get((order.provider_id, order.upstream_id or ""))
        if order.runs and family is not None:
            yield from _of_runs(order, known.pop(pk, {}), family)
            yield from _of_sum(order, summed(order.quantity, order.runs, list(family.values())))
    for pk in known:
        yield f"order {pk} has runs that no provider knows"


def _of_runs(
    order: Order, known: Mapping[str, OrderStatus], family: Mapping[str, Run]
) -> Iterator[str]:
    if known.keys() != family.keys():
        yield f"order {order.pk} knows the runs {sorted(known)}, its provider {sorted(family)}"
    for upstream_id, status in known.items():
        run = family.get(upstream_id)
        if run is not None and run.status != status:
            yield f"order {order.pk}: run {upstream_id} is {status}, its provider says {run.status}"


def _of_sum(order: Order, found: Sum) -> Iterator[str]:
    if order.status != found.status and not (found.unclear and order.status == S.CANCELED):
        yield f"order {order.pk} is {order.status}, its runs make it {found.status}"
    elif found.status != S.CANCELED and order.remains != found.undelivered:
        yield f"order {order.pk}: {order.remains} remain, its runs leave {found.undelivered}"
    owed = _owed(order, found)
    if order.refunded != owed:
        yield f"order {order.pk} was refunded {order.refunded}, its runs owe {owed}"
    if order.charge_upstream != found.charge:
        yield f"order {order.pk} was charged {order.charge_upstream}, its runs cost {found.charge}"


def _owed(order: Order, found: Sum) -> Decimal:
    if order.status == S.CANCELED:
        return order.price
    return ceiling(Fraction(order.price) * found.undelivered / found.total)
