"""What a file would do, said before it does it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders.errors import StateChanged

REASON = gettext_noop("Moved in from another panel")
MOST_KEPT = 1000
"""Remarks that programs are told of a file; beyond, only their number."""

STAYED_OUT = frozenset({"wrong", "changed", "stopped"})
"""Fates of rows that did not come in and should have."""


class MovedOn(StateChanged):
    """The file would do something else by now than what the person was shown."""

    def __init__(self) -> None:
        super().__init__(_("Something has changed since you looked. Look once more."))


@dataclass(frozen=True, order=True)
class Remark:
    """What there is to say of one line. `wrong`: it does not come in as it stands."""

    line: int
    text: str
    wrong: bool = True

    def __str__(self) -> str:
        return f"Line {self.line}: {self.text}"


@dataclass
class Report:
    """What rows do, or did: how many of which fate, and what is to be said of single ones.

    `changes` is what each line writes, in a form that can be compared: two reports with one
    `fingerprint` do the same.
    """

    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    fate_of: dict[int, str] = field(default_factory=dict)
    """What becomes of each line; `counts` has more: what else happens on the way."""
    changes: dict[int, Any] = field(default_factory=dict)

    def settle(self, line: int, fate: str) -> None:
        """Say what becomes of a line."""
        self.fate_of[line] = fate
        self.count(fate)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def reject(self, line: int, text: str) -> None:
        """A row that does not come in because something is wrong with it."""
        self.settle(line, "wrong")
        self.remarks.append(Remark(line, text))

    def tell(self, line: int, text: str) -> None:
        """What somebody should know of a row that is not wrong."""
        self.remarks.append(Remark(line, text, wrong=False))

    def reject_all(self, bad: dict[int, str]) -> None:
        for line, text in bad.items():
            self.reject(line, text)

    def prints(self) -> dict[int, str]:
        """For each line a short print of what becomes of it, to be compared with later."""
        return {line: _print([fate, self.changes.get(line)]) for line, fate in self.fate_of.items()}

    def text_of(self, line: int) -> str:
        """All that is said of a line."""
        return " ".join(remark.text for remark in self.remarks if remark.line == line)

    @property
    def fingerprint(self) -> str:
        """The same for two reports that write the same and say the same."""
        remarks = sorted(map(str, self.remarks))
        return _print(
            [self.rows, sorted(self.counts.items()), remarks, sorted(self.prints().items())]
        )

    @property
    def fates(self) -> dict[str, int]:
        """How many rows came to what, those that came to nothing left out."""
        return {fate: count for fate, count in self.counts.items() if count}

    def to_json(self) -> dict[str, Any]:
        """For programs: never with what a row held."""
        remarks = sorted(self.remarks, key=lambda remark: (not remark.wrong, remark.line))
        return {
            "rows": self.rows,
            **self.counts,
            "remarks_total": len(remarks),
            "remarks": [asdict(remark) for remark in remarks[:MOST_KEPT]],
        }


def _print(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:32]


def row_to_json(row: Any) -> dict[str, Any]:
    """A row of a file, as it is kept."""
    values = asdict(row)
    return {n: format(v, "f") if isinstance(v, Decimal) else v for n, v in values.items()}


def twice(pairs: Iterable[tuple[int, Any]]) -> dict[int, int]:
    """Lines whose value stands on another line too, each with the first other one."""
    lines: dict[Any, list[int]] = {}
    for line, value in pairs:
        lines.setdefault(value, []).append(line)
    shared = (found for found in lines.values() if len(found) > 1)
    return {
        line: next(other for other in found if other != line) for found in shared for line in found
    }
