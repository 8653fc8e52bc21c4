"""What a benchmark hands in: one line of the table of `docs/benchmarks.md` each."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How much is measured. `orders` is what stands for a million: others are in proportion."""

    orders: int = 1_000_000
    rounds: int = 3
    only: str = ""

    def of(self, at_a_million: int, least: int = 1) -> int:
        """So many of something when there are a million orders, fewer in a trial."""
        return max(at_a_million * self.orders // 1_000_000, least)


@dataclass(frozen=True)
class Figure:
    """Ours beside a baseline of the same run, as words; `ratio` is what `accept` and `aim` speak
    of. `cpu`: seconds of the client and of PostgreSQL; `notes`: how it was measured."""

    name: str
    ours: str
    baseline: str = ""
    ratio: float | None = None
    accept: str = ""
    aim: str = ""
    met: bool | None = None
    """Whether `accept` was reached; None where nothing is demanded."""
    rounds: int = 1
    cpu: str = ""
    notes: str = ""

    @property
    def verdict(self) -> str:
        return "" if self.met is None else "yes" if self.met else "**no**"


HEADS = ("figure", "ours", "baseline", "ratio", "accept", "aim", "met", "rounds", "CPU")


def row(figure: Figure) -> str:
    """A line of the table."""
    ratio = "" if figure.ratio is None else f"{figure.ratio:,.3g}"
    cells = (figure.name, figure.ours, figure.baseline, ratio, figure.accept, figure.aim)
    return _line((*cells, figure.verdict, str(figure.rounds), figure.cpu))


def head() -> str:
    return f"{_line(HEADS)}\n{_line(['---'] * len(HEADS))}"


def table(figures: Iterable[Figure]) -> str:
    """All lines, with a head, in Markdown."""
    return "\n".join([head(), *map(row, figures)])


def explained(figures: Iterable[Figure]) -> str:
    """How each was measured, in Markdown."""
    return "\n".join(f"- **{one.name}**: {one.notes}" for one in figures if one.notes)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
