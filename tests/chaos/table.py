"""The run in figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from orders.enums import EventKind, SubmissionOutcome
from orders.models import Submission
from orders.money import plain
from tests.chaos.books import Books
from tests.chaos.money import unexplained
from tests.chaos.outages import tolls
from tests.chaos.plan import Plan
from tests.chaos.verdict import CHECKS, Violation

LISTED = 20
"""Violations printed of one check."""


@dataclass(frozen=True)
class Done:
    """What was done in a run, counted by those who did it."""

    kills: int
    stalls: int
    cuts: int
    acts: Counter[str]
    struck: Counter[str]
    settled_in: float


def lines(plan: Plan, books: Books, done: Done, violations: Sequence[Violation]) -> list[str]:
    """The table, the faults, and what was found wrong."""
    rows = [
        ("orders", _orders(books)),
        ("ended", _counted(Counter(order.status for order in books.orders.values()))),
        ("kills (-9)", f"{done.kills}: {_counted(_kills(done.acts))}"),
        ("stalls (SIGSTOP)", str(done.stalls)),
        ("database cut", f"{done.acts['cut database']} times, {done.cuts} connections"),
        ("provider spells", _counted(_spells(done.acts))),
        ("outages", _outages(books)),
        ("faults in add", _counted(done.struck)),
        ("unconfirmed", _unconfirmed(books)),
        ("late answers", _late(books)),
        ("decisions", _decisions(books)),
        ("doubles", f"{_count(violations, 'accepted once')} ({_mistaken(books)} by a decision)"),
        ("lost", str(_count(violations, "nothing lost"))),
        ("unexplained money", plain(unexplained(books))),
        ("settled in", f"{done.settled_in:.0f} s"),
    ]
    width = max(len(name) for name, _ in rows)
    table = [f"  {name:<{width}}  {said}" for name, said in rows]
    return [*table, "", *_verdict(violations), f"SEED={plan.seed} repeats it."]


def _verdict(violations: Sequence[Violation]) -> list[str]:
    said = []
    for name in CHECKS:
        found = [one.text for one in violations if one.check == name]
        said.append(f"  {'FAILED' if found else 'holds ':<7} {name}")
        said += [f"            {text}" for text in found[:LISTED]]
        if len(found) > LISTED:
            said.append(f"            and {len(found) - LISTED} more")
    return [*said, ""]


def _orders(books: Books) -> str:
    presses = books.facts.presses
    declined = Counter(press.declined for press in presses if not press.numbers)
    said = f"{len(books.orders)} placed by {sum(len(p.numbers) for p in presses)} answered presses"
    return f"{said}; declined: {_counted(declined)}" if declined else said


def _kills(acts: Counter[str]) -> Counter[str]:
    return Counter({name[5:]: n for name, n in acts.items() if name.startswith("kill ")})


def _spells(acts: Counter[str]) -> Counter[str]:
    ours = ("kill ", "stall ", "cut ")
    return Counter({name: n for name, n in acts.items() if not name.startswith(ours)})


def _outages(books: Books) -> str:
    said = [
        f"{toll.outage.kind}: {toll.unconfirmed} unconfirmed, {toll.in_flight} in flight"
        for toll in tolls(books)
    ]
    return "; ".join(said) or "none"


def _decisions(books: Books) -> str:
    """Of people about lost answers: by what they said, and how many were wrong."""
    said = Counter(str(one.decision) for one in books.all_submissions() if one.decision)
    wrong = sum(books.was_wrong(one) for one in books.dismissed())
    return f"{said.total() - wrong} right, {wrong} wrong ({_counted(said)})"


def _mistaken(books: Books) -> int:
    """Purchases that were made once more because a person had said that they were not there."""
    return sum(
        min(len(taken) - 1, books.wrongly_sent_anew(pk)) for pk, taken in books.accepted.items()
    )


def _unconfirmed(books: Books) -> str:
    reasons = Counter(one.reason for one in _unknown(books))
    return f"{_events(books, EventKind.UNCONFIRMED)}: {_counted(reasons)}"


def _unknown(books: Books) -> list[Submission]:
    """Those whose answer was lost, whatever became of them afterwards."""
    not_sent = SubmissionOutcome.NOT_SENT
    return [one for one in books.all_submissions() if one.reason and one.outcome != not_sent]


def _late(books: Books) -> str:
    """After a decision; those with an id that the order does not hold raised an alarm."""
    late = sum(one.late_at is not None for one in books.all_submissions())
    return f"{late} after a decision, {_events(books, EventKind.LATE_ANSWER)} alarms"


def _events(books: Books, kind: EventKind) -> int:
    return sum(event.kind == kind for group in books.events.values() for event in group)


def _count(violations: Sequence[Violation], check: str) -> int:
    return sum(one.check == check for one in violations)


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{n} {name}" for name, n in counter.most_common()) or "none"
