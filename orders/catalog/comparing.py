"""What a catalog changes, worked out before anything is written. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from orders.catalog.reading import COLUMNS, Values


class Known(NamedTuple):
    """An offer as it is cached."""

    id: int
    upstream_id: str
    retired: bool
    values: Values


class Changed(NamedTuple):
    """A cached offer, and what the catalog now says of it."""

    known: Known
    values: Values

    @property
    def names(self) -> list[str]:
        """The columns that differ."""
        pairs = zip(COLUMNS, self.known.values, self.values, strict=True)
        return [name for name, old, new in pairs if old != new]

    @property
    def rate_differs(self) -> bool:
        return self.known.values.rate != self.values.rate

    @property
    def type_differs(self) -> bool:
        """Whether orders would need other fields now. Other spelling of one type is no change."""
        old, new = self.known.values, self.values
        if not old.service_type and not new.service_type:
            return old.type_name != new.type_name
        return old.service_type != new.service_type

    def columns(self, names: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """These columns before and after, JSON-able."""
        return _plain(self.known.values, names), _plain(self.values, names)


@dataclass
class Differences:
    """Everything that a catalog changes."""

    new: list[tuple[str, Values]] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    returned: list[Changed] = field(default_factory=list)
    vanished: list[Known] = field(default_factory=list)
    on_offer: int = 0
    """How many cached offers were not retired before."""

    def shrank(self, threshold: Decimal) -> bool:
        """Whether more than `threshold` per cent of what was on offer is gone."""
        return len(self.vanished) * 100 > self.on_offer * threshold


def compare(
    known: Mapping[str, Known], listed: Mapping[str, Values], unreadable: Set[str]
) -> Differences:
    """Compare the cache with a listing, both by upstream id.

    An offer whose row was there but could not be read (`unreadable`) has not vanished; it is left
    as it is.
    """
    found = Differences(on_offer=sum(not offer.retired for offer in known.values()))
    for upstream_id, values in listed.items():
        offer = known.get(upstream_id)
        if offer is None:
            found.new.append((upstream_id, values))
        elif offer.retired:
            found.returned.append(Changed(offer, values))
        elif offer.values != values:
            found.changed.append(Changed(offer, values))
    there = listed.keys() | unreadable
    found.vanished = [
        offer for key, offer in known.items() if not offer.retired and key not in there
    ]
    return found


def _plain(values: Values, names: list[str]) -> dict[str, Any]:
    picked = {name: getattr(values, name) for name in names}
    return {
        name: format(value, "f") if isinstance(value, Decimal) else value
        for name, value in picked.items()
    }
