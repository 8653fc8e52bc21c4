"""The chart of a provider's days: what orders took, and what went or came without one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from panel import charts
from panel.display import day_text, money2_text
from panel.staff.reconciliation.account_rows import DayRow


@dataclass(frozen=True)
class Bar:
    """A day: what is known in copper, on top of it what is not, in the colour of its way."""

    shape: charts.Bar
    tone: str
    row: DayRow
    title: str
    mark: charts.Mark


@dataclass(frozen=True)
class Chart:
    """What the template draws."""

    frame: charts.Chart
    bars: list[Bar]
    label: str


def chart(rows: Sequence[DayRow], currency: str) -> Chart:
    """The days, the earliest first; whatever is within what may be off is not drawn."""
    days = [_day(row, rows) for row in rows]
    label = _label(rows, currency)
    frame = charts.bar_chart(days, label, currency)
    tones = [row.tone or "red" for row in rows]
    each = zip(frame.bars, tones, rows, days, frame.marks, strict=True)
    return Chart(
        frame, [Bar(bar, tone, row, day.title, mark) for bar, tone, row, day, mark in each], label
    )


def _day(row: DayRow, rows: Sequence[DayRow]) -> charts.Day:
    now = timezone.now()
    known = max((row.charged or Decimal(0)) - (row.returned or Decimal(0)), Decimal(0))
    strange = abs(row.unexplained or Decimal(0)) if row.tone else Decimal(0)
    names_month = row is rows[0] or timezone.localtime(row.moment).day == 1
    text = day_text(row.moment, now) if names_month else str(timezone.localtime(row.moment).day)
    if row is rows[-1]:
        text = _("Today")
    return charts.Day(text, day_text(row.moment, now, "long"), known + strange, known)


def _label(rows: Sequence[DayRow], currency: str) -> str:
    charged = sum((row.charged or Decimal(0) for row in rows), Decimal(0))
    odd = sum(bool(row.tone) for row in rows)
    if odd:
        words = ngettext(
            "Known charges by day, %(days)s days: %(charged)s; "
            "%(odd)s day with more unexplained than may be off.",
            "Known charges by day, %(days)s days: %(charged)s; "
            "%(odd)s days with more unexplained than may be off.",
            odd,
        )
    else:
        words = _(
            "Known charges by day, %(days)s days: %(charged)s; "
            "no day with more unexplained than may be off."
        )
    return words % {"days": len(rows), "charged": money2_text(charged, currency), "odd": odd}
