"""Every rule that acts, in hand: for the prices of thousands of services, now and as they would be.

Read once; what is proposed makes another book beside it. Nothing here writes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from orders.enums import MarkupKind, PriceLevel
from orders.models import Bound, MarkupRule, Panel
from orders.pricing.units import UnitTerms
from orders.rules.changes import BoundChange, Change, Key, MarkupChange

LISTED = (PriceLevel.PANEL, PriceLevel.CATEGORY, PriceLevel.SERVICE)


class Said(NamedTuple):
    """What a rule says, and which row says it; None: none yet."""

    kind: MarkupKind
    value: Decimal
    row: int | None = None


class Within(NamedTuple):
    """A floor and a ceiling, in per cent, and the row that says so."""

    floor: Decimal | None
    ceiling: Decimal | None
    row: int | None = None


class Buyer(NamedTuple):
    """Whose prices: a client's, with who manages them; a member's clients'; or everybody's."""

    customer: int | None = None
    staff: int | None = None


ANYBODY = Buyer()


@dataclass(frozen=True)
class Book:
    """Markups and bounds by their scope, and the panel's terms."""

    markups: Mapping[Key, Said]
    bounds: Mapping[Key, Within]
    step: Decimal
    minimum_charge: Decimal
    _terms: dict[tuple[int | None, int, int | None], UnitTerms] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def all_terms(self) -> tuple[Mapping[Key, Within], Decimal, Decimal]:
        """Everything but the markups."""
        return self.bounds, self.step, self.minimum_charge

    def acting(self, service: int, category: int, buyer: Buyer = ANYBODY) -> Key | None:
        """The scope of the most specific markup that speaks about this sale."""
        markups, (customer, staff) = self.markups, buyer
        if customer is not None:
            for key in (
                Key(service, None, customer),
                Key(None, category, customer),
                Key(None, None, customer),
            ):
                if key in markups:
                    return key
        if staff is not None and (key := Key(staff=staff)) in markups:
            return key
        for key in (Key(service), Key(None, category), NOTHING):
            if key in markups:
                return key
        return None

    def terms(self, service: int, category: int, staff: int | None = None) -> UnitTerms:
        """The highest floor, the lowest ceiling, and the panel's rounding."""
        bounds = self.bounds
        own = service if Key(service) in bounds else None
        known = (own, category, staff)
        if (terms := self._terms.get(known)) is None:
            keys = [NOTHING, Key(None, category), Key(service)]
            if staff is not None:
                keys.append(Key(staff=staff))
            within = [bounds[key] for key in keys if key in bounds]
            floors = [each.floor for each in within if each.floor is not None]
            ceilings = [each.ceiling for each in within if each.ceiling is not None]
            terms = self._terms[known] = UnitTerms(
                max(floors, default=None),
                min(ceilings, default=None),
                self.step,
                self.minimum_charge,
            )
        return terms

    def standing(self, change: Change) -> Said | Within | None:
        """What stands where a change is to stand; nothing for the panel's terms."""
        if isinstance(change, MarkupChange):
            return self.markups.get(change.scope.key)
        return self.bounds.get(change.scope.key) if isinstance(change, BoundChange) else None

    def changed(self, changes: Iterable[Change]) -> "Book":
        """The book as it would be."""
        markups, bounds = dict(self.markups), dict(self.bounds)
        step, minimum = self.step, self.minimum_charge
        for change in changes:
            if isinstance(change, MarkupChange):
                _set_markup(markups, change)
            elif isinstance(change, BoundChange):
                _set_bound(bounds, change)
            else:
                step, minimum = change.step, change.minimum_charge
        return Book(markups, bounds, step, minimum)


NOTHING = Key()


def read(panel: Panel, buyer: Buyer = ANYBODY) -> Book:
    """What acts now: everything, or for one client all that speaks to them. Two queries."""
    about = Q()
    if buyer.customer is not None:
        about = Q(level__in=LISTED) | Q(customer=buyer.customer)
        if buyer.staff is not None:
            about |= Q(level=PriceLevel.STAFF, staff=buyer.staff)
    return Book(_markups(about), _bounds(), panel.price_step, panel.minimum_charge)


def _markups(about: Q) -> dict[Key, Said]:
    rows = MarkupRule.objects.filter(about, ended_at=None).order_by("pk")
    columns = (*Key._fields, "kind", "value", "pk")
    return {
        Key(*scope): Said(MarkupKind(kind), value, pk)
        for *scope, kind, value, pk in rows.values_list(*columns)
    }


def _bounds() -> dict[Key, Within]:
    rows = Bound.objects.filter(ended_at=None).order_by("pk")
    columns = (*Key._fields, "floor_percent", "ceiling_percent", "pk")
    found = {Key(*row[:4]): Within(*row[4:]) for row in rows.values_list(*columns)}
    return {key: within for key, within in found.items() if within[:2] != (None, None)}


def _set_markup(markups: dict[Key, Said], change: MarkupChange) -> None:
    key, standing = change.scope.key, markups.get(change.scope.key)
    if change.kind is None or change.value is None:
        markups.pop(key, None)
    elif standing is None or standing[:2] != (change.kind, change.value):
        markups[key] = Said(change.kind, change.value)


def _set_bound(bounds: dict[Key, Within], change: BoundChange) -> None:
    key, standing = change.scope.key, bounds.get(change.scope.key)
    if change.floor is None and change.ceiling is None:
        bounds.pop(key, None)
    elif standing is None or standing[:2] != (change.floor, change.ceiling):
        bounds[key] = Within(change.floor, change.ceiling)
