"""The tabs of a report, and the table that each shows."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import ReportBy
from orders.money import LARGEST
from orders.people import Person
from orders.reports import reading
from orders.reports.reading import Question, Row, Source
from orders.reports.sums import NOTHING_SOLD, Sums
from panel.paginator import SIZE
from panel.staff.reports import names, tables
from panel.staff.reports.names import Name
from panel.staff.reports.periods import Period, day_words
from panel.staff.reports.tables import Table

MOST_IN_A_SHEET = 50_000

WHOSE = {
    "placed": (ReportBy.PLACED_BY, gettext_lazy("Placed by")),
    "managed": (ReportBy.MANAGED_BY, gettext_lazy("Managed by")),
    "markup": (ReportBy.MARKUP_OF, gettext_lazy("Whose markup")),
}


@dataclass(frozen=True)
class Asked:
    """What an address asks for, by whom and when; the days that every part needs are read once."""

    who: Person
    source: Source
    period: Period
    whose: str
    after: str
    now: datetime
    size: int = SIZE

    @property
    def today(self) -> date:
        return self.now.astimezone(self.source.zone).date()

    @cached_property
    def days(self) -> dict[date, Sums]:
        span = self.period.span
        return self.source.by_day(reading.Span(span.before().first, span.last))

    @cached_property
    def whole(self) -> Sums:
        return reading.of_span(self.days, self.period.span)

    @cached_property
    def before(self) -> Sums:
        return reading.of_span(self.days, self.period.span.before())

    @property
    def together(self) -> Row:
        """The whole period as a row."""
        return Row(0, self.whole, self.before.profit)

    def question(self, by: ReportBy, **more: Any) -> Question:
        """The next page of rows, and one more to know whether there are others."""
        place = _place(self.after)
        return Question(by, self.period.span, self.size + 1, after=place, **more)


def _place(text: str) -> tuple[Decimal, int] | None:
    figure, __, key = text.partition(":")
    try:
        found = Decimal(figure).quantize(Decimal("1e-8")), int(key)
    except (InvalidOperation, ValueError):
        return None
    if not found[0].is_finite():
        return None
    return found if abs(found[0]) <= LARGEST and abs(found[1]) < 2**63 else None


def next_place(row: Row, rank: str) -> str:
    """Where the page after this row begins."""
    return f"{reading.rank_of(row, rank):f}:{row.key}"


# ── Money by what ────────────────────────────────────────────────────────────────────────────


def by_day(asked: Asked) -> Table:
    """Day by day, the newest first; each against the day in its place in the period before."""
    span, columns = asked.period.span, tables.money_columns(of_staff=False)
    back = span.last - span.before().last
    last = min(span.last, max(span.first, _day(asked.after) or span.last))
    listed = [last - reading.days.DAY * number for number in range(asked.size)]
    listed = [day for day in listed if day >= span.first]
    lines = [
        tables.money_line(
            Name(day_words(day, asked.today, long=True)),
            Row(
                0,
                asked.days.get(day, NOTHING_SOLD),
                asked.days.get(day - back, NOTHING_SOLD).profit,
            ),
            columns,
        )
        for day in listed
    ]
    on = listed[-1] - reading.days.DAY if listed and listed[-1] > span.first else None
    whole = tables.money_line(Name(_("Together")), asked.together, columns)
    return Table(gettext_lazy("Day"), columns, lines, whole, on.isoformat() if on else "")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def by_staff(asked: Asked) -> Table:
    """By the member who placed, who manages the client, or whose markup acted."""
    return _by(asked, WHOSE[asked.whose][0], gettext_lazy("Staff member"))


def by_service(asked: Asked) -> Table:
    """By what was sold."""
    return _by(asked, ReportBy.SERVICE, gettext_lazy("Service"))


def by_client(asked: Asked) -> Table:
    """By whom it was sold to."""
    return _by(asked, ReportBy.CUSTOMER, gettext_lazy("Client"))


def by_provider(asked: Asked) -> Table:
    """By where it was bought."""
    return _by(asked, ReportBy.PROVIDER, gettext_lazy("Provider"))


def by_category(asked: Asked) -> Table:
    """By where services stand today."""
    rows = reading.by_category(asked.source, asked.question(ReportBy.SERVICE))
    table = _money(asked, rows, None, gettext_lazy("Category"))
    return replace(table, note=_("A service counts with the category it is in today."))


def _by(asked: Asked, by: ReportBy, head: str | Promise) -> Table:
    return _money(asked, asked.source.rows(asked.question(by)), by, head)


def _money(asked: Asked, rows: list[Row], by: ReportBy | None, head: str | Promise) -> Table:
    columns = tables.money_columns(of_staff=by in names.STAFF)
    shown = rows[: asked.size]
    called = names.names_of(by, [row.key for row in shown], asked.who)
    lines = [tables.money_line(called[row.key], row, columns) for row in shown]
    return Table(
        head,
        columns,
        lines,
        tables.money_line(Name(_("Together")), asked.together, columns),
        next_place(shown[-1], "revenue") if len(rows) > len(shown) else "",
    )
