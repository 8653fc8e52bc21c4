"""A provider's balance over time: the lowest of every step, as a line with its values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db.models import Case, IntegerField, Min, Value, When
from django.utils.translation import ngettext

from orders.models import BalanceReading, Provider
from panel import charts
from panel.display import money2_text
from panel.staff.providers import spans
from panel.staff.providers.spans import Span

SPANS = (spans.DAY, spans.WEEK, spans.MONTH, spans.HALF_YEAR)


@dataclass(frozen=True)
class Balances:
    """What the template draws; `frame` is None with fewer than two readings. A balance below zero
    is drawn on the ground; the table says it."""

    frame: charts.Chart | None
    label: str
    spans: list[dict[str, object]]
    topped_up: int


def chart(provider: Provider, now: datetime, days: str = "", kept: str = "") -> Balances:
    """The balance over one of the spans. One query. `kept` goes with every link."""
    span = spans.chosen(SPANS, spans.WEEK, days)
    found = _lowest(provider, span, now)
    links = spans.links(SPANS, span, "days", f"{kept}#balances")
    if len(found) < 2:
        return Balances(None, "", links, 0)
    amounts = [amount for __, amount in found]
    low, high = (
        money2_text(each, provider.currency, floor=True) for each in (min(amounts), max(amounts))
    )
    label = _label(span, low, high)
    points = [_point(at, amount, span, now) for at, amount in found]
    frame = charts.line_chart(points, label, unfinished=False, currency=provider.currency)
    rises = sum(later > earlier for earlier, later in pairwise(amounts))
    return Balances(frame, label, links, rises)


def _lowest(provider: Provider, span: Span, now: datetime) -> list[tuple[datetime, Decimal]]:
    """The lowest amount of each step in which something was read, with the step's beginning."""
    since = now - timedelta(days=span.days)
    begins = [since + span.step * number for number in range(span.steps)]
    whens = [When(at__lt=end, then=Value(number)) for number, end in enumerate(begins[1:])]
    step = Case(*whens, default=Value(span.steps - 1), output_field=IntegerField())
    readings = BalanceReading.objects.filter(provider=provider, at__gte=since, at__lte=now)
    found = readings.annotate(step=step).values_list("step").order_by("step")
    return [(begins[number], low) for number, low in found.annotate(low=Min("amount"))]


def _point(at: datetime, amount: Decimal, span: Span, now: datetime) -> charts.Day:
    short, title = span.names(at, now)
    return charts.Day(short, title, amount, Decimal(0))


def _label(span: Span, low: str, high: str) -> str:
    hours = round(span.step / timedelta(hours=1))
    if hours < 24:
        steps, words = (
            hours,
            ngettext(
                "Balance, the lowest of every hour: between %(low)s and %(high)s.",
                "Balance, the lowest of every %(steps)s hours: between %(low)s and %(high)s.",
                hours,
            ),
        )
    else:
        steps, words = (
            hours // 24,
            ngettext(
                "Balance, the lowest of every day: between %(low)s and %(high)s.",
                "Balance, the lowest of every %(steps)s days: between %(low)s and %(high)s.",
                hours // 24,
            ),
        )
    return words % {"steps": steps, "low": low, "high": high}
