"""One act for several orders: the verb of each, then a plain summary of what was done and not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from orders.errors import Declined
from orders.models import Order

log = structlog.get_logger(__name__)

BROKE = gettext_lazy("Something broke on our side. Look at the order before you ask again.")


@dataclass(frozen=True)
class Words:
    """How an act is told: when it was done for no order, and each thing it may have made true as
    a sentence about `%(count)s` orders."""

    nothing: str | Promise
    done: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of it: the numbers of the orders for each thing that was made true."""

    words: Words
    done: dict[str, list[int]]
    left: dict[str, list[int]]
    """For which it was not done, by the reason."""

    @property
    def nothing(self) -> str:
        """Said when it was done for no order."""
        return str(self.words.nothing)

    @property
    def sentences(self) -> list[str]:
        """What was done, one sentence for each thing."""
        return [
            str(self.words.done[what] % {"count": len(numbers)})
            for what, numbers in self.done.items()
        ]

    @property
    def count_left(self) -> int:
        return sum(len(numbers) for numbers in self.left.values())


def carry_out(orders: Iterable[Order], do: Callable[[Order], str], words: Words) -> Outcome:
    """Do it order by order; what goes wrong with one is told and stops none of the others.

    `do` says which of the words it made true of an order and raises `Declined` with the reason
    when it has done nothing.
    """
    outcome = Outcome(words, {}, {})
    for order in orders:
        try:
            outcome.done.setdefault(do(order), []).append(order.pk)
        except Declined as error:
            outcome.left.setdefault(str(error), []).append(order.pk)
        except Exception:
            log.exception("bulk.broke", order=order.pk)
            outcome.left.setdefault(str(BROKE), []).append(order.pk)
    return outcome


def numbers_in(texts: Iterable[str]) -> set[int]:
    """The numbers among what was posted."""
    return {int(text) for text in texts if text.isdecimal() and len(text) < 19}
