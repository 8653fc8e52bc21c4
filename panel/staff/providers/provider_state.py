"""How a provider does: its health in words, and its balance over the last days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Case, IntegerField, Min, Value, When

from orders.models import BalanceReading, Provider
from orders.provider_health import FAILURES_THAT_REST
from panel.display import ago_text, clock_text, count, money_text
from panel.staff.overview.overview_accounts import Light, lights

DAYS = 7
STEP = timedelta(hours=3)


@dataclass(frozen=True)
class Balances:
    """The lowest balance of every three hours, for a small line; `words` say the same."""

    values: list[Decimal]
    words: str


@dataclass(frozen=True)
class Health:
    """What is known of how it answers."""

    lights: tuple[Light, Light]
    facts: list[tuple[str, str]]
    balances: Balances | None


def health(provider: Provider, now: datetime) -> Health:
    """A provider with its state (join it); one query, for its balances."""
    return Health(lights(provider, now), list(_facts(provider, now)), _balances(provider, now))


def _facts(provider: Provider, now: datetime) -> list[tuple[str, str]]:
    state = provider.state
    failed = ""
    if state.failures:
        failed = f"{count(state.failures)} in a row; rests after {FAILURES_THAT_REST}"
    last = state.last_failure
    if last and state.last_failure_at:
        last = f"{last} {ago_text(state.last_failure_at, now)}"
    every = [
        ("Failed calls", failed or "none"),
        ("Last failure", last),
        ("Resting until", _until(state.rested_until, now)),
        ("Slowed down until", _until(state.slowed_until, now)),
        ("Lost answers in a row", count(state.unknown_streak) if state.unknown_streak else ""),
    ]
    return [(label, text) for label, text in every if text]


def _until(moment: datetime | None, now: datetime) -> str:
    return clock_text(moment, now, "min") if moment and moment > now else ""


def _balances(provider: Provider, now: datetime) -> Balances | None:
    since = now - timedelta(days=DAYS)
    steps = [since + STEP * number for number in range(1, DAYS * 24 // 3)]
    whens = [When(at__lt=end, then=Value(number)) for number, end in enumerate(steps)]
    step = Case(*whens, default=Value(len(steps)), output_field=IntegerField())
    readings = BalanceReading.objects.filter(provider=provider, at__gte=since, at__lt=now)
    found = readings.annotate(step=step).values_list("step").order_by("step")
    values = [lowest for _, lowest in found.annotate(lowest=Min("amount"))]
    if len(values) < 2:
        return None
    figures = [money_text(each, provider.currency) for each in (min(values), max(values))]
    return Balances(values, f"Between {figures[0]} and {figures[1]} in the last {DAYS} days")
