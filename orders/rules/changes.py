"""Changes of prices before they are made: what is to be said, and about what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from django.utils.translation import gettext as _

from orders.enums import MarkupKind, PriceLevel
from orders.errors import Declined, FieldErrors
from orders.models import Bound, MarkupRule
from orders.rules.scopes import BOUND_LEVELS, COLUMNS, MARKUP_LEVELS
from orders.rules.values import check_bounds, check_terms, check_value
from orders.spelling import count

MOST_CHANGES = 2_000
"""So many rules are written within a second or two, while others who change prices wait."""


class Key(NamedTuple):
    """The scope of a rule as numbers, for looking it up."""

    service: int | None = None
    category: int | None = None
    customer: int | None = None
    staff: int | None = None


@dataclass(frozen=True)
class Scope:
    """What a rule speaks about, by the numbers of the rows. Raises `TypeError` when they do not
    fit the level."""

    level: PriceLevel
    service: int | None = None
    category: int | None = None
    customer: int | None = None
    staff: int | None = None

    def __post_init__(self) -> None:
        filled = {name for name in COLUMNS if getattr(self, name) is not None}
        if filled != MARKUP_LEVELS.get(self.level):
            raise TypeError(f"the level {self.level} does not speak about {sorted(filled)}")

    @property
    def key(self) -> Key:
        return Key(self.service, self.category, self.customer, self.staff)

    @property
    def subject(self) -> str:
        """How the audit trail names it: "panel", "service:2104", "category:3 customer:7"."""
        about = sorted(f"{name}:{pk}" for name, pk in self.key._asdict().items() if pk is not None)
        return " ".join(about) or self.level.value

    @classmethod
    def of(cls, row: MarkupRule | Bound) -> "Scope":
        """The scope of a stored rule or bound."""
        level = PriceLevel(row.level)
        return cls(level, row.service_id, row.category_id, row.customer_id, row.staff_id)


PANEL = Scope(PriceLevel.PANEL)


@dataclass(frozen=True)
class MarkupChange:
    """Let this markup act on the scope; without a kind, end the one that acts there."""

    scope: Scope
    kind: MarkupKind | None = None
    value: Decimal | None = None


@dataclass(frozen=True)
class BoundChange:
    """The least and the most markup over cost on the scope, in per cent; null is no bound."""

    scope: Scope
    floor: Decimal | None = None
    ceiling: Decimal | None = None


@dataclass(frozen=True)
class TermsChange:
    """The step that rates are rounded up to, and the least that an order costs."""

    step: Decimal
    minimum_charge: Decimal

    scope = PANEL


Change: TypeAlias = MarkupChange | BoundChange | TermsChange


def checked(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes, if they can be made together.

    All of one kind, about one price list: that of everybody, of one member's clients or of one
    client. Whoever places an order reads each kind by one statement, and so never finds half of
    such a change. Raises `TypeError`, `FieldErrors`, or `Declined`.
    """
    wanted = tuple(changes)
    if not wanted or len({type(change) for change in wanted}) > 1:
        raise TypeError("changes of one kind are wanted")
    if len({list_of(change.scope) for change in wanted}) > 1:
        raise TypeError("these changes are about different price lists")
    if len({change.scope for change in wanted}) < len(wanted):
        raise TypeError("two changes are about the same scope")
    if len(wanted) > MOST_CHANGES:
        raise Declined(
            _("At most %(most_changes)s rules at once; set one on their category instead.")
            % {"most_changes": count(MOST_CHANGES)}
        )
    for change in wanted[:1] if _alike(wanted) else wanted:
        _check(change)
    return wanted


def list_of(scope: Scope) -> tuple[int | None, int | None]:
    """Whose price list a scope is about: a customer's, a member's clients', everybody's."""
    return scope.customer, None if scope.customer is not None else scope.staff


def _alike(changes: Sequence[Change]) -> bool:
    """Whether one check speaks for all: the same said about many services."""
    first = changes[0]
    if not isinstance(first, MarkupChange) or first.kind is None:
        return False
    said = (first.scope.level, first.kind, first.value)
    return all(
        isinstance(other, MarkupChange) and (other.scope.level, other.kind, other.value) == said
        for other in changes
    )


def _check(change: Change) -> None:
    if isinstance(change, TermsChange):
        check_terms(change.step, change.minimum_charge)
    elif isinstance(change, BoundChange):
        if change.scope.level not in BOUND_LEVELS:
            raise TypeError(f"no bound stands on the level {change.scope.level}")
        check_bounds(change.floor, change.ceiling)
    elif change.kind is not None:
        if change.value is None:
            raise FieldErrors({"value": _("Type the markup.")})
        check_value(change.kind, change.value)
    elif change.scope.level == PriceLevel.PANEL:
        raise Declined(_("The panel's markup can be changed, not taken away."))
