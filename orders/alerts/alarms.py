"""Every alarm, each declared once: what it looks at, its words with the numbers, how long it has
to hold before it is told, and how long to be gone before it has ended."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from django.utils.translation import gettext_noop

from orders import auditing, machinery, provider_health, reports
from orders.alerts import sentences as say
from orders.alerts.declaration import AT_ONCE, MINUTE, Alarm, Audience, Finding
from orders.alerts.facts import Facts
from orders.enums import AlarmKind, ProviderHold
from orders.models import Provider
from orders.money import ZERO, plain

# ── The machinery ────────────────────────────────────────────────────────────────────────────


def _machinery(facts: Facts) -> Iterator[Finding]:
    if not facts.is_silent(facts.last_job):
        return
    beat = facts.beats.get(machinery.BEAT)
    all_silent = facts.is_silent(beat.began_at if beat else None)
    text = say.NO_JOB.of(who=say.NOT_EVEN_BEAT if all_silent else say.ONLY_BEAT)
    holds = _first(facts, facts.last_job)
    yield Finding("", say.MACHINERY_SILENT, text, facts.last_job, holds=holds)


def _beat(facts: Facts) -> Iterator[Finding]:
    beat = facts.beats.get(machinery.BEAT)
    began = beat.began_at if beat else None
    if not facts.is_silent(began):
        return
    quiet = facts.is_silent(facts.last_job)
    yield Finding("", say.BEAT_SILENT, say.NO_BEAT, began, quiet, _first(facts, began))


def _jobs(facts: Facts) -> Iterator[Finding]:
    """A job is late when it did not begin within its own pace and the silence on top of it."""
    beat = facts.beats.get(machinery.BEAT)
    quiet = facts.is_silent(facts.last_job) or facts.is_silent(beat.began_at if beat else None)
    for name, pace in machinery.BEATS.items():
        job = facts.beats.get(name)
        began = job.began_at if job else None
        if began is not None and facts.now - began <= pace + facts.silence:
            continue
        short = name.removeprefix("orders.")
        title, said = say.JOB_SILENT.of(job=short), say.JOB_LATE.of(length=_length(pace))
        holds = pace + facts.silence if began is None else None
        yield Finding(f"job:{short}", title, said, began, quiet, holds)


def _first(facts: Facts, moment: datetime | None) -> timedelta | None:
    """What was never heard of is given time to begin, from when it is first missed."""
    return facts.silence if moment is None else None


def _unchecked(facts: Facts) -> Iterator[Finding]:
    found = facts.unchecked
    if found is not None and found.is_late(facts.now):
        text = say.ROUNDS_MISSED.of(length=_length(found.pace))
        yield Finding("", say.UNCHECKED, text, found.since)


def _idle(facts: Facts) -> Iterator[Finding]:
    minutes = facts.settings.waiting_minutes
    if minutes is None or facts.panel.not_sent:
        return
    found = facts.idle(timedelta(minutes=minutes))
    if found.count:
        title = say.IDLE.of(orders=found.words, minutes=minutes)
        yield Finding("", title, say.NO_WORKER, found.since)


# ── Providers ────────────────────────────────────────────────────────────────────────────────


def _sending_stopped(facts: Facts) -> Iterator[Finding]:
    panel = facts.panel
    if panel.is_elsewhere:
        yield Finding("restored", say.RESTORED, say.AFTER_RESTORE)
    if panel.not_sent:
        reason = _quoted(panel.stopped_reason)
        yield Finding("panel", say.STOPPED, reason, panel.stopped_at)
    for provider in facts.providers:
        if provider.not_sent:
            title = say.STOPPED_THERE.of(provider=provider)
            reason = _quoted(provider.stopped_reason)
            yield Finding(_subject(provider), title, reason, provider.stopped_at)


def _held(facts: Facts) -> Iterator[Finding]:
    for provider in facts.providers:
        if not provider.state.hold:
            continue
        title, then = say.HELD[ProviderHold(provider.state.hold)]
        text = f"{say.ORDERS_WAIT} {then} {_quoted(provider.state.hold_detail)}".strip()
        since = provider.state.held_since
        yield Finding(_subject(provider), title.of(provider=provider), text, since)


def _reading_rests(facts: Facts) -> Iterator[Finding]:
    for provider in facts.providers:
        state = provider.state
        if state.failures >= provider_health.FAILURES_THAT_REST:
            text = say.CALLS_FAILED.of(count=f"{state.failures:,}", last=state.last_failure)
            title = say.RESTS.of(provider=provider)
            yield Finding(_subject(provider), title, text, state.last_answer_at)


def _balance_low(facts: Facts) -> Iterator[Finding]:
    for provider in facts.providers:
        balance, money = provider.state.balance, provider.currency
        if balance is None:
            continue
        hours = reports.hours_left(balance, facts.hourly.get(provider.pk, Decimal(0)))
        under = provider.low_balance is not None and balance < provider.low_balance
        least = facts.settings.low_hours
        short = least is not None and hours is not None and hours < least
        if under or short:
            words = say.UNDER_AND_LASTS if under and short else say.UNDER if under else say.LASTS
            text = words.of(
                balance=f"{_cents(balance)} {money}",
                least=f"{plain(provider.low_balance or ZERO)} {money}",
                hours=hours,
            )
            yield Finding(_subject(provider), say.BALANCE_LOW.of(provider=provider), text)


def _catalog_held(facts: Facts) -> Iterator[Finding]:
    for run in facts.held_runs:
        text = say.GONE_AT_ONCE.of(count=f"{run.held_removals:,}")
        title = say.CATALOG_HELD.of(provider=run.provider)
        yield Finding(_subject(run.provider), title, text, run.started_at)


# ── Orders and money ─────────────────────────────────────────────────────────────────────────


def _books(facts: Facts) -> Iterator[Finding]:
    found = facts.books.findings
    if found:
        text = say.UNDERSTAND_FIRST.of(finding=found[0])
        yield Finding("", say.BOOKS_WRONG, text, facts.books.checked_at)


def _unconfirmed(facts: Facts) -> Iterator[Finding]:
    minutes = facts.settings.unconfirmed_minutes
    if minutes is None:
        return
    found = facts.unconfirmed(timedelta(minutes=minutes))
    if found.count:
        title = say.UNCONFIRMED.of(orders=found.words, minutes=minutes)
        text = say.AT_STAKE.of(amount=f"{_cents(found.amount)} {facts.panel.currency}")
        yield Finding("", title, text, found.since)


def _unexplained(facts: Facts) -> Iterator[Finding]:
    least = facts.settings.unexplained_amount
    if least is None:
        return
    for span in facts.day_spans:
        provider, amount = span.provider, abs(span.unexplained)
        if not span.is_over or amount * provider.exchange_rate <= least:
            continue
        sum_ = f"{_cents(amount)} {provider.currency}"
        if span.unexplained < 0:
            title, text = say.GONE.of(amount=sum_, provider=provider), say.NOT_OURS
        else:
            title, text = say.MORE.of(amount=sum_, provider=provider), say.RECORD_IT
        yield Finding(_subject(provider), title, text)


def _price_hold(facts: Facts) -> Iterator[Finding]:
    found = facts.price_held
    if found.count:
        text = say.NOT_COVERED.of(amount=f"{_cents(found.amount)} {facts.panel.currency}")
        yield Finding("", say.PRICE_HELD.of(orders=found.words), text, found.since)


def _till_full(facts: Facts) -> Iterator[Finding]:
    """Without what is in it: messages reach the one who has to count it blind."""
    limit = facts.settings.till_limit
    if limit is None:
        return
    for till in facts.tills:
        if till.held > limit:
            title = say.TILL_FULL.of(member=till.name)
            text = say.INTO_SAFE.of(amount=f"{plain(limit)} {facts.panel.currency}")
            yield Finding(f"till:{till.staff_id}", title, text)


ALARMS: dict[AlarmKind, Alarm] = {
    alarm.kind: alarm
    for alarm in (
        Alarm(
            AlarmKind.MACHINERY,
            _machinery,
            gettext_noop("Machinery silent: orders wait, nothing is lost"),
            Audience.STAFF,
            grave=True,
            holds=AT_ONCE,
        ),
        Alarm(
            AlarmKind.BEAT, _beat, gettext_noop("Orders move slowly"), Audience.STAFF, grave=True
        ),
        Alarm(
            AlarmKind.JOB, _jobs, gettext_noop("A part of the machinery is silent"), Audience.STAFF
        ),
        Alarm(
            AlarmKind.SENDING_STOPPED,
            _sending_stopped,
            gettext_noop("Sending is stopped: some orders wait"),
            Audience.STAFF,
            grave=True,
            holds=AT_ONCE,
            gone=AT_ONCE,
        ),
        Alarm(
            AlarmKind.PROVIDER_HELD,
            _held,
            gettext_noop("A provider is held: some orders wait"),
            Audience.STAFF,
            grave=True,
            holds=2 * MINUTE,
        ),
        Alarm(
            AlarmKind.BOOKS,
            _books,
            say.BOOKS_WRONG,
            grave=True,
            holds=AT_ONCE,
            gone=AT_ONCE,
        ),
        Alarm(
            AlarmKind.UNCONFIRMED,
            _unconfirmed,
            gettext_noop("Orders are unconfirmed"),
            Audience.DECIDES,
        ),
        Alarm(AlarmKind.IDLE, _idle, gettext_noop("Orders wait longer than usual"), Audience.STAFF),
        Alarm(
            AlarmKind.UNCHECKED,
            _unchecked,
            gettext_noop("What stands about running orders is old"),
            Audience.STAFF,
            holds=5 * MINUTE,
        ),
        Alarm(
            AlarmKind.READING_RESTS,
            _reading_rests,
            gettext_noop("A provider does not answer"),
            Audience.COST,
            holds=5 * MINUTE,
        ),
        Alarm(
            AlarmKind.BALANCE_LOW,
            _balance_low,
            gettext_noop("A balance runs low"),
            Audience.COST,
            gone=10 * MINUTE,
        ),
        Alarm(
            AlarmKind.UNEXPLAINED,
            _unexplained,
            gettext_noop("Money is unexplained"),
            Audience.COST,
            holds=5 * MINUTE,
            gone=10 * MINUTE,
        ),
        Alarm(AlarmKind.PRICE_HOLD, _price_hold, gettext_noop("Orders are held, cost changed")),
        Alarm(
            AlarmKind.CATALOG_HELD, _catalog_held, gettext_noop("A catalog is held"), gone=AT_ONCE
        ),
        Alarm(AlarmKind.TILL_FULL, _till_full, gettext_noop("A till is over its limit")),
    )
}

OF_THE_MACHINERY = (AlarmKind.MACHINERY, AlarmKind.BEAT, AlarmKind.JOB)
"""What a worker cannot tell of itself: the web looks for these."""


def _subject(provider: Provider) -> str:
    return auditing.subject_of(provider)


def _quoted(words: str) -> str:
    return say.QUOTED.of(words=words) if words else ""


def _cents(amount: Decimal) -> str:
    """For a balance or a sum in a sentence; never more than there is."""
    return f"{amount.quantize(Decimal('0.01'), ROUND_DOWN):,f}"


def _length(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    size, words = next(
        one for one in say.LENGTHS if one[0] == 1 or (seconds >= one[0] and seconds % one[0] == 0)
    )
    return words.of(count=seconds // size)
