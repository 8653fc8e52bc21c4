"""What one report tells of an order's runs: which of them are new, and what is odd. Pure."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_noop

from orders.enums import OrderStatus, Tier
from orders.kept_words import Sentence
from orders.models import Child, Family
from orders.money import LARGEST, round_up
from orders.progress.adding_up import Figures
from orders.progress.reports import Report, Row, digest

LONGEST = 200


class Known(NamedTuple):
    """A child as it is stored."""

    id: int
    order_id: int
    upstream_id: str
    quantity: int | None
    status: str
    status_at: datetime
    finished_at: datetime | None
    upstream_status: str
    start_count: int | None
    remains: int | None
    charge_upstream: Decimal | None
    refund_unknown: bool
    flag: str
    tier: int | None
    changed_at: datetime

    @property
    def figures(self) -> Figures:
        return Figures(
            self.status,
            self.remains,
            self.charge_upstream,
            self.start_count,
            self.refund_unknown,
            self.quantity,
        )


_TWICE = Sentence(gettext_noop("Provider names a %(one)s twice."))
_MORE = Sentence(gettext_noop("Provider tells of %(told)s %(ones)s; %(ordered)s were ordered."))
_OTHER_RUNS = Sentence(gettext_noop("Provider says %(told)s runs; %(ordered)s were ordered."))
_FOREIGN = Sentence(
    gettext_noop("Provider names “%(number)s” a %(one)s, which is another order's.")
)
_NOUNS = (gettext_noop("run"), gettext_noop("runs"), gettext_noop("post"), gettext_noop("posts"))


@dataclass
class Told:
    """A report, beside the order and the children that it is about."""

    row: Row
    report: Report
    known: Sequence[Known]
    new: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, row: Row, report: Report, known: Sequence[Known]) -> "Told":
        told, runs, one = cls(row, report, known), _runs(row), noun(row)
        unlike = dict.fromkeys(report.children)
        if len(unlike) < len(report.children):
            told.odd.append(_TWICE.of(one=one))
        if len(unlike) > runs:
            told.odd.append(_MORE.of(told=f"{len(unlike):,}", ones=f"{one}s", ordered=f"{runs:,}"))
        elif report.runs is not None and report.runs != runs:
            told.odd.append(_OTHER_RUNS.of(told=f"{report.runs:,}", ordered=f"{runs:,}"))
        ours = {child.upstream_id for child in known}
        told.new = [one for one in list(unlike)[:runs] if one not in ours]
        return told

    def leave_out(self, taken: Set[tuple[int, str]]) -> None:
        """Take no run that another order, or another order's run, already is."""
        foreign = [one for one in self.new if (self.row.provider_id, one) in taken]
        if foreign:
            one = noun(self.row)
            self.odd.append(_FOREIGN.of(number=foreign[0], one=one))
        room = max(_runs(self.row) - len(self.known), 0)
        self.new = [one for one in self.new if one not in foreign][:room]

    def children(self) -> list[Child]:
        return [
            Child(
                order_id=self.row.id,
                provider_id=self.row.provider_id,
                number=len(self.known) + place,
                upstream_id=upstream_id,
                status=OrderStatus.PENDING,
                status_at=self.report.asked_at,
                changed_at=self.report.asked_at,
                tier=Tier.FAST,
            )
            for place, upstream_id in enumerate(self.new, start=1)
        ]

    def family(self) -> Family:
        said = self.report
        return Family(
            order_id=self.row.id,
            word=said.status_word,
            charge_upstream=_storable(said.charge),
            currency=said.currency,
            odd=" ".join(self.odd)[:LONGEST],
            is_listed=said.is_listed,
            digest=digest(said),
            said_at=said.asked_at,
        )


def noun(row: Row) -> str:
    """What one of an order's children is called."""
    return "post" if row.is_subscription else "run"


def _runs(row: Row) -> int:
    return row.runs or 0


def _storable(charge: Decimal | None) -> Decimal | None:
    """A charge that no column holds is kept as unsaid; the order's flag tells of it."""
    if charge is None or not 0 <= charge <= LARGEST:
        return None
    return round_up(charge)
