"""A provider's account day by day: what its balance did, what explains it, what does not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise

from django.db.models import IntegerField, Max

from orders.models import BalanceReading, Provider
from orders.money import ZERO
from orders.reconcile.spans import Span, Sums, in_currency, summed
from orders.reconcile.stretches import by_stretch

MOST_DAYS = 92


@dataclass(frozen=True)
class Day:
    """One day, from the last reading before it to the last one in it.

    A day without a reading has no `span.closing` of its own: what moved then is counted on the
    next day that has one. `so_far` adds up what was unexplained from the first day on.
    """

    day: date
    span: Span
    so_far: Decimal

    @property
    def was_read(self) -> bool:
        return self.span.is_known


@dataclass(frozen=True)
class Account:
    """Some days of a provider, the earliest first, and all of them together.

    `foreign` counts readings that were told in another currency: nothing here makes use of them.
    """

    days: list[Day]
    whole: Span
    foreign: int


def account(provider: Provider, days: int, now: datetime, zone: tzinfo) -> Account:
    """The last days of a provider up to now, today among them, in a time zone; six queries at
    most. Raises `ValueError` for fewer than one or more than `MOST_DAYS`.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"1 to {MOST_DAYS} days")
    dates = _dates(days, now, zone)
    starts = [datetime.combine(day, time(), zone) for day in dates]
    cuts = _cuts(provider, [*starts, now])
    spans = list(_spans(provider, cuts))
    whole = _whole(provider, cuts, spans)
    found, so_far = [], ZERO
    for day, span in zip(dates, spans, strict=True):
        so_far += span.unexplained
        found.append(Day(day, span, so_far))
    return Account(found, whole, _foreign(provider, starts[0], now))


def _dates(days: int, now: datetime, zone: tzinfo) -> list[date]:
    today = now.astimezone(zone).date()
    return [today - timedelta(days=number) for number in reversed(range(days))]


def _cuts(provider: Provider, moments: Sequence[datetime]) -> list[BalanceReading | None]:
    """For each moment the last reading up to it; the very first one for what lies before it."""
    readings = BalanceReading.objects.filter(in_currency(provider), provider=provider)
    before = readings.filter(at__lte=moments[0]).order_by("-at", "-pk").first()
    during = readings.filter(at__gt=moments[0], at__lte=moments[-1])
    part = by_stretch("at", moments[1:], range(1, len(moments) + 1), IntegerField())
    last = during.annotate(number=part).values("number").order_by("number")
    ends = dict(last.annotate(last=Max("at")).values_list("number", "last"))
    rows = {row.at: row for row in readings.filter(at__in=ends.values()).order_by("pk")}
    if before is None:
        before = during.order_by("at", "pk").first()
    cuts = [before]
    for number in range(1, len(moments)):
        cuts.append(rows[ends[number]] if number in ends else cuts[-1])
    return cuts


def _spans(provider: Provider, cuts: Sequence[BalanceReading | None]) -> Iterator[Span]:
    row = [cut for cut in cuts if cut is not None]
    if len(row) < len(cuts):  # there is not one reading
        yield from (Span(provider, None, None) for _ in cuts[1:])
        return
    sums = summed({provider.pk: row})
    for number, (left, right) in enumerate(pairwise(row)):
        known, beyond = (sums.get((provider.pk, part), Sums()) for part in (number, number + 1))
        yield Span(provider, left, right, known, beyond.at_the_edge)


def _whole(
    provider: Provider, cuts: Sequence[BalanceReading | None], spans: Sequence[Span]
) -> Span:
    """All days as one: only its outer edges make it uncertain."""
    known = [span.known for span in spans]
    sums = Sums(
        charges=sum((each.charges for each in known), ZERO),
        corrections=sum((each.corrections for each in known), ZERO),
        returns=sum((each.returns for each in known), ZERO),
        top_ups=sum((each.top_ups for each in known), ZERO),
        at_the_edge=next((span.known.at_the_edge for span in spans if span.is_known), ZERO),
    )
    return Span(provider, cuts[0], cuts[-1], sums, spans[-1].under_way)


def _foreign(provider: Provider, since: datetime, until: datetime) -> int:
    readings = BalanceReading.objects.filter(provider=provider, at__gt=since, at__lte=until)
    return readings.exclude(in_currency(provider)).count()
