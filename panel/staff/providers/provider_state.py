"""How a provider does: its health in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from orders.enums import SweepKind, Tier
from orders.kept_words import told
from orders.models import Provider, Sweep
from orders.provider_health import FAILURES_THAT_REST
from panel.display import ago_text, clock_text, count
from panel.staff.overview.overview_accounts import Light, lights


@dataclass(frozen=True)
class Health:
    """What is known of how it answers."""

    lights: tuple[Light, Light]
    facts: list[tuple[str, str]]


def health(provider: Provider, now: datetime) -> Health:
    """A provider with its state (join it); one query, for its sweeps."""
    facts = [*_facts(provider, now), *_sweeps(provider, now)]
    return Health(lights(provider, now), facts)


def _facts(provider: Provider, now: datetime) -> list[tuple[str, str]]:
    state = provider.state
    failed = ""
    if state.failures:
        failed = _("%(count)s in a row; rests after %(most)s") % {
            "count": count(state.failures),
            "most": FAILURES_THAT_REST,
        }
    last = told(state.last_failure)
    if last and state.last_failure_at:
        last = f"{last} {ago_text(state.last_failure_at, now)}"
    every = [
        (_("Failed calls"), failed or _("none")),
        (_("Last failure"), last),
        (_("Resting until"), _until(state.rested_until, now)),
        (_("Slowed down until"), _until(state.slowed_until, now)),
        (_("Lost answers in a row"), count(state.unknown_streak) if state.unknown_streak else ""),
    ]
    return [(label, text) for label, text in every if text]


def _sweeps(provider: Provider, now: datetime) -> Iterator[tuple[str, str]]:
    """How the asking about orders goes: the latest walk, how long the quick ones' round took."""
    sweeps = Sweep.objects.filter(provider=provider, kind=SweepKind.ORDERS).exclude(last_at=None)
    latest = sweeps.order_by("-last_at").first()
    if latest is None or latest.last_at is None:
        return
    asked = _("%(asked)s asked, %(moved)s moved") % {
        "asked": count(latest.last_asked),
        "moved": count(latest.last_changed),
    }
    yield _("Last sweep"), f"{ago_text(latest.last_at, now)}: {asked}"
    quick = str(Tier.FAST.value)
    began, ended = (_moment(side.get(quick)) for side in (latest.started, latest.rounds))
    if ended is not None and (began is None or began <= ended):
        yield _("Quick orders all asked"), ago_text(ended, now)
    elif began is not None:
        yield _("Quick orders under way"), _("since %(ago)s") % {"ago": ago_text(began, now)}


def _moment(text: object) -> datetime | None:
    return parse_datetime(text) if isinstance(text, str) else None


def _until(moment: datetime | None, now: datetime) -> str:
    return clock_text(moment, now, "min") if moment and moment > now else ""
