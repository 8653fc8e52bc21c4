"""The machinery in figures, for a monitoring program: how old the oldest of each queue is, how
quickly providers are walked and answer, what a person has to look at.

All of it stands in rows, so every web process says the same; each query is bounded, whatever the
panel's size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet

from orders import backlog, call_times, ledger_check, machinery
from orders.enums import OrderStatus, SubmissionOutcome, SweepKind, Tier
from orders.models import (
    CallTimes,
    Cancellation,
    Heartbeat,
    Order,
    Provider,
    Refill,
    ReportState,
    Submission,
    Sweep,
)
from orders.polling.rounds import Rounds

MOST_COUNTED = 1000
MOST_ROWS = 500
"""Providers and sweeps beyond these are left out."""


@dataclass(frozen=True)
class Queue:
    """What waits for one thing: how many (no further than one beyond 1,000), the oldest's age."""

    name: str
    count: int
    age: timedelta | None


@dataclass(frozen=True)
class Walk:
    """How one provider's open orders are walked, all parts of them together: `asked` and `changed`
    in the last slice, and how long the last whole round of each pace took."""

    provider: str
    asked: int
    changed: int
    age: timedelta | None
    rounds: dict[Tier, timedelta]


@dataclass(frozen=True)
class Calls:
    """The calls of one kind to one provider in the present hour."""

    provider: str
    action: str
    tally: call_times.Tally


@dataclass(frozen=True)
class Ledger:
    """What the last check of the books found, and the last comparison of sums with the ledger."""

    findings: int | None
    checked: timedelta | None
    differences: int
    compared: timedelta | None


@dataclass(frozen=True)
class Gauges:
    """Everything that is measured, at one moment."""

    queues: list[Queue]
    unchecked: timedelta | None
    walks: list[Walk]
    providers: list[Provider]
    calls: list[Calls]
    beats: dict[str, timedelta]
    ledger: Ledger


def take(now: datetime) -> Gauges:
    """Measure. A constant number of queries. Raises what the database raises."""
    unchecked = backlog.unchecked(now)
    providers = list(Provider.objects.select_related("state").order_by("pk")[:MOST_ROWS])
    names = {provider.pk: provider.name for provider in providers}
    beats = {beat.job: beat for beat in Heartbeat.objects.all()}
    return Gauges(
        queues=list(_queues(now)),
        unchecked=None if unchecked is None else now - unchecked.since,
        walks=_walks(names, now),
        providers=providers,
        calls=_calls(names, now),
        beats={
            name.removeprefix("orders."): now - beats[name].began_at
            for name in (machinery.BEAT, *machinery.BEATS)
            if name in beats
        },
        ledger=_ledger(now),
    )


def _queues(now: datetime) -> Iterator[Queue]:
    orders, opened = Order.objects.all(), Submission.objects.filter(outcome=SubmissionOutcome.OPEN)
    waiting = backlog.waiting(orders)
    yield Queue("waiting", waiting.count, _age(waiting.since, now))
    yield _queue("sending", opened.order_by("expires_at"), "claimed_at", now)
    unconfirmed = orders.filter(status=OrderStatus.UNCONFIRMED)
    yield _queue("unconfirmed", unconfirmed.order_by("pk"), "status_at", now)
    kinds: tuple[tuple[str, QuerySet[Any]], ...] = (
        ("refills", Refill.objects.all()),
        ("cancellations", Cancellation.objects.all()),
    )
    for name, rows in kinds:
        for status, word in (("requested", "requested"), ("unknown", "unanswered")):
            found = rows.filter(status=status).order_by("pk")
            yield _queue(f"{name}_{word}", found, "asked_at", now)


def _queue(name: str, rows: QuerySet[Any], since: str, now: datetime) -> Queue:
    found = rows[: MOST_COUNTED + 1].aggregate(count=Count("pk"), since=Min(since))
    return Queue(name, found["count"], _age(found["since"], now))


def _walks(names: dict[int, str], now: datetime) -> list[Walk]:
    sweeps = Sweep.objects.filter(
        kind=SweepKind.ORDERS, provider__in=names, shard__lt=settings.POLL_SHARDS
    )
    parts: dict[int, list[Sweep]] = {}
    for sweep in sweeps.order_by("provider", "shard")[:MOST_ROWS]:
        parts.setdefault(sweep.provider_id, []).append(sweep)
    return [_walk(names[pk], found, now) for pk, found in parts.items()]


def _walk(name: str, parts: list[Sweep], now: datetime) -> Walk:
    rounds: dict[Tier, timedelta] = {}
    for part in parts:
        for tier, taken in _whole_rounds(Rounds.of(part)).items():
            rounds[tier] = max(taken, rounds.get(tier, taken))
    return Walk(
        name,
        sum(part.last_asked for part in parts),
        sum(part.last_changed for part in parts),
        _age(min((part.last_at for part in parts if part.last_at), default=None), now),
        rounds,
    )


def _whole_rounds(rounds: Rounds) -> dict[Tier, timedelta]:
    """How long each pace's last round took; of one on its way nothing is known yet."""
    found = {}
    for tier in Tier:
        began, ended = rounds.began_at(tier), rounds.ended_at(tier)
        if began and ended and ended >= began and not rounds.on_its_way(tier):
            found[tier] = ended - began
    return found


def _calls(names: dict[int, str], now: datetime) -> list[Calls]:
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    rows = CallTimes.objects.filter(hour=hour, provider__in=names).order_by("provider", "action")
    return [
        Calls(
            names[row.provider_id],
            row.action,
            call_times.tally_of([(row.calls, row.times, row.errors)]),
        )
        for row in rows
    ]


def _ledger(now: datetime) -> Ledger:
    books = ledger_check.last()
    state = ReportState.objects.filter(pk=1).first()
    compared = state.checked_at if state else None
    return Ledger(
        findings=len(books.findings) if books.checked_at else None,
        checked=_age(books.checked_at, now),
        differences=len(state.findings) if state else 0,
        compared=_age(compared, now),
    )


def _age(moment: datetime | None, now: datetime) -> timedelta | None:
    return None if moment is None else now - moment
