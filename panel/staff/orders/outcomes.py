"""One act for several orders: the verb of each, then a plain summary of what was done and not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from orders.errors import Declined
from orders.models import Order

log = structlog.get_logger(__name__)

BROKE = "Something broke on our side. Look at the order before you ask again."


@dataclass(frozen=True)
class Outcome:
    """What became of it, in sentences with the numbers of the orders they are true of."""

    done: dict[str, list[int]]
    left: dict[str, list[int]]
    """For which it was not done, by the reason."""
    nothing: str
    """Said when it was done for no order."""

    @property
    def count_left(self) -> int:
        return sum(len(numbers) for numbers in self.left.values())


def carry_out(orders: Iterable[Order], do: Callable[[Order], str], *, nothing: str) -> Outcome:
    """Do it order by order; what goes wrong with one is told and stops none of the others.

    `do` says in words what it made true of an order and raises `Declined` with the reason when
    it has done nothing.
    """
    outcome = Outcome({}, {}, nothing)
    for order in orders:
        try:
            outcome.done.setdefault(do(order), []).append(order.pk)
        except Declined as error:
            outcome.left.setdefault(str(error), []).append(order.pk)
        except Exception:
            log.exception("bulk.broke", order=order.pk)
            outcome.left.setdefault(BROKE, []).append(order.pk)
    return outcome


def numbers_in(texts: Iterable[str]) -> set[int]:
    """The numbers among what was posted."""
    return {int(text) for text in texts if text.isdecimal() and len(text) < 19}
