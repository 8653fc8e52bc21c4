"""How quickly providers answer, call by call: counted in memory, kept as a row an hour and action.

Hearing of a call adds to counters of this process and does nothing else, so no call waits for it.
Jobs write the counters down as they end; what a process has not written when it is killed is lost.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

import structlog

from orders import sql
from orders.enums import CallError, RefusalFamily
from orders.models import CallTimes
from orders.upstream.errors import ReadFailed, Refused, UpstreamError
from orders.upstream.telling import Call, Listener

log = structlog.get_logger(__name__)

STEPS = tuple(0.01 * 1.25**number for number in range(40))
"""Seconds at which the steps of a histogram end; one more step holds what took longer."""

ACTIONS = ("add", "status", "refill", "refill_status", "cancel", "balance", "services")

_KINDS = {
    "timeout": CallError.TIMEOUT,
    "server_error": CallError.SERVER,
    **dict.fromkeys(("dns", "connect", "tls", "reset"), CallError.CONNECTION),
}
_OURS = frozenset({"late", "request", "forbidden", "internal"})
"""Ends of calls that say nothing of the provider."""

LATELY = timedelta(hours=1)


@dataclass
class Tally:
    """Calls counted: how many, by the step of their time, and by error."""

    calls: int = 0
    times: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def hear(self, call: Call) -> None:
        """Count one call. What nobody answered has a time only if it was waited for to the end."""
        kind = kind_of(call.error)
        self.calls += 1
        if kind is not None:
            self.errors[kind.value] += 1
        if kind != CallError.CONNECTION:
            self.times[bisect_left(STEPS, call.seconds)] += 1

    def add(self, other: "Tally") -> None:
        """Count what another one has counted too."""
        self.calls += other.calls
        self.times.update(other.times)
        self.errors.update(other.errors)

    @property
    def failed(self) -> int:
        """Calls without a usable answer; a no is an answer."""
        return self.errors.total() - self.errors[CallError.SAID_NO.value]

    @property
    def median(self) -> float | None:
        """Seconds in which half of the calls were answered."""
        return self.within(0.5)

    @property
    def slow(self) -> float | None:
        """Seconds in which 95 of a hundred were."""
        return self.within(0.95)

    def within(self, share: float) -> float | None:
        """Seconds in which this share of the calls was answered, told from the steps; None of
        none. At most an eighth off, and never above the longest step."""
        wanted = self.times.total() * share
        if not wanted:
            return None
        below = 0
        for step in sorted(self.times):
            count = self.times[step]
            if below + count >= wanted:
                low = STEPS[step - 1] if step else 0.0
                high = STEPS[min(step, len(STEPS) - 1)]
                return low + (high - low) * (wanted - below) / count
            below += count
        raise AssertionError("unreachable")


def kind_of(error: UpstreamError | None) -> CallError | None:
    """What kind of error a call ended in; None for an answer."""
    if error is None:
        return None
    if isinstance(error, ReadFailed | Refused) and error.reason == "error":
        asked = error.family == RefusalFamily.RATE_LIMIT
        return CallError.SLOW_DOWN if asked else CallError.SAID_NO
    return _KINDS.get(error.reason, CallError.UNUSABLE)


# ── Hearing ──────────────────────────────────────────────────────────────────────────────────

Heard = dict[tuple[int, str], Tally]
"""By provider and action."""

_lock = Lock()
_heard: Heard = {}


def listener(provider_id: int) -> Listener:
    """Who is told of a provider's calls, from any thread; touches no database."""

    def hear(call: Call) -> None:
        if call.error is not None and call.error.reason in _OURS:
            return
        with _lock:
            _heard.setdefault((provider_id, call.action), Tally()).hear(call)

    return hear


def forget() -> None:
    """Start anew, as a process that has called nobody yet."""
    with _lock:
        _heard.clear()


# ── Keeping ──────────────────────────────────────────────────────────────────────────────────


def write(now: datetime) -> None:
    """Add what this process has heard to the rows of the present hour. Never raises: what cannot
    be written now is written with what comes next."""
    with _lock:
        heard = dict(_heard)
        _heard.clear()
    if not heard:
        return
    try:
        _add(heard, now.astimezone(UTC).replace(minute=0, second=0, microsecond=0))
    except Exception as error:
        log.warning("call_times.not_written", error=type(error).__name__)
        with _lock:
            for key, tally in heard.items():
                _heard.setdefault(key, Tally()).add(tally)


@sql.repeated_on_deadlock
def _add(heard: Heard, hour: datetime) -> None:
    with sql.short_transaction():
        for provider, action in sorted(heard):
            CallTimes.objects.get_or_create(provider_id=provider, action=action, hour=hour)
            row = CallTimes.objects.select_for_update().get(
                provider_id=provider, action=action, hour=hour
            )
            tally = tally_of([(row.calls, row.times, row.errors)])
            tally.add(heard[provider, action])
            row.calls, row.times, row.errors = tally.calls, dict(tally.times), dict(tally.errors)
            row.save(update_fields=["calls", "times", "errors"])


def tally_of(rows: Iterable[tuple[int, Mapping[str, int], Mapping[str, int]]]) -> Tally:
    """Rows (calls, times, errors) counted together."""
    whole = Tally()
    for calls, times, errors in rows:
        whole.calls += calls
        whole.times.update({int(step): count for step, count in times.items()})
        whole.errors.update(errors)
    return whole


def lately(now: datetime) -> dict[int, Tally]:
    """All calls of each provider in this hour and the one before, by provider id; one query."""
    since = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - LATELY
    found: dict[int, Tally] = {}
    rows = CallTimes.objects.filter(hour__gte=since, hour__lte=now)
    for provider, *counted in rows.values_list("provider", "calls", "times", "errors"):
        found.setdefault(provider, Tally()).add(tally_of([tuple(counted)]))
    return found
