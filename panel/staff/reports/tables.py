"""Tables of a report: columns, lines of raw values, what stands together beneath.

A page writes the values for people, a CSV file writes them as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from orders.reports.reading import Row
from orders.reports.sums import Sums
from panel.display import about, span
from panel.staff.reports.figures import change
from panel.staff.reports.names import Name

Value = str | int | Decimal | date | datetime | None


@dataclass(frozen=True)
class Column:
    """How its values are written: money, cost, loss, count, percent, change, about (seconds),
    hours, moment, text, or words that stand at the end.

    `place` is where it stands on a phone's card; without one it is left out there. `sheet` is its
    name in a CSV file, where it needs more words. A `wide` one needs a wide screen.
    """

    label: str | Promise
    kind: str
    place: str = ""
    sheet: str = ""
    tone: str = ""
    small: str | Promise = ""
    wide: bool = False

    @property
    def is_number(self) -> bool:
        """Whether its values stand at their end."""
        return self.kind not in ("text", "moment")


@dataclass(frozen=True)
class Cell:
    """A value in its column."""

    column: Column
    value: Value

    @property
    def rises(self) -> bool:
        return isinstance(self.value, Decimal) and self.value > 0

    @property
    def size(self) -> Decimal | None:
        """A change without its sign, which an arrow shows."""
        return abs(self.value) if isinstance(self.value, Decimal) else None

    @property
    def about(self) -> str:
        """Measured seconds in words."""
        return about(self.value) if isinstance(self.value, int) else ""

    @property
    def hours(self) -> str:
        """Hours in words."""
        return span(self.value * 3600) if isinstance(self.value, int) else ""

    @property
    def is_loss(self) -> bool:
        return isinstance(self.value, Decimal) and self.value < 0


@dataclass(frozen=True)
class Line:
    """One row: what it is about, and its values."""

    name: Name
    values: tuple[Value, ...]
    columns: tuple[Column, ...] = field(repr=False, default=())
    sheet: tuple[Value, ...] | None = None

    @property
    def cells(self) -> list[Cell]:
        return [Cell(*pair) for pair in zip(self.columns, self.values, strict=True)]


@dataclass(frozen=True)
class Table:
    """A tab's content. `on` is the query of the next page, "" at the end."""

    head: str | Promise
    columns: tuple[Column, ...]
    lines: list[Line]
    together: Line | None = None
    on: str = ""
    note: str = ""
    empty: tuple[str | Promise, str | Promise] = (
        _("Nothing in this period"),
        _("Choose a longer one, or another tab."),
    )

    @property
    def sheet_head(self) -> list[str]:
        """The names of the columns in a CSV file: programs read them, so they are English."""
        with override("en"):
            heads = (column.sheet or column.label for column in self.columns)
            return [str(head) for head in (self.head, *heads)]


# ── Money ────────────────────────────────────────────────────────────────────────────────────

ORDERS = Column(_("Orders"), "count", "p3", small="orders")
_MONEY = (
    ORDERS,
    Column(_("Revenue"), "money", "p4", sheet="Revenue, net of refunds", small="of"),
    Column(_("Upstream charge"), "money"),
    Column(_("Paid back"), "money", tone="d", wide=True),
    Column(_("Profit"), "money", "p2", tone="green"),
    Column(_("Margin"), "percent", sheet="Margin in per cent"),
    Column(_("Change in profit"), "change", sheet="Profit in the period before", wide=True),
)
OWN_MARKUP = Column(_("Their markup"), "words", sheet="Their markup now", tone="d")
MARKUP = Column(_("Markup"), "percent", sheet="Markup in per cent of the charge", tone="d")


def money_columns(of_staff: bool) -> tuple[Column, ...]:
    """The columns of a table of money; members stand beside the markup that is theirs."""
    return (OWN_MARKUP if of_staff else MARKUP, *_MONEY)


def money_line(name: Name, row: Row, columns: tuple[Column, ...]) -> Line:
    """What one key brought."""
    now = row.now
    markup: Value = name.markup if columns[0] is OWN_MARKUP else markup_of(now)
    values = (
        *(markup, now.orders, now.revenue, now.charge, now.refunded, now.profit, now.margin),
        change(now.profit, row.profit_was),
    )
    return Line(name, values, columns, (*values[:-1], row.profit_was))


def markup_of(sums: Sums) -> Decimal | None:
    """Profit in per cent of the charge: the markup that came about."""
    return sums.profit * 100 / sums.charge if sums.charge > 0 else None


def in_columns(name: Name, values: Sequence[Value], columns: tuple[Column, ...]) -> Line:
    """A line of other values."""
    return Line(name, tuple(values), columns)


def rounded(value: Any) -> Any:
    """Per cents in a CSV file have two places; amounts keep every one."""
    return value.quantize(Decimal("0.01")) if isinstance(value, Decimal) else value


def sheet_values(line: Line) -> list[Any]:
    """A line for a CSV file, its name first."""
    values = line.sheet if line.sheet is not None else line.values
    return [
        line.name.text,
        *(
            rounded(value) if column.kind == "percent" else value
            for column, value in zip(line.columns, values, strict=True)
        ),
    ]
