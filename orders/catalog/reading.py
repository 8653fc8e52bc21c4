"""A provider's rows as the values of an offer; what cannot be one is set aside."""

from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop

from orders import service_types
from orders.money import round_up
from orders.upstream.replies import CatalogReply, OfferRow

LARGEST_COUNT = 2**63 - 1


class Values(NamedTuple):
    """The columns of an offer that a sync writes, in the order of `COLUMNS`."""

    name: str
    category: str
    type_name: str
    service_type: str
    rate: Decimal
    least: int
    most: int
    refill: bool
    cancel: bool
    dripfeed: bool
    description: str
    average_time: str
    refill_days: int | None


COLUMNS = Values._fields


class Unusable(NamedTuple):
    """A row that was skipped; `upstream_id` is empty where not even that could be read.

    `row` counts from 1; null where only its id tells which one it was.
    """

    row: int | None
    why: str
    excerpt: str
    upstream_id: str

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


class Listing(NamedTuple):
    """A catalog, read: the usable rows by upstream id, in its order, and the others."""

    offers: dict[str, Values]
    unusable: list[Unusable]

    @property
    def rows(self) -> int:
        return len(self.offers) + len(self.unusable)


def read(reply: CatalogReply) -> Listing:
    """Sort a decoded catalog into usable rows and others."""
    unusable = [
        Unusable(row.index + 1, row.why, row.excerpt, row.upstream_id) for row in reply.bad_rows
    ]
    offers = {}
    for row in reply.rows or []:
        values = values_of(row)
        if why := _why_unusable(values):
            unusable.append(Unusable(None, why, row.name[:300], row.upstream_id))
        else:
            offers[row.upstream_id] = values
    return Listing(offers, unusable)


def values_of(row: OfferRow) -> Values:
    """One row as an offer keeps it; a rate beyond eight places is rounded up."""
    service_type = service_types.find(row.type)
    return Values(
        name=row.name,
        category=row.category,
        type_name=row.type,
        service_type=service_type.slug if service_type else "",
        rate=round_up(row.rate),
        least=row.min,
        most=row.max,
        refill=bool(row.refill),
        cancel=bool(row.cancel),
        dripfeed=bool(row.dripfeed),
        description=row.description,
        average_time=row.average_time,
        refill_days=row.refill_days,
    )


def _why_unusable(values: Values) -> str:
    if max(values.least, values.most) > LARGEST_COUNT:
        return gettext_noop("min or max is too large to be meant")
    if _counts(values.service_type) and values.most < max(values.least, 1):
        return gettext_noop("max is below min")
    return ""


def _counts(slug: str) -> bool:
    """Whether orders of this type have a quantity that min and max bind."""
    return bool(slug) and bool(service_types.by_slug(slug).counts)
