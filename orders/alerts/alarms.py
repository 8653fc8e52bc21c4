"""Every alarm, each declared once: what it looks at, its words with the numbers, how long it has
to hold before it is told, and how long to be gone before it has ended."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from orders import auditing, machinery, provider_health, reports
from orders.alerts.declaration import AT_ONCE, MINUTE, Alarm, Audience, Finding
from orders.alerts.facts import Facts
from orders.enums import AlarmKind, ProviderHold
from orders.models import Provider
from orders.money import plain

# ── The machinery ────────────────────────────────────────────────────────────────────────────


def _machinery(facts: Facts) -> Iterator[Finding]:
    if not facts.is_silent(facts.last_job):
        return
    beat = facts.beats.get(machinery.BEAT)
    who = "Beat is at work: every worker is gone, or the broker."
    if facts.is_silent(beat.began_at if beat else None):
        who = "Beat is silent too: beat and the workers are gone, or the database was away."
    text = f"No job begins; nothing is sent or checked. {who} Start them; the rows are the queue."
    yield Finding("", "Machinery silent", text, facts.last_job, holds=_first(facts, facts.last_job))


def _beat(facts: Facts) -> Iterator[Finding]:
    beat = facts.beats.get(machinery.BEAT)
    began = beat.began_at if beat else None
    if not facts.is_silent(began):
        return
    text = "No periodic job is asked for; only new orders still wake a worker. Start beat."
    quiet = facts.is_silent(facts.last_job)
    yield Finding("", "Timetable silent", text, began, quiet, _first(facts, began))


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
        said = f"It should begin every {_length(pace)}. The worker of its queue is gone or stuck."
        holds = pace + facts.silence if began is None else None
        yield Finding(f"job:{short}", f"Job {short} silent", said, began, quiet, holds)


def _first(facts: Facts, moment: datetime | None) -> timedelta | None:
    """What was never heard of is given time to begin, from when it is first missed."""
    return facts.silence if moment is None else None


def _unchecked(facts: Facts) -> Iterator[Finding]:
    found = facts.unchecked
    if found is not None and found.is_late(facts.now):
        text = f"They are to be asked about every {_length(found.pace)}, and two rounds are missed."
        yield Finding("", "Orders are not asked about in time", text, found.since)


def _idle(facts: Facts) -> Iterator[Finding]:
    minutes = facts.settings.waiting_minutes
    if minutes is None or facts.panel.not_sent:
        return
    found = facts.idle(timedelta(minutes=minutes))
    if found.count:
        title = f"{found.words} waiting for over {minutes} min, and nothing holds them"
        text = "No worker takes the queue send, or the catalog was not read for an hour."
        yield Finding("", title, text, found.since)


# ── Providers ────────────────────────────────────────────────────────────────────────────────


def _sending_stopped(facts: Facts) -> Iterator[Finding]:
    panel = facts.panel
    if panel.is_elsewhere:
        text = "Orders may have been sent since the backup. The operator runs after_restore."
        yield Finding("restored", "Sending is stopped: the database was restored", text)
    if panel.not_sent:
        reason = _quoted(panel.stopped_reason)
        yield Finding("panel", "Sending is stopped everywhere", reason, panel.stopped_at)
    for provider in facts.providers:
        if provider.not_sent:
            title, reason = f"Sending to {provider} is stopped", _quoted(provider.stopped_reason)
            yield Finding(_subject(provider), title, reason, provider.stopped_at)


_HELD = {
    ProviderHold.FUNDS: ("has no funds", "Top up there, nothing else."),
    ProviderHold.KEY: ("refused our key", "Ask there, or type a new key."),
    ProviderHold.DOWN: ("is not answering", "It is probed every half minute."),
    ProviderHold.BUSY: ("asked us to slow down", "It is probed every half minute."),
}


def _held(facts: Facts) -> Iterator[Finding]:
    for provider in facts.providers:
        if not provider.state.hold:
            continue
        words, then = _HELD[ProviderHold(provider.state.hold)]
        text = f"Orders wait, nobody is refunded. {then} {_quoted(provider.state.hold_detail)}"
        since = provider.state.held_since
        yield Finding(_subject(provider), f"{provider} {words}", text.strip(), since)


def _reading_rests(facts: Facts) -> Iterator[Finding]:
    for provider in facts.providers:
        state = provider.state
        if state.failures >= provider_health.FAILURES_THAT_REST:
            text = f"{state.failures:,} calls in a row failed. {state.last_failure} Tried again."
            title = f"Reading from {provider} rests"
            yield Finding(_subject(provider), title, text, state.last_answer_at)


def _balance_low(facts: Facts) -> Iterator[Finding]:
    for provider in facts.providers:
        balance, money = provider.state.balance, provider.currency
        if balance is None:
            continue
        hours = reports.hours_left(balance, facts.hourly.get(provider.pk, Decimal(0)))
        reasons = []
        if provider.low_balance is not None and balance < provider.low_balance:
            reasons.append(f"under {plain(provider.low_balance)} {money}")
        least = facts.settings.low_hours
        if least is not None and hours is not None and hours < least:
            reasons.append(f"about {hours} h left at the pace of the last day")
        if reasons:
            text = f"{_cents(balance)} {money}: {', '.join(reasons)}. Top up there."
            yield Finding(_subject(provider), f"The balance at {provider} runs low", text)


def _catalog_held(facts: Facts) -> Iterator[Finding]:
    for run in facts.held_runs:
        count = run.held_removals
        text = f"{count:,} offer{' is' if count == 1 else 's are'} gone at once. Decide."
        title = f"The catalog of {run.provider} is held"
        yield Finding(_subject(run.provider), title, text, run.started_at)


# ── Orders and money ─────────────────────────────────────────────────────────────────────────


def _books(facts: Facts) -> Iterator[Finding]:
    found = facts.books.findings
    if found:
        text = f"{found[0]}. Stop selling until it is understood; check_ledger lists everything."
        yield Finding("", "The books do not add up", text, facts.books.checked_at)


def _unconfirmed(facts: Facts) -> Iterator[Finding]:
    minutes = facts.settings.unconfirmed_minutes
    if minutes is None:
        return
    found = facts.unconfirmed(timedelta(minutes=minutes))
    if found.count:
        title = f"{found.words} unconfirmed for over {minutes} min"
        text = (
            f"{_cents(found.amount)} {facts.panel.currency} at stake. Decide in the review queue."
        )
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
            title = f"{sum_} gone at {provider}, unexplained"
            text = "No order of ours accounts for it. Were orders bought past the panel?"
        else:
            title = f"{sum_} more at {provider}, unexplained"
            text = "Record it if you topped up; else the provider gave something back."
        yield Finding(_subject(provider), title, f"In the last 24 hours. {text}")


def _price_hold(facts: Facts) -> Iterator[Finding]:
    found = facts.price_held
    if found.count:
        text = (
            f"The price of {_cents(found.amount)} {facts.panel.currency} does not cover cost and "
            "floor any more. Send at a loss, cancel, or wait for the cost to fall."
        )
        yield Finding("", f"{found.words} held, cost changed", text, found.since)


def _till_full(facts: Facts) -> Iterator[Finding]:
    """Without what is in it: messages reach the one who has to count it blind."""
    limit = facts.settings.till_limit
    if limit is None:
        return
    for till in facts.tills:
        if till.held > limit:
            title = f"The till of {till.name} is over its limit"
            text = f"It holds more than {plain(limit)} {facts.panel.currency}. Into the safe."
            yield Finding(f"till:{till.staff_id}", title, text)


ALARMS: dict[AlarmKind, Alarm] = {
    alarm.kind: alarm
    for alarm in (
        Alarm(
            AlarmKind.MACHINERY,
            _machinery,
            "Machinery silent: orders wait, nothing is lost",
            Audience.STAFF,
            grave=True,
            holds=AT_ONCE,
        ),
        Alarm(AlarmKind.BEAT, _beat, "Orders move slowly", Audience.STAFF, grave=True),
        Alarm(AlarmKind.JOB, _jobs, "A part of the machinery is silent", Audience.STAFF),
        Alarm(
            AlarmKind.SENDING_STOPPED,
            _sending_stopped,
            "Sending is stopped: some orders wait",
            Audience.STAFF,
            grave=True,
            holds=AT_ONCE,
            gone=AT_ONCE,
        ),
        Alarm(
            AlarmKind.PROVIDER_HELD,
            _held,
            "A provider is held: some orders wait",
            Audience.STAFF,
            grave=True,
            holds=2 * MINUTE,
        ),
        Alarm(
            AlarmKind.BOOKS,
            _books,
            "The books do not add up",
            grave=True,
            holds=AT_ONCE,
            gone=AT_ONCE,
        ),
        Alarm(AlarmKind.UNCONFIRMED, _unconfirmed, "Orders are unconfirmed", Audience.DECIDES),
        Alarm(AlarmKind.IDLE, _idle, "Orders wait longer than usual", Audience.STAFF),
        Alarm(
            AlarmKind.UNCHECKED,
            _unchecked,
            "What stands about running orders is old",
            Audience.STAFF,
            holds=5 * MINUTE,
        ),
        Alarm(
            AlarmKind.READING_RESTS,
            _reading_rests,
            "A provider does not answer",
            Audience.COST,
            holds=5 * MINUTE,
        ),
        Alarm(
            AlarmKind.BALANCE_LOW,
            _balance_low,
            "A balance runs low",
            Audience.COST,
            gone=10 * MINUTE,
        ),
        Alarm(
            AlarmKind.UNEXPLAINED,
            _unexplained,
            "Money is unexplained",
            Audience.COST,
            holds=5 * MINUTE,
            gone=10 * MINUTE,
        ),
        Alarm(AlarmKind.PRICE_HOLD, _price_hold, "Orders are held, cost changed"),
        Alarm(AlarmKind.CATALOG_HELD, _catalog_held, "A catalog is held", gone=AT_ONCE),
        Alarm(AlarmKind.TILL_FULL, _till_full, "A till is over its limit"),
    )
}

OF_THE_MACHINERY = (AlarmKind.MACHINERY, AlarmKind.BEAT, AlarmKind.JOB)
"""What a worker cannot tell of itself: the web looks for these."""


def _subject(provider: Provider) -> str:
    return auditing.subject_of(provider)


def _quoted(words: str) -> str:
    return f"“{words}”" if words else ""


def _cents(amount: Decimal) -> str:
    """For a balance or a sum in a sentence; never more than there is."""
    return f"{amount.quantize(Decimal('0.01'), ROUND_DOWN):,f}"


def _length(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
