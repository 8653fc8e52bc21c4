"""What a change of prices would do, worked out without writing anything."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from statistics import median

from django.utils.translation import gettext as _

from orders.enums import PauseReason, PriceLevel
from orders.errors import Declined
from orders.models import Customer
from orders.panel_settings import current
from orders.pricing import units
from orders.pricing.units import UnitCost
from orders.rules import book
from orders.rules.book import Book, Buyer, Said, Within
from orders.rules.changes import Change, MarkupChange, checked
from orders.rules.concerned import Costs, Facts, concerned
from orders.rules.lines import MOVED, Fate, Line, lines_of
from orders.rules.movement import Movement
from orders.rules.permissions import owner_only
from orders.rules.reach import Reach, reach

ACCEPTED_PAUSES = {PauseReason.COST_ROSE, PauseReason.CHARGED_MORE}


@dataclass(frozen=True)
class Preview:
    """What a change would do to the list that it is about: everybody's, that of one member's
    clients, or one client's."""

    changes: tuple[Change, ...]
    lines: tuple[Line, ...]
    """Every service that the change is about, by number."""
    reach: Reach
    """Whose prices move."""
    pausing: tuple[int, ...]
    """Services on sale that would be paused, for their fixed price lies below the floor."""
    releasing: tuple[int, ...]
    """Paused services that would be on sale again."""
    fingerprint: str
    """Of everything that this was worked out from."""
    stood: tuple[Said | Within | None, ...]
    """What stands where each change is to stand; nothing for the panel's terms."""
    owner_only: str
    """Why only the owner may do this; "" when every admin may."""
    accepting: tuple[int, ...]
    """Services whose cost is accepted along with their new price."""
    is_idle: bool
    """It stands so already, and no cost waits to be accepted."""

    @property
    def pairs(self) -> Iterator[tuple[Change, Said | Within | None]]:
        return zip(self.changes, self.stood, strict=True)

    @cached_property
    def counts(self) -> Counter[Fate]:
        return Counter(line.fate for line in self.lines)

    @property
    def moved(self) -> int:
        """How many prices change."""
        return sum(self.counts[fate] for fate in MOVED)

    @property
    def clients(self) -> int:
        """How many clients would pay another price for something."""
        return self.reach.clients

    @property
    def kept_by_floor(self) -> int:
        """Of the prices that stay the same, those that the floor keeps where they are."""
        return sum(
            line.fate is Fate.SAME and line.after is not None and line.after.below
            for line in self.lines
        )

    @cached_property
    def below_before(self) -> tuple[int, ...]:
        """Services whose markup is below the floor now."""
        return tuple(line.service for line in self.lines if line.before and line.before.below)

    @cached_property
    def below_after(self) -> tuple[int, ...]:
        return tuple(line.service for line in self.lines if line.after and line.after.below)

    @cached_property
    def margins(self) -> tuple[list[Decimal], list[Decimal]]:
        """Every service's margin before and after, in per cent of the price, ascending."""
        before = (line.before.margin for line in self.lines if line.before)
        after = (line.after.margin for line in self.lines if line.after)
        return _known(before), _known(after)

    @property
    def margin_before(self) -> Decimal | None:
        """The median of the services' margins: what sells is no part of it."""
        return _median(self.margins[0])

    @property
    def margin_after(self) -> Decimal | None:
        return _median(self.margins[1])


