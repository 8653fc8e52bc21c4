"""The arithmetic of our charts: numbers in, shapes in percent of their box out. Pure functions.

Words live in HTML and shapes in the SVG: the SVG stretches to its box, so every x and y here is a
share of 1000 × 100 (charts) or 100 × 8 (split bars). Geometry may round; the table beneath may not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from panel import display

WIDTH, HEIGHT = 1000, 100
GAP, HALF = Decimal("0.6"), Decimal("0.5")
_ROUND_STEPS = [Decimal(n) / 100 for n in (100, 125, 150, 200, 250, 300, 400, 500, 600, 750, 1000)]
_MOST_LABELS = 14


@dataclass(frozen=True)
class Split:
    """A price divided in cost and profit; widths are per cent of the bar."""

    cost: Decimal
    profit_x: Decimal
    profit: Decimal
    loss_x: Decimal
    loss: Decimal
    floor_x: Decimal | None
    label: str


@dataclass(frozen=True)
class Day:
    """One step of a chart: its axis label, its full name, and its two amounts (None: not known)."""

    label: str
    title: str
    revenue: Decimal
    cost: Decimal

    @property
    def profit(self) -> Decimal:
        return self.revenue - self.cost


@dataclass(frozen=True)
class Bar:
    """One stacked day: charge below, profit above, both in chart units."""

    x: str
    width: str
    cost_y: str
    cost: str
    profit_y: str
    profit: str


@dataclass(frozen=True)
class Mark:
    """Where a day stands in the chart, for the tip."""

    day: Day
    x: str
    revenue: str
    cost: str


@dataclass(frozen=True)
class Chart:
    """All that a chart's template draws."""

    marks: list[Mark]
    label: str
    ticks: list[str]
    tick_ys: list[str]
    labels: list[str]
    revenue: str = ""
    cost: str = ""
    revenue_part: str = ""
    cost_part: str = ""
    band: str = ""
    under: str = ""
    bars: tuple[Bar, ...] = ()


def split(cost: object, price: object, floor: object = None, scale: object = None) -> Split | None:
    """Divide a price in cost and profit, or show the loss past it.

    Args:
        floor: the price at which the least markup is just met; drawn as a stroke.
        scale: the amount that fills the bar, so that several bars can be compared.
    Returns None when cost or price is not known.
    """
    a, b = display.as_decimal(cost), display.as_decimal(price)
    if a is None or b is None:
        return None
    lowest = display.as_decimal(floor)
    full = display.as_decimal(scale) or max(a, b, lowest or Decimal(0))
    if full <= 0:
        return None

    def share(amount: Decimal) -> Decimal:
        return max(Decimal(0), min(Decimal(100), amount / full * 100)).quantize(Decimal("0.01"))

    inner, outer = sorted((share(a), share(b)))
    profit = max(Decimal(0), outer - inner - GAP) if b > a else Decimal(0)
    return Split(
        cost=inner,
        profit_x=outer - profit,
        profit=profit,
        loss_x=inner,
        loss=outer - inner if a > b else Decimal(0),
        floor_x=share(lowest) if lowest is not None else None,
        label=_split_label(a, b),
    )


def spark_points(values: Sequence[object]) -> str:
    """A polyline's points in a box of 100 × 30, the lowest value on the ground."""
    numbers = [display.as_decimal(value) or Decimal(0) for value in values]
    if len(numbers) < 2:
        return ""
    low, high = min(numbers), max(numbers)
    reach = high - low or Decimal(1)
    step = Decimal(100) / (len(numbers) - 1)
    return " ".join(
        f"{_n(i * step)},{_n(28 - (v - low) / reach * 26)}" for i, v in enumerate(numbers)
    )


def axis(highest: Decimal) -> list[Decimal]:
    """Five round values from zero to at least `highest`, the top one first."""
    rough = highest / 4 if highest > 0 else Decimal(1)
    power = Decimal(10) ** rough.adjusted()
    step = next(power * s for s in _ROUND_STEPS if power * s >= rough)
    return [step * n for n in range(4, -1, -1)]


Words = Callable[[Decimal], str]


