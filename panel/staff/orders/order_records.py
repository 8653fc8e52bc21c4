"""What is kept with an order, as its page shows it: submissions, requests, notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format

from orders import refills
from orders.enums import EventKind
from orders.models import Cancellation, Event, Order, Refill, Submission

MOST_NOTES = 5


@dataclass(frozen=True)
class Sent:
    """One submission as evidence; its raw answer and worker only for who sees the provider."""

    number: int
    sent_at: datetime
    answer: str
    late_answer: str
    http_status: int | None
    elapsed_ms: int | None
    outcome: str
    words: str
    decision: str


@dataclass(frozen=True)
class FollowUp:
    """A refill or a cancel request."""

    name: str
    coin: str
    label: str
    asked_at: datetime
    asked_by: str
    words: str


@dataclass(frozen=True)
class Note:
    """What somebody of the staff told the others."""

    text: str
    at: datetime
    who: str


def sent(row: Submission, sees_cost: bool) -> Sent:
    """A submission for this kind of person."""
    late = row.late_answer or row.late_upstream_id
    return Sent(
        number=row.number,
        sent_at=row.sent_at or row.claimed_at,
        answer=row.answer if sees_cost else "",
        late_answer=late if sees_cost else "",
        http_status=row.http_status,
        elapsed_ms=row.elapsed_ms,
        outcome=row.outcome,
        words=row.get_family_display() or row.reason.replace("_", " "),
        decision=f"{row.get_decision_display()}: {row.decision_reason}" if row.decision else "",
    )


def follow_up(name: str, row: Refill | Cancellation, sees_cost: bool) -> FollowUp:
    """A request; the provider's words only for who sees the provider."""
    return FollowUp(
        name=name,
        coin=row.status,
        label=row.get_status_display(),
        asked_at=row.asked_at,
        asked_by=str(row.asked_by or "the client's program"),
        words=row.answer if sees_cost else "",
    )


def refill_rule(order: Order) -> str:
    """How long a refill may be asked for, and who says so; "" where there are none."""
    if order.is_subscription or not order.offer.refill:
        return ""
    rule, until = refills.window(order), refills.refill_until(order)
    if rule is None:
        return "Nobody has said for how long refills can be asked for."
    whose = "set on the service" if rule.is_ours else "as the provider's catalog says"
    ends = f", until {date_format(until, 'j M Y')}" if until else ""
    return f"{rule.days} day{'' if rule.days == 1 else 's'} after completion{ends}: {whose}."


def notes(events: Sequence[Event]) -> list[Note]:
    """The latest notes, newest first; the history has them all."""
    told = [event for event in events if event.kind == EventKind.NOTE][::-1]
    return [Note(line.detail, line.at, str(line.person or "")) for line in told[:MOST_NOTES]]
