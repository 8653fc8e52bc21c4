"""What the children of an order add up to, as one report about it. Pure: no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import NamedTuple

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from orders import statuses
from orders.enums import OrderStatus
from orders.kept_words import Sentence
from orders.money import ZERO
from orders.progress.reports import Report

_S = OrderStatus
_TOO_FEW = Sentence(
    gettext_noop("Provider completed it, and told of %(told)s of %(ordered)s runs.")
)

ENDED = frozenset({_S.COMPLETED, _S.PARTIAL, _S.CANCELED})
RUNNING = "In progress"
"""The word for an order whose provider ended it while some of its runs go on."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was ordered: so many runs of so much, at a charge for all of them together; and where
    the order stands."""

    runs: int
    each: int
    expected_charge: Decimal
    status: str

    @property
    def total(self) -> int:
        return self.runs * self.each


class Figures(NamedTuple):
    """A child as far as sums ask for it. `unknown`: it ended in part, nobody can read how much."""

    status: str
    remains: int | None
    charge: Decimal | None
    start_count: int | None
    unknown: bool
    quantity: int | None = None
    """Of a post, as far as it is known."""


def add_up(said: Report, agreed: Agreed, children: Sequence[Figures]) -> Report | None:
    """The report that follows from the provider's word for the whole and from its children.

    `remains` is what the children have not delivered of all; once the provider ended the order
    and every child has ended too, it is what is owed: of canceled and partial children, and of
    runs that never began. Then the status says so, whatever the provider calls the whole. An order
    without children is reported as the provider said it. None: an ended order is left as it is
    while a child that came late goes on.
    """
    if not children:
        return said
    word = statuses.from_upstream(said.status_word)
    ended = word in ENDED
    known = replace(
        said,
        charge=_charge(said, agreed, children, stopped=ended and word != _S.COMPLETED),
        currency=said.currency if said.charge else "",
        start_count=_start_count(said, children),
        remains=None,
        remains_raw="",
    )
    if not ended:
        return replace(known, remains=_undelivered(agreed, children))
    if any(child.status not in ENDED and child.status != _S.FAILED for child in children):
        if agreed.status in ENDED:
            return None
        return replace(known, status_word=RUNNING, remains=_undelivered(agreed, children))
    return _settled(known, agreed, children, completed=word == _S.COMPLETED)


def delivered(child: Figures, each: int) -> int:
    """What a child of `each` has delivered, as far as is known."""
    if child.status == _S.COMPLETED:
        return each
    if child.status == _S.CANCELED or child.remains is None or child.remains > each:
        return 0
    return each - max(child.remains, 0)


def _undelivered(agreed: Agreed, children: Sequence[Figures]) -> int | None:
    if all(child.remains is None and child.status not in ENDED for child in children):
        return None
    return agreed.total - sum(delivered(child, agreed.each) for child in children)


def _settled(
    known: Report, agreed: Agreed, children: Sequence[Figures], *, completed: bool
) -> Report:
    never_began = agreed.runs - len(children)
    if completed and never_began > 0:
        odd = _TOO_FEW.of(told=len(children), ordered=agreed.runs)
        known = replace(known, odd=f"{known.odd} {odd}".strip())
    if any(child.unknown or child.status == _S.FAILED for child in children):
        return replace(known, status_word=statuses.api_word(_S.PARTIAL))
    owed = sum(agreed.each - delivered(child, agreed.each) for child in children)
    if not completed:
        owed += never_began * agreed.each
    if owed == agreed.total:
        return replace(known, status_word=statuses.api_word(_S.CANCELED), remains=owed)
    if owed or agreed.status == _S.PARTIAL:
        return replace(known, status_word=statuses.api_word(_S.PARTIAL), remains=owed)
    return replace(known, status_word=statuses.api_word(_S.COMPLETED), remains=0)


def _start_count(said: Report, children: Sequence[Figures]) -> int | None:
    """That of the first run: what was there before any."""
    if said.start_count is not None:
        return said.start_count
    return children[0].start_count


def _charge(
    said: Report, agreed: Agreed, children: Sequence[Figures], *, stopped: bool
) -> Decimal | None:
    """The provider's own figure for the whole, or what its children cost: never both.

    A child whose charge is not known, and a run that is still to come, count with their share of
    what was expected; a run that will never begin costs nothing.
    """
    charges = [child.charge for child in children if child.charge is not None]
    if said.charge or not charges:
        return said.charge
    to_come = 0 if stopped else agreed.runs - len(children)
    guessed = len(children) - len(charges) + max(to_come, 0)
    with localcontext(prec=80):
        return sum(charges, ZERO) + agreed.expected_charge * guessed / agreed.runs
