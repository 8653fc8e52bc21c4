"""What is kept with an order, as its page shows it: submissions, requests, notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders import refills
from orders.enums import EventKind
from orders.kept_words import told
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


_REASONS = {
    "timeout": gettext_lazy("timeout"),
    "reset": gettext_lazy("reset"),
    "html": gettext_lazy("html"),
    "empty": gettext_lazy("empty"),
    "noise": gettext_lazy("noise"),
    "redirect": gettext_lazy("redirect"),
    "too_large": gettext_lazy("too large"),
    "server_error": gettext_lazy("server error"),
    "generic_error": gettext_lazy("generic error"),
    "no_order": gettext_lazy("no order"),
    "no_answer": gettext_lazy("no answer"),
    "internal": gettext_lazy("internal"),
    "worker_gone": gettext_lazy("worker gone"),
    "id_taken": gettext_lazy("id taken"),
    "restored": gettext_lazy("restored"),
    "duplicate": gettext_lazy("duplicate"),
}
"""Why nobody knows what became of a submission, in a word or two."""


def _reason(code: str) -> str:
    return str(_REASONS.get(code, code.replace("_", " ")))


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
        words=row.get_family_display() or _reason(row.reason),
        decision=f"{row.get_decision_display()}: {row.decision_reason}" if row.decision else "",
    )


def follow_up(name: str, row: Refill | Cancellation, sees_cost: bool) -> FollowUp:
    """A request; the provider's words only for who sees the provider."""
    return FollowUp(
        name=name,
        coin=row.status,
        label=row.get_status_display(),
        asked_at=row.asked_at,
        asked_by=str(row.asked_by or _("the client's program")),
        words=told(row.answer) if sees_cost else "",
    )


def refill_rule(order: Order) -> str:
    """How long a refill may be asked for, and who says so; "" where there are none."""
    if order.is_subscription or not order.offer.refill:
        return ""
    rule, until = refills.window(order), refills.refill_until(order)
    if rule is None:
        return _("Nobody has said for how long refills can be asked for.")
    whose = _("as the provider's catalog says")
    if rule.is_ours:
        whose = _("set on the service")
    if not until:
        return ngettext(
            "%(days)s day after completion: %(whose)s.",
            "%(days)s days after completion: %(whose)s.",
            rule.days,
        ) % {"days": rule.days, "whose": whose}
    return ngettext(
        "%(days)s day after completion, until %(date)s: %(whose)s.",
        "%(days)s days after completion, until %(date)s: %(whose)s.",
        rule.days,
    ) % {"days": rule.days, "date": date_format(until, "j M Y"), "whose": whose}


def notes(events: Sequence[Event]) -> list[Note]:
    """The latest notes, newest first; the history has them all."""
    latest = [event for event in events if event.kind == EventKind.NOTE][: -MOST_NOTES - 1 : -1]
    return [Note(told(line.detail), line.at, str(line.person or "")) for line in latest]
