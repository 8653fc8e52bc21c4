"""What a provider's balance did between two readings, beside what we know to have moved it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    DateTimeField,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from orders.enums import MovementKind
from orders.models import BalanceReading, Movement, Provider
from orders.money import ZERO, MoneyField
from orders.reconcile.stretches import by_stretch

TOLD_TO = Decimal("0.01")
"""Balances are told to the cent by many providers, so a difference of two may be off by one."""

LONGEST_WINDOW = timedelta(days=2)
"""A movement is known to lie between two moments; they are no further apart than this."""

CHECKED_OVER = timedelta(hours=24)
"""How far back `unexplained` looks."""


@dataclass(frozen=True)
class Sums:
    """Known movements of some time by kind, each with the sign that the balance feels."""

    charges: Decimal = ZERO
    corrections: Decimal = ZERO
    returns: Decimal = ZERO
    top_ups: Decimal = ZERO
    at_the_edge: Decimal = ZERO
    """Of these, without sign, what may lie before the reading that begins this time."""

    @property
    def explained(self) -> Decimal:
        return self.charges + self.corrections + self.returns + self.top_ups


@dataclass(frozen=True)
class Span:
    """A provider's balance between two readings. All amounts are in the provider's currency.

    Without readings, or with one alone, nothing can be said: `is_known` is false and the figures
    are zero.
    """

    provider: Provider
    opening: BalanceReading | None
    closing: BalanceReading | None
    known: Sums = Sums()
    under_way: Decimal = ZERO
    """What may lie after the reading that ends this time, though we count it before, or the other
    way about: without sign."""

    @property
    def is_known(self) -> bool:
        opening, closing = self.opening, self.closing
        return opening is not None and closing is not None and opening.at < closing.at

    @property
    def observed(self) -> Decimal:
        """How much the balance rose; below zero when it fell."""
        if self.opening is None or self.closing is None:
            return ZERO
        return self.closing.amount - self.opening.amount

    @property
    def explained(self) -> Decimal:
        return self.known.explained

    @property
    def unexplained(self) -> Decimal:
        """Below zero: money is gone that no order of ours accounts for. Above: it came so."""
        return self.observed - self.explained if self.is_known else ZERO

    @property
    def tolerance(self) -> Decimal:
        """How far the difference may be off by itself: a cent, and what lies at the edges."""
        return TOLD_TO + self.known.at_the_edge + self.under_way

    @property
    def is_over(self) -> bool:
        """Whether more is unexplained than may be off."""
        return abs(self.unexplained) > self.tolerance


Cuts = Mapping[int, Sequence[BalanceReading]]
"""Readings of each provider, in rising order, between which movements are summed up."""


def unexplained(provider: Provider, now: datetime) -> Span:
    """The last 24 hours of one provider; three queries, over no more than their movements.

    `is_over` says that it wants a person: `unexplained` below zero is money that went without an
    order of ours, above zero money that came without a top-up on record. Up to the latest
    reading, so it is as fresh as that.
    """
    return spans([provider], now - CHECKED_OVER, now)[0]


def spans(providers: Sequence[Provider], since: datetime, until: datetime) -> list[Span]:
    """The same time of many providers; three queries, however many they are."""
    ends = _ends(providers, since, until)
    cuts = {pk: pair for pk, pair in ends.items() if len(pair) == 2}
    sums = summed(cuts)
    found = []
    for provider in providers:
        opening, closing = [*ends.get(provider.pk, []), None, None][:2]
        known, beyond = (sums.get((provider.pk, part), Sums()) for part in (0, 1))
        found.append(Span(provider, opening, closing, known, beyond.at_the_edge))
    return found


def between(provider: Provider, opening: BalanceReading, closing: BalanceReading) -> Span:
    """What happened between two readings of a provider; one query."""
    sums = summed({provider.pk: [opening, closing]})
    known, beyond = (sums.get((provider.pk, part), Sums()) for part in (0, 1))
    return Span(provider, opening, closing, known, beyond.at_the_edge)


def in_currency(provider: Any) -> Q:
    """Readings told in the provider's own currency, or without naming one."""
    return Q(currency__in=["", provider.currency])


def _ends(
    providers: Iterable[Provider], since: datetime, until: datetime
) -> dict[int, list[BalanceReading]]:
    """Of each provider the last reading before the time, or the first in it, and the last in it."""
    own = Q(currency="") | Q(currency=OuterRef("currency"))
    readings = BalanceReading.objects.filter(own, provider=OuterRef("pk"), at__lte=until)
    before = readings.filter(at__lte=since).order_by("-at", "-pk").values("pk")[:1]
    first = readings.filter(at__gt=since).order_by("at", "pk").values("pk")[:1]
    last = readings.order_by("-at", "-pk").values("pk")[:1]
    found = Provider.objects.filter(pk__in=[provider.pk for provider in providers]).values_list(
        "pk", Coalesce(Subquery(before), Subquery(first)), Subquery(last)
    )
    ids = {pk: [each for each in dict.fromkeys(pair) if each] for pk, *pair in found}
    rows = BalanceReading.objects.in_bulk([each for pair in ids.values() for each in pair])
    return {pk: [rows[each] for each in pair] for pk, pair in ids.items()}


def summed(cuts: Cuts) -> dict[tuple[int, int], Sums]:
    """Movements between readings, by provider and number of the stretch; one query.

    The stretch after the last reading has a number too. Only its `at_the_edge` means anything:
    what was under way when that reading was taken.
    """
    within, parts, untils = Q(pk__in=[]), [], []
    for provider_id, row in cuts.items():
        begin, end = row[0].at, row[-1].at
        within |= Q(provider=provider_id, at__gt=begin, at__lte=end + LONGEST_WINDOW)
        ends = [cut.at for cut in row[1:]]
        part = by_stretch("at", ends, range(len(row)), IntegerField())
        until = by_stretch("at", ends, [cut.until for cut in row], DateTimeField())
        parts.append(When(provider=provider_id, then=part))
        untils.append(When(provider=provider_id, then=until))
    if not parts:
        return {}
    movements = Movement.objects.filter(within).annotate(part=Case(*parts))
    # Known to have begun only before the reading that begins its stretch was answered.
    at_the_edge = Q(begun_at__lte=Case(*untils))
    rows = _rows(movements, at_the_edge)
    return {(row.pop("provider"), row.pop("part")): _sums(row) for row in rows}


def _rows(movements: QuerySet[Any], edges: Q) -> QuerySet[Any, dict[str, Any]]:
    size = Func(F("amount"), function="ABS", output_field=MoneyField())
    kinds = {kind.value: Sum("amount", filter=Q(kind=kind)) for kind in MovementKind}
    grouped = movements.values("provider", "part").order_by("provider", "part")
    return grouped.annotate(**kinds, edge=Sum(size, filter=edges))


def _sums(row: Mapping[str, Decimal | None]) -> Sums:
    def of(kind: str) -> Decimal:
        return row[kind] or ZERO

    return Sums(
        charges=of(MovementKind.CHARGE),
        corrections=of(MovementKind.CORRECTION),
        returns=of(MovementKind.RETURN),
        top_ups=of(MovementKind.TOP_UP),
        at_the_edge=of("edge"),
    )