def line_chart(
    days: Sequence[Day],
    label: str,
    unfinished: bool = True,
    currency: str | None = None,
    words: Words | None = None,
) -> Chart:
    """Revenue and charge as two lines from zero, the room between them for the profit.

    Args:
        unfinished: the last day is still running; its part of the lines is dashed.
        words: how an amount that is no money is written at the axis.
    """
    highest = max((max(d.revenue, d.cost) for d in days), default=Decimal(0))
    frame = _frame(highest, words or _money_words(currency))
    step = Decimal(WIDTH) / max(1, len(days) - 1)
    up = [(i * step, frame.y(d.revenue)) for i, d in enumerate(days)]
    low = [(i * step, frame.y(d.cost)) for i, d in enumerate(days)]
    whole = len(days) - 1 if unfinished and len(days) > 2 else len(days)
    right = _n((len(days) - 1) * step)
    return Chart(
        marks=[_mark(day, i * step, frame) for i, day in enumerate(days)],
        label=label,
        ticks=frame.ticks,
        tick_ys=frame.tick_ys,
        labels=_thinned([d.label for d in days]),
        revenue=_path(up[:whole]),
        cost=_path(low[:whole]),
        revenue_part=_path(up[whole - 1 :]) if whole < len(days) else "",
        cost_part=_path(low[whole - 1 :]) if whole < len(days) else "",
        band=_path(up + low[::-1]) + "Z" if days else "",
        under=f"{_path(low)}L{right} {HEIGHT}L0 {HEIGHT}Z" if days else "",
    )


def bar_chart(days: Sequence[Day], label: str, currency: str | None = None) -> Chart:
    """Stacked days: charge below, profit above, together revenue; a loss shows no profit."""
    highest = max((max(d.revenue, d.cost) for d in days), default=Decimal(0))
    frame = _frame(highest, _money_words(currency))
    slot = Decimal(WIDTH) / max(1, len(days))
    return Chart(
        marks=[_mark(day, (i + HALF) * slot, frame) for i, day in enumerate(days)],
        label=label,
        ticks=frame.ticks,
        tick_ys=frame.tick_ys,
        labels=_thinned([d.label for d in days]),
        bars=tuple(_bar(i * slot, slot, day, frame) for i, day in enumerate(days)),
    )


@dataclass(frozen=True)
class _Frame:
    top: Decimal
    ticks: list[str]
    tick_ys: list[str]

    def y(self, amount: Decimal) -> Decimal:
        return HEIGHT - max(Decimal(0), amount) / self.top * HEIGHT


def _frame(highest: Decimal, words: Words) -> _Frame:
    values = axis(highest)
    return _Frame(
        top=values[0],
        ticks=_ticks(values, words),
        tick_ys=[_n(HEIGHT - v / values[0] * HEIGHT) for v in values],
    )


def _ticks(values: list[Decimal], words: Words) -> list[str]:
    texts = [words(value) for value in values]
    whole, cents = values[0] >= 8, f"{display.marks()[0]}00"
    return [text[:-3] if whole and text.endswith(cents) else text for text in texts]


def _money_words(currency: str | None) -> Words:
    return lambda value: display.money2_text(value, currency)


def _mark(day: Day, x: Decimal, frame: _Frame) -> Mark:
    return Mark(day, _n(x), _n(frame.y(day.revenue)), _n(frame.y(day.cost)))


def _bar(x: Decimal, slot: Decimal, day: Day, frame: _Frame) -> Bar:
    cost_y, top_y = frame.y(day.cost), frame.y(max(day.revenue, day.cost))
    gap = Decimal("0.5") if cost_y - top_y > 1 else Decimal(0)
    return Bar(
        x=_n(x + slot / 5),
        width=_n(slot * 3 / 5),
        cost_y=_n(cost_y),
        cost=_n(HEIGHT - cost_y),
        profit_y=_n(top_y),
        profit=_n(max(Decimal(0), cost_y - top_y - gap)),
    )


def _path(points: Sequence[tuple[Decimal, Decimal]]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points) if points else ""


def _thinned(labels: list[str]) -> list[str]:
    """At most `_MOST_LABELS` words under an axis: first, last and every n-th stay.

    A long first word ("10 Nov") takes the room of the second.
    """
    every = -(-len(labels) // _MOST_LABELS)
    last = len(labels) - 1
    crowded = 1 if every == 1 and last > 7 and len(labels[0]) > 3 else -1

    def stays(i: int) -> bool:
        return i in (0, last) or (i % every == 0 and last - i >= every and i != crowded)

    return [text if stays(i) else "" for i, text in enumerate(labels)]


def _n(value: Decimal | int) -> str:
    text = f"{Decimal(value):.2f}".rstrip("0").rstrip(".")
    return text or "0"


def _split_label(cost: Decimal, price: Decimal) -> str:
    if price <= 0:
        return _("No price, cost %(cost)s") % {"cost": display.money_text(cost)}
    part = display.percent(cost / price * 100)
    margin = (price - cost) / price * 100
    if margin < 0:
        loss = {"part": part, "loss": display.percent(-margin)}
        return _("Cost %(part)s of the price, a loss of %(loss)s") % loss
    known = {"part": part, "margin": display.percent(margin)}
    return _("Cost %(part)s of the price, margin %(margin)s") % known
