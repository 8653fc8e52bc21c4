"""How quickly a provider answers: a line for half of its calls and one for nearly all, and a row
for each kind of call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import call_times
from orders.call_times import Tally
from orders.enums import CallError
from orders.models import CallTimes, Provider
from panel import charts
from panel.display import count, seconds_text
from panel.staff.providers import spans
from panel.staff.providers.spans import Span

SPANS = (spans.DAY, spans.WEEK, spans.MONTH)

ACTION_WORDS = {
    "add": gettext_lazy("Sending an order"),
    "status": gettext_lazy("Asking how orders stand"),
    "refill": gettext_lazy("Asking for a refill"),
    "refill_status": gettext_lazy("Asking how refills stand"),
    "cancel": gettext_lazy("Asking to cancel"),
    "balance": gettext_lazy("Reading the balance"),
    "services": gettext_lazy("Reading the catalog"),
}


@dataclass(frozen=True)
class Row:
    """One kind of call in the span."""

    label: str | Promise
    action: str
    calls: int
    failed: int
    median: str
    slow: str
    errors: str


@dataclass(frozen=True)
class Calls:
    """What the template draws; `frame` is None with fewer than two steps."""

    frame: charts.Chart | None
    label: str
    rows: list[Row]
    spans: list[dict[str, object]]


Counted = tuple[str, datetime, Tally]


def calls(provider: Provider, now: datetime, days: str = "", kept: str = "") -> Calls:
    """How it answered over one of the spans. One query. `kept` goes with every link."""
    span = spans.chosen(SPANS, spans.DAY, days)
    began = _hour(now) + timedelta(hours=1) - timedelta(days=span.days)
    counted = list(_counted(provider, began, now))
    links = spans.links(SPANS, span, "calls", f"{kept}#calls")
    label = _label(_together(tally for _action, _at, tally in counted))
    return Calls(_frame(counted, span, began, label, now), label, _rows(counted), links)


def _counted(provider: Provider, began: datetime, now: datetime) -> Iterable[Counted]:
    rows = CallTimes.objects.filter(provider=provider, hour__gte=began, hour__lte=now)
    for action, hour, *found in rows.values_list("action", "hour", "calls", "times", "errors"):
        yield action, hour, call_times.tally_of([tuple(found)])


def _frame(
    counted: list[Counted], span: Span, began: datetime, label: str, now: datetime
) -> charts.Chart | None:
    steps: dict[int, Tally] = {}
    for _action, hour, tally in counted:
        steps.setdefault((hour - began) // span.step, Tally()).add(tally)
    points = [
        _point(began + span.step * number, steps[number], span, now)
        for number in sorted(steps)
        if steps[number].times
    ]
    if len(points) < 2:
        return None
    return charts.line_chart(points, label, unfinished=False, words=seconds_text)


def _point(at: datetime, tally: Tally, span: Span, now: datetime) -> charts.Day:
    short, title = span.names(at, now)
    median, slow = (Decimal(f"{seconds:.3f}") for seconds in (tally.median or 0, tally.slow or 0))
    return charts.Day(short, title, median, slow)


def _rows(counted: list[Counted]) -> list[Row]:
    by_action: dict[str, Tally] = {}
    for action, _at, tally in counted:
        by_action.setdefault(action, Tally()).add(tally)
    known = [action for action in ACTION_WORDS if action in by_action]
    return [_row(action, by_action[action]) for action in known]


def _row(action: str, tally: Tally) -> Row:
    kinds = [
        f"{count(tally.errors[kind.value])} {kind.label}"
        for kind in CallError
        if tally.errors[kind.value]
    ]
    return Row(
        ACTION_WORDS[action],
        action,
        tally.calls,
        tally.failed,
        seconds_text(tally.median),
        seconds_text(tally.slow),
        ", ".join(kinds),
    )


def _label(whole: Tally) -> str:
    if whole.median is None:
        return _("How long calls take.")
    return _("How long calls take: half of them up to %(median)s, 95 of 100 up to %(slow)s.") % {
        "median": seconds_text(whole.median),
        "slow": seconds_text(whole.slow),
    }


def _together(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole


def _hour(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
