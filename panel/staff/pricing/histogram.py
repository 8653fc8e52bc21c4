"""How many services have which margin, before and after: a small picture with a table beneath."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

BARS = 10
WIDTH, HEIGHT = 300, 84
GROUND = 82
LEAST_TO, MOST_TO = Decimal(20), Decimal(100)
ROOM = Decimal("1.2")


@dataclass(frozen=True)
class Bar:
    """The services with a margin between two shares of the price; `under` is below the floor."""

    words: str
    before: int
    after: int
    before_x: int
    after_x: int
    before_y: str
    after_y: str
    before_height: str
    after_height: str
    under: bool


@dataclass(frozen=True)
class Histogram:
    """The bars, the words under them, and where the floor stands."""

    bars: list[Bar]
    ends: list[str]
    floor_x: str | None
    floor: Decimal | None


def histogram(
    before: Sequence[Decimal], after: Sequence[Decimal], floor: Decimal | None
) -> Histogram:
    """`before` and `after` ascending, in per cent of the price; `floor` in per cent over cost.

    Losses stand in the first bar, and the few largest margins in the last.
    """
    width = _width(before, after)
    counts = [_counted(margins, width) for margins in (before, after)]
    highest = max(max(counts[0]), max(counts[1]), 1)
    share = None if floor is None else floor * 100 / (100 + floor)
    bars = [
        _bar(number, width, counts[0][number], counts[1][number], highest, share)
        for number in range(BARS)
    ]
    x = None if share is None or share > width * BARS else f"{share / width * WIDTH / BARS:.1f}"
    ends = [_percent(width * step) for step in (0, 5, 10)]
    return Histogram(bars, ends, x, share)


def _width(before: Sequence[Decimal], after: Sequence[Decimal]) -> Decimal:
    """Of one bar: a whole number, so that nineteen of twenty services have a bar of their own."""
    high = max((side[len(side) * 19 // 20] for side in (before, after) if side), default=LEAST_TO)
    high = min(max(high * ROOM, LEAST_TO), MOST_TO)
    return (high / BARS).to_integral_value(rounding=ROUND_FLOOR) + (1 if high % BARS else 0)


def _counted(margins: Sequence[Decimal], width: Decimal) -> list[int]:
    counts = [0] * BARS
    for margin in margins:
        counts[max(0, min(BARS - 1, int(margin // width)))] += 1
    return counts


def _bar(
    number: int, width: Decimal, before: int, after: int, highest: int, floor: Decimal | None
) -> Bar:
    slot = WIDTH // BARS
    low, high = width * number, width * (number + 1)
    words = _("%(low)s to %(high)s %%")
    if number == 0:
        words = _("under %(high)s %%")
    elif number == BARS - 1:
        words = _("%(low)s %% and more")
    heights = [_height(count, highest) for count in (before, after)]
    return Bar(
        words=words % {"low": f"{low:f}", "high": f"{high:f}"},
        before=before,
        after=after,
        before_x=number * slot + 3,
        after_x=number * slot + 15,
        before_y=f"{GROUND - heights[0]:.1f}",
        after_y=f"{GROUND - heights[1]:.1f}",
        before_height=f"{heights[0]:.1f}",
        after_height=f"{heights[1]:.1f}",
        under=floor is not None and high <= floor,
    )


def _percent(number: Decimal) -> str:
    return pgettext("a percentage", "%(number)s %%") % {"number": f"{number:f}"}


def _height(count: int, highest: int) -> float:
    """A single service among thousands can still be seen."""
    return max(count * (GROUND - 4) / highest, 1.5) if count else 0
