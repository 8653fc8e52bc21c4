"""How many orders an outage left unconfirmed: those in flight when sending stopped, and two."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders.enums import EventKind, SubmissionOutcome
from orders.models import Submission
from tests.chaos.books import Books
from tests.chaos.mischief import Outage

STOPS_AFTER = 2
"""Lost answers in a row after which nothing more is sent."""

COMMIT = timedelta(seconds=3)
"""A stop is written by the transaction that keeps the answer; claims made until that is committed
were in flight. It waits for a lock no longer than this, on a busy machine."""

BY_THE_PANEL = {"worker_gone", "id_taken", "duplicate"}
"""Reasons of being unconfirmed that are no provider's outage."""


@dataclass(frozen=True)
class Toll:
    """What one outage cost: orders left unconfirmed, and those in flight when sending stopped."""

    outage: Outage
    unconfirmed: int
    in_flight: int


def outages_are_bounded(books: Books) -> Iterator[str]:
    """No outage left more orders unconfirmed than were in flight, plus two."""
    for toll in tolls(books):
        if toll.unconfirmed > toll.in_flight + STOPS_AFTER:
            outage = toll.outage
            yield (
                f"the outage ({outage.kind}) of provider {outage.provider_id} at"
                f" {outage.began:%H:%M:%S} left {toll.unconfirmed} orders unconfirmed,"
                f" {toll.in_flight} were in flight"
            )


def tolls(books: Books) -> list[Toll]:
    """The price of each outage, in the order in which they began."""
    rows = [_as_sent_first(books, one) for one in books.all_submissions()]
    strandings = books.facts.strandings
    return [
        _toll(outage, [one for one in rows if one.provider_id == outage.provider_id], strandings)
        for outage in sorted(books.facts.outages, key=lambda outage: outage.began)
    ]


def _as_sent_first(books: Books, one: Submission) -> Submission:
    """What was sent again with its key keeps its last answer: an outage cost the first one."""
    if not one.repeats:
        return one
    told = (e.at for e in books.events[one.order_id] if e.kind == EventKind.UNCONFIRMED)
    first = copy(one)
    first.answered_at = next((at for at in told if at >= one.claimed_at), one.answered_at)
    return first


def _toll(
    outage: Outage, submissions: list[Submission], strandings: list[tuple[datetime, datetime]]
) -> Toll:
    during = [
        one
        for one in submissions
        if one.claimed_at <= outage.ended and (one.answered_at or outage.ended) >= outage.began
    ]
    lost = [one for one in during if _was_lost(one)]
    stopped = _stopped_at(during)
    if stopped is None:
        return Toll(outage, len(lost), len(lost))
    first = sorted(one.answered_at for one in lost if one.answered_at)[:STOPS_AFTER]
    seen = _seen_from(stopped, strandings) + COMMIT
    in_flight = [one for one in lost if one.claimed_at <= seen and one.answered_at not in first]
    return Toll(outage, len(lost), len(in_flight))


def _seen_from(stopped: datetime, strandings: list[tuple[datetime, datetime]]) -> datetime:
    """From when everybody could know that sending had stopped: what writes it down waits for a
    worker that stands still with the provider's row locked, or is that worker itself."""
    ends = [end for began, end in strandings if began <= stopped + COMMIT and end >= stopped]
    return max([stopped, *ends])


def _was_lost(one: Submission) -> bool:
    """Whether its answer was lost, whatever a person or a late answer made of it afterwards."""
    return bool(one.answered_at and one.reason) and (
        one.outcome != SubmissionOutcome.NOT_SENT and one.reason not in BY_THE_PANEL
    )


def _stopped_at(during: list[Submission]) -> datetime | None:
    """When sending stopped: at the second lost answer in a row, or when nobody could connect."""
    row = 0
    for one in sorted((one for one in during if one.answered_at), key=lambda o: o.answered_at):
        if one.outcome == SubmissionOutcome.NOT_SENT and one.reason != "late":
            return one.answered_at
        row = row + 1 if _was_lost(one) else 0
        if row == STOPS_AFTER:
            return one.answered_at
    return None
