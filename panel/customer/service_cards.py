"""Services as a customer may know them: plain values, at their own price, with measured times."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.safestring import SafeString

from orders import shop, speeds
from orders.models import Customer, Service
from panel.customer import speed_words
from panel.display import marked

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
        unit="per package" if row.package else "per 1,000",
        limits="" if row.package else f"{row.least:,} to {row.most:,}",
        refill=_refill(row),
        cancel=row.cancel,
        starts=speed_words.starts(speed),
        done=speed_words.done(speed),
        speed=speed_words.sentence(speed),
        is_starred=starred,
    )


def _refill(row: shop.Listed) -> str:
    if not row.refill:
        return ""
    return f"Refill {row.refill_days} days" if row.refill_days else "Refill"
