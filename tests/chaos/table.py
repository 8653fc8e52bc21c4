"""The run in figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from orders.enums import EventKind, NotPlaced, SubmissionOutcome, TransferKind
from orders.models import (
    Cancellation,
    Child,
    Event,
    MassLine,
    Refill,
    Staff,
    Submission,
    TillClosing,
    TopUp,
    Transfer,
)
from orders.money import ZERO, plain
from tests.chaos.aftercare import Call
from tests.chaos.books import Books
from tests.chaos.counter import DONE
from tests.chaos.money import unexplained
from tests.chaos.outages import tolls
from tests.chaos.plan import Plan
from tests.chaos.posts import subscriptions
from tests.chaos.taken import ID_TAKEN
from tests.chaos.verdict import CHECKS, LOST_ANSWERS, WORKER_GONE, Violation

LISTED = 20
"""Violations printed of one check."""


@dataclass(frozen=True)
class Done:
    """What was done in a run, counted by those who did it."""

    kills: int
    stalls: int
    stranded: int
    cuts: int
    acts: Counter[str]
    struck: Counter[str]
    settled_in: float
    news: Counter[str]
    news_brought: int
    trades: Counter[str]


def lines(plan: Plan, books: Books, done: Done, violations: Sequence[Violation]) -> list[str]:
    """The table, the faults, and what was found wrong."""
    rows = [
        ("orders", _orders(books)),
        ("in runs", _in_runs(books)),
        ("subscriptions", subscriptions(books)),
        ("many at once", _parcels(books)),
        ("ended", _counted(Counter(order.status for order in books.orders.values()))),
        ("kills (-9)", f"{done.kills}: {_counted(_kills(done.acts))}"),
        ("stalls (SIGSTOP)", str(done.stalls)),
        ("workers stranded", f"{done.stranded}, an answer on its way to them"),
        ("database cut", f"{done.acts['cut database']} times, {done.cuts} connections"),
        ("provider spells", _counted(_spells(done.acts))),
        ("outages", _outages(books)),
        ("faults in add", _counted(done.struck)),
        ("unconfirmed", _unconfirmed(books)),
        ("sent again", _repeated(books)),
        ("fallbacks", _moved(books)),
        ("late answers", _late(books)),
        ("decisions", _decisions(books)),
        ("refills", _followups(Refill)),
        ("cancel requests", _followups(Cancellation)),
        ("canceled waiting", f"{_canceled_waiting()} before they were sent"),
        ("stops pressed", _calls(books)),
        ("changes of prices", _counted(done.trades)),
        ("programs", _programs(books)),
        ("looked at", _looked(books)),
        ("top-ups", _top_ups(books)),
        ("payment news", f"{done.news_brought} brought; heard: {_counted(done.news)}"),
        ("approvals", _approvals(books)),
        ("at the counter", _counter(books)),
        ("till counts", _counts()),
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


def _in_runs(books: Books) -> str:
    """By how they ended; the runs that there were of all that were ordered, by their end."""
    orders = [one for one in books.orders.values() if one.runs and not one.is_subscription]
    ended = Counter(str(order.status) for order in orders)
    known = Child.objects.filter(order__least_per_post=None)
    runs = Counter(known.values_list("status", flat=True))
    ordered = sum(order.runs or 0 for order in orders)
    return f"{_counted(ended)}; {runs.total()} of {ordered} runs began: {_counted(runs)}"


def _repeated(books: Books) -> str:
    """With its key: submissions, how often, and what became of them."""
    again = [one for one in books.all_submissions() if one.repeats]
    ends = Counter(str(one.outcome) for one in again)
    return f"{len(again)} lost answers, {sum(one.repeats for one in again)} times; {_counted(ends)}"


def _moved(books: Books) -> str:
    """Orders that went to another provider: because theirs was out, or what they asked for gone."""
    moves = [e for group in books.events.values() for e in group if e.kind == EventKind.FELL_BACK]
    gone = sum("no longer offers" in event.detail for event in moves)
    ended = Counter(str(o.status) for o in books.orders.values() if o.first_offer_id)
    return f"{len(moves)} orders, {gone} of them gone at theirs; ended: {_counted(ended)}"


def _parcels(books: Books) -> str:
    """What was placed many at once: by parcel, by press, and what became of the lines."""
    sent = books.facts.sent
    lines = Counter(
        str(NotPlaced(why).label if why else state)
        for state, why in MassLine.objects.values_list("state", "why")
    )
    placed, pressed = sum(one.is_placed for one in sent), sum(one.pressed for one in sent)
    return f"{placed} of {len(sent)} parcels, {pressed} presses twice; lines: {_counted(lines)}"


def _kills(acts: Counter[str]) -> Counter[str]:
    return Counter({name[5:]: n for name, n in acts.items() if name.startswith("kill ")})


def _spells(acts: Counter[str]) -> Counter[str]:
    ours = ("kill ", "stall ", "strand ", "cut ")
    return Counter({name: n for name, n in acts.items() if not name.startswith(ours)})


def _outages(books: Books) -> str:
    found = tolls(books)
    if not found:
        return "none"
    left = sum(toll.unconfirmed for toll in found)
    worst = max(found, key=lambda toll: toll.unconfirmed)
    return (
        f"{len(found)} left {left} unconfirmed; the worst {worst.unconfirmed},"
        f" of which {worst.in_flight} in flight"
    )


def _decisions(books: Books) -> str:
    """Of people about lost answers: by what they said, and how many were wrong."""
    said = Counter(str(one.decision) for one in books.all_submissions() if one.decision)
    wrong = sum(books.was_wrong(one) for one in books.dismissed())
    return f"{said.total() - wrong} right, {wrong} wrong ({_counted(said)})"


def _followups(model: type[Refill] | type[Cancellation]) -> str:
    rows = model._default_manager.all()
    lost = Event.objects.filter(kind=_EVENTS[model], data__now="unknown").count()
    ended = Counter(rows.values_list("status", flat=True))
    return f"{ended.total()}: {_counted(ended)}; {lost} answers lost"


_EVENTS = {Refill: EventKind.REFILL, Cancellation: EventKind.CANCELLATION}


def _canceled_waiting() -> int:
    return Event.objects.filter(kind=EventKind.CANCELED).count()


def _calls(books: Books) -> str:
    """Presses for stops and refills by who made them."""
    clerks = {receipt.staff_id for receipt in books.facts.receipts}
    staff = set(Staff.objects.filter(pk__in=clerks).values_list("user_id", flat=True))
    return _counted(
        Counter(
            f"{call.verb} by {'staff' if call.user_id in staff else _who(call)}"
            for call in books.facts.calls
        )
    )


def _who(call: Call) -> str:
    return "clients" if call.user_id else "programs"


def _programs(books: Books) -> str:
    """What they placed, and how often they had to call for it."""
    presses = [press for press in books.facts.presses if press.wish.by_program]
    placed = sum(bool(press.numbers) for press in presses)
    calls, others = sum(one.pressed for one in presses), sum(len(one.another) for one in presses)
    answers = sum(len(press.numbers) for press in presses)
    short = sum(press.short for press in presses)
    said = f"{placed} orders by {calls} calls, {answers} answered with one"
    return f"{said}; {short} times short of money; {others} with another body"


def _looked(books: Books) -> str:
    looks = books.facts.looks
    orders = sum(len(look.own) for look in looks)
    return f"{len(books.facts.readings)} balances; {len(looks)} times at {orders} orders"


def _top_ups(books: Books) -> str:
    """By how they ended; what the gateway took, and what was credited of everything."""
    ended = Counter(TopUp.objects.values_list("status", flat=True))
    taken = sum((payment.paid for payment in books.facts.payments), ZERO)
    credits = Transfer.objects.filter(kind=TransferKind.TOP_UP).values_list("amount", flat=True)
    credited = sum(credits, ZERO)
    return f"{_counted(ended)}; {plain(taken)} paid by card, {plain(credited)} credited in all"


def _approvals(books: Books) -> str:
    rulings = books.facts.rulings
    told = Counter(one.told if one.told in (DONE, "") else "too late" for one in rulings)
    return f"{told[DONE]} done, {told['too late']} too late, {told['']} without an answer"


def _counter(books: Books) -> str:
    """Presses that moved money, by kind; those with an order apart."""
    told = Counter(one.errand.kind for one in books.facts.receipts if one.told == DONE)
    declined = sum(one.told not in (DONE, "") for one in books.facts.receipts)
    cash = Transfer.objects.filter(kind=TransferKind.CASH_TAKEN).exclude(order=None).count()
    return f"{_counted(told)}, {declined} declined; {cash} orders with cash"


def _counts() -> str:
    closings = list(TillClosing.objects.all())
    apart = sum(one.counted != one.expected for one in closings)
    return f"{len(closings)}, {apart} with a difference"


def _mistaken(books: Books) -> int:
    """Purchases that were made once more because a person had said that they were not there."""
    return sum(
        min(len(taken) - 1, books.wrongly_sent_anew(pk)) for pk, taken in books.accepted.items()
    )


def _unconfirmed(books: Books) -> str:
    """By the three causes that there may be; lost answers by how they were lost."""
    reasons = Counter(one.reason for one in _unknown(books))
    lost = Counter({name: n for name, n in reasons.items() if name in LOST_ANSWERS})
    said = f"{lost.total()} lost answers ({_counted(lost)})"
    gone, taken = reasons[WORKER_GONE], reasons[ID_TAKEN]
    return f"{said}; {gone} expired claims; {taken} ids of another order"


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
