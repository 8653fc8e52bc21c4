"""The runs of an order as staff read them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from orders.kept_words import told
from orders.models import Order
from panel import runs
from panel.runs import MOST, Run


@dataclass(frozen=True)
class StaffRun:
    """A run with what only some may see: its number at the provider, its charge, what is odd."""

    run: Run
    changed_at: datetime
    upstream_id: str
    charge: Decimal | None
    flag: str


@dataclass(frozen=True)
class StaffRuns:
    """The runs that the provider told of, the latest first."""

    ordered: int
    done: int
    told: int
    terms: str
    word: str
    """The provider's own word for the whole."""
    currency: str
    latest: list[StaffRun]
    words: str
    one: str


def runs_of(order: Order, *, sees_cost: bool) -> StaffRuns | None:
    """Two queries for an order in runs, none for any other."""
    if not order.runs:
        return None
    children = runs.children_of(order)
    found = runs.summed(order, children)
    family = getattr(order, "family", None)
    return StaffRuns(
        ordered=found.ordered,
        done=found.done,
        told=len(children),
        terms=found.terms,
        word=family.word if family and sees_cost else "",
        currency=order.cost_currency,
        words=found.words,
        one=found.one,
        latest=[
            StaffRun(
                run,
                child.changed_at,
                child.upstream_id if sees_cost else "",
                child.charge_upstream if sees_cost else None,
                told(child.flag) if sees_cost else "",
            )
            for run, child in zip(found.latest, children[:MOST], strict=True)
        ],
    )
