"""The overview's figures and chart: a period so far, beside the one before up to the same hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import reports
from orders.people import Person
from orders.reports import DayFigures, Period, Totals
from panel.charts import Day
from panel.display import clock_text, count, day_text, money2_text, percent

FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Span:
    """A choice of period: days counted from today's midnight back, and what it is set against."""

    slug: str
    label: str | Promise
    days: int
    back: timedelta
    chart_days: int


SPANS = (
    Span("today", gettext_lazy("Today"), 1, timedelta(days=7), 14),
    Span("7", gettext_lazy("7 days"), 7, timedelta(days=7), 14),
    Span("30", gettext_lazy("30 days"), 30, timedelta(days=30), 30),
)


def span_of(slug: str) -> Span:
    """The period that an address names; today for any other word."""
    return next((span for span in SPANS if span.slug == slug), SPANS[0])


@dataclass(frozen=True)
class Chart:
    """Days for the chart, and its sums in words."""

    days: list[Day]
    label: str
    words: dict[str, str]


@dataclass(frozen=True)
class Board:
    """Figures and, for who sees costs, the chart."""

    figures: list[dict[str, Any]]
    chart: Chart | None


def board(who: Person, span: Span, now: datetime) -> Board:
    """All figures of a period, in four queries; none about costs for who does not see them."""
    period = _so_far(span.days, now)
    present, before = reports.totals(who, [period, period.earlier(span.back)])
    zone = timezone.get_current_timezone()
    days = reports.by_day(who, _so_far(span.chart_days, now), zone)
    figures = [_revenue(present, before, days), _orders(present, before, days)]
    if not who.sees_cost:
        return Board(figures, None)
    figures[1:1] = [_charge(present, before, days), _profit(present, before, days)]
    return Board(figures, _chart(days, now))


def against(span: Span, now: datetime) -> str:
    """What the figures are set against, in words."""
    until = clock_text(now, now, "min")
    if span.days == 1:
        weekday = date_format(timezone.localtime(now - span.back), "l")
        words = _("Figures since midnight, set against last %(weekday)s up to %(until)s.")
        return words % {"weekday": weekday, "until": until}
    words = _("The last %(days)s days, set against the %(days)s before up to %(until)s.")
    return words % {"days": span.days, "until": until}


def _so_far(days: int, now: datetime) -> Period:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(midnight - timedelta(days=days - 1), now)


# ── Figures ──────────────────────────────────────────────────────────────────────────────────


def _revenue(present: Totals, before: Totals, days: list[DayFigures]) -> dict[str, Any]:
    return {
        "label": _("Revenue"),
        "tone": "accent",
        "amount": _shown(present.revenue),
        "note": _("from %(amount)s") % {"amount": money2_text(before.revenue)},
        "spark": [day.revenue for day in days],
    } | _change(present.revenue, before.revenue, rising_is_good=True)


def _charge(present: Totals, before: Totals, days: list[DayFigures]) -> dict[str, Any]:
    note = _("nothing charged yet")
    if present.coverage is not None:
        note = _("coverage %(percent)s") % {"percent": percent(present.coverage)}
    return {
        "label": _("Upstream charge"),
        "tone": "copper",
        "amount": _shown(present.charge),
        "note": note,
        "spark": [day.charge for day in days],
    } | _change(present.charge, before.charge)


def _profit(present: Totals, before: Totals, days: list[DayFigures]) -> dict[str, Any]:
    note = _("no margin yet")
    if present.margin is not None:
        note = _("margin %(percent)s") % {"percent": percent(present.margin)}
    return {
        "label": _("Profit"),
        "tone": "green",
        "amount": _shown(present.profit),
        "note": note,
        "spark": [day.revenue - day.charge for day in days],
    } | _change(present.profit, before.profit, rising_is_good=True)


def _orders(present: Totals, before: Totals, days: list[DayFigures]) -> dict[str, Any]:
    more = present.orders - before.orders
    return {
        "label": _("Orders"),
        "tone": "grey",
        "value": count(present.orders),
        "note": _("%(partial)s partial, %(canceled)s canceled")
        % {"partial": count(present.partial), "canceled": count(present.canceled)},
        "spark": [day.orders for day in days],
        "change": count(abs(more)) if more else "",
        "direction": "up" if more > 0 else "down",
        "good": more > 0 if more else None,
    }


def _shown(sum_of_a_period: Decimal) -> Decimal:
    """Rows are never rounded, sums may be: four places fit the figure."""
    return sum_of_a_period.quantize(FOUR_PLACES)


def _change(present: Decimal, before: Decimal, *, rising_is_good: bool = False) -> dict[str, Any]:
    """The change in per cent; without anything before, there is no such figure."""
    if before <= 0 or present == before:
        return {"change": "", "direction": "", "good": None}
    change = (present - before) * 100 / before
    return {
        "change": percent(abs(change)),
        "direction": "up" if change > 0 else "down",
        "good": (change > 0) if rising_is_good else None,
    }


# ── Chart ────────────────────────────────────────────────────────────────────────────────────


def _chart(days: list[DayFigures], now: datetime) -> Chart:
    revenue = sum((day.revenue for day in days), Decimal(0))
    profit = revenue - sum((day.charge for day in days), Decimal(0))
    words = {
        "days": str(len(days)),
        "revenue": money2_text(revenue),
        "profit": money2_text(profit),
        "margin": percent(profit * 100 / revenue) if revenue > 0 else "",
    }
    label = _(
        "Revenue and upstream charge by day, %(days)s days: revenue %(revenue)s, profit %(profit)s."
    )
    return Chart([_day(day, days, now) for day in days], label % words, words)


def _day(day: DayFigures, days: list[DayFigures], now: datetime) -> Day:
    moment = timezone.localtime(now).replace(year=day.day.year, month=day.day.month, day=1)
    moment = moment.replace(day=day.day.day)
    names_month = day is days[0] or day.day.day == 1
    label = day_text(moment, now) if names_month else str(day.day.day)
    if day is days[-1]:
        label = _("Today")
    return Day(label, day_text(moment, now, "long"), day.revenue, day.charge)
