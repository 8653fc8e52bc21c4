"""Services as a customer may know them: plain values, at their own price, with measured times."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders import shop, speeds
from orders.models import Customer, Service
from panel.customer import speed_words
from panel.display import count, marked

STARRED_FIRST = ("starred_rank", *shop.ORDER)


@dataclass(frozen=True)
class Card:
    """One service; `marked` is its name with the words marked that were searched for."""

    number: int
    name: str
    marked: SafeString
    category: str
    category_id: int
    description: str
    rate: Decimal
    unit: str
    limits: str
    refill: str
    refill_terms: str
    cancel: bool
    starts: str
    done: str
    speed: str
    is_starred: bool


def cards(
    services: Iterable[Service],
    customer: Customer,
    stars: Collection[int],
    words: Iterable[str] = (),
) -> list[Card]:
    """Cards of services that are for sale; as many queries for one as for many."""
    listed, looked_for = shop.rows(services, customer), list(words)
    measured = speeds.speeds(row.service for row in listed)
    return [
        _card(row, measured.get(row.service, speeds.UNKNOWN), row.service in stars, looked_for)
        for row in listed
    ]


def starred_first(services: QuerySet[Service], stars: Collection[int]) -> QuerySet[Service]:
    """The services with the column that `STARRED_FIRST` begins with."""
    rank = Case(
        When(pk__in=list(stars), then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return services.annotate(starred_rank=rank)


def _card(row: shop.Listed, speed: speeds.Speed, starred: bool, words: list[str]) -> Card:
    return Card(
        number=row.service,
        name=row.name,
        marked=marked(row.name, words),
        category=row.category,
        category_id=row.category_id,
        description=row.description,
        rate=row.rate,
        unit=_("per package") if row.package else _("per 1,000"),
        limits="" if row.package else _limits(row),
        refill=_refill(row),
        refill_terms=_refill_terms(row),
        cancel=row.cancel,
        starts=speed_words.starts(speed),
        done=speed_words.done(speed),
        speed=speed_words.sentence(speed),
        is_starred=starred,
    )


def _refill(row: shop.Listed) -> str:
    if not row.refill:
        return ""
    if not row.refill_days:
        return _("Refill")
    days = {"days": row.refill_days}
    return ngettext("Refill %(days)s day", "Refill %(days)s days", row.refill_days) % days


def _refill_terms(row: shop.Listed) -> str:
    """The same with the day that the time is counted from."""
    if not row.refill or not row.refill_days:
        return _refill(row)
    return ngettext(
        "Refill %(days)s day, from completion on",
        "Refill %(days)s days, from completion on",
        row.refill_days,
    ) % {"days": row.refill_days}


def _limits(row: shop.Listed) -> str:
    return _("%(least)s to %(most)s") % {"least": count(row.least), "most": count(row.most)}