def preview(changes: Iterable[Change]) -> Preview:
    """What these changes would do together. About ten queries, for one service and for thousands.

    Raises `FieldErrors`, `Declined`, or `TypeError` for changes that cannot be made together.
    """
    wanted = checked(changes)
    panel, buyer = current(), _buyer(wanted[0])
    before = book.read(panel, buyer)
    after = before.changed(wanted)
    found, costs = concerned(wanted), Costs()
    _require_services(wanted, found)
    with units.exactly():
        sales = [(facts, costs.of(facts)) for facts in found]
        lines = tuple(lines_of(sales, before, after, buyer, wanted))
    moved = frozenset(line.service for line in lines if line.fate in MOVED)
    reached = reach(before, after, Movement(before, after, sales), moved, buyer)
    accepting = _accepting(wanted)
    pausing, releasing = _pauses(found, lines, accepting) if buyer == book.ANYBODY else ((), ())
    stood = tuple(before.standing(change) for change in wanted)
    about = {facts.service: (facts, cost) for facts, cost in sales}
    return Preview(
        changes=wanted,
        lines=lines,
        reach=reached,
        pausing=pausing,
        releasing=releasing,
        stood=stood,
        accepting=accepting,
        owner_only=owner_only(zip(wanted, stood, strict=True), before, about, buyer.staff),
        is_idle=before == after and not (accepting and _accepts_a_cost(sales, set(accepting))),
        fingerprint=_fingerprint(
            wanted,
            [tuple(facts) for facts in found],
            sorted(costs.terms.items()),
            _rows(before, buyer),
            (before.step, before.minimum_charge, panel.currency, buyer),
            (reached.agreed, [member.staff for member in reached.members]),
        ),
    )


def _rows(book: Book, buyer: Buyer) -> list[int]:
    """The rows that speak to the buyer."""
    markups = [
        said.row or 0
        for key, said in book.markups.items()
        if key.customer in (None, buyer.customer) and key.staff in (None, buyer.staff)
    ]
    return sorted(markups) + sorted(within.row or 0 for within in book.bounds.values())


def _buyer(change: Change) -> Buyer:
    """Whose prices a change is about."""
    customer, staff = change.scope.customer, change.scope.staff
    if customer is not None:
        manager = Customer.objects.values_list("manager", flat=True).get(pk=customer)
        return Buyer(customer, manager)
    return Buyer(None, staff)


def _require_services(changes: Sequence[Change], found: Sequence[Facts]) -> None:
    """Raises `Declined` for a rule about a service that has no price to be changed."""
    there = {facts.service for facts in found}
    for change in changes:
        ends = isinstance(change, MarkupChange) and change.kind is None
        if not ends and change.scope.service not in {None, *there}:
            raise Declined(
                _("Service %(service)s is gone, or cannot be ordered at all.")
                % {"service": change.scope.service}
            )


def _accepting(changes: Sequence[Change]) -> tuple[int, ...]:
    return tuple(
        change.scope.service
        for change in changes
        if isinstance(change, MarkupChange) and change.kind is not None
        if change.scope.level == PriceLevel.SERVICE and change.scope.service is not None
    )


def _accepts_a_cost(sales: Sequence[tuple[Facts, UnitCost]], accepting: set[int]) -> bool:
    """Whether a cost, or a pause because of it, waits for the person who sets these prices."""
    return any(
        facts.service in accepting
        and (facts.accepted != cost.whole or facts.pause in ACCEPTED_PAUSES)
        for facts, cost in sales
    )


def _pauses(
    found: Sequence[Facts], lines: Sequence[Line], accepting: Collection[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What the floor would take off sale, and what comes back: a new price on one service also
    accepts its cost."""
    accepted = set(accepting)
    pausing, releasing = [], []
    for facts, line in zip(found, lines, strict=True):
        below = line.after is not None and line.after.fixed_below
        ends = {PauseReason.BELOW_FLOOR}
        if facts.service in accepted:
            ends |= ACCEPTED_PAUSES
        if below and not facts.pause and not facts.gone:
            pausing.append(facts.service)
        elif not below and not facts.gone and facts.pause in ends:
            releasing.append(facts.service)
    return tuple(pausing), tuple(releasing)


def _fingerprint(*parts: object) -> str:
    """Rules go in by their rows, which are never edited; costs by their figures."""
    seen = hashlib.sha256()
    for part in parts:
        seen.update(repr(part).encode())
    return seen.hexdigest()[:40]


def _known(margins: Iterable[Decimal | None]) -> list[Decimal]:
    return sorted(margin for margin in margins if margin is not None)


def _median(margins: Sequence[Decimal]) -> Decimal | None:
    return median(margins) if margins else None
