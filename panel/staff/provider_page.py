"""What the providers' pages show, in plain values; never the key."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from orders import machinery
from orders.catalog import held_runs
from orders.enums import SyncOutcome
from orders.models import Provider, SyncChange, SyncRun
from orders.stops import SWITCHES

RUNS = 8
CHANGES = 30

SWITCH_WORDS = {
    "not_sold": ("Selling", "Nothing of it can be ordered."),
    "not_sent": ("Sending", "Orders are taken and wait."),
    "not_polled": ("Asking for status", "Orders run on unseen."),
}


@dataclass(frozen=True)
class Account:
    """One provider as a row and as the head of its page."""

    number: int
    name: str
    url: str
    key_last4: str
    currency: str
    balance: Decimal | None
    balance_at: datetime | None
    hold: str
    hold_detail: str
    held_since: datetime | None
    stopped: str
    last_answer: datetime | None
    last_failure: str
    last_failure_at: datetime | None
    rested_until: datetime | None
    catalog_read_at: datetime | None

    @property
    def state(self) -> tuple[str, str]:
        """Tone and word."""
        if self.stopped:
            return "amber", "Stopped"
        if self.hold:
            return "red", self.hold
        if self.rested_until:
            return "amber", "Resting"
        return "green", "Running"


def account(provider: Provider, now: datetime) -> Account:
    """The provider with its state (join it)."""
    state = provider.state
    stops = [SWITCH_WORDS[name][0].lower() for name in SWITCHES if getattr(provider, name)]
    resting = state.rested_until if state.rested_until and state.rested_until > now else None
    return Account(
        number=provider.pk,
        name=provider.name,
        url=provider.url,
        key_last4=provider.key_last4,
        currency=provider.currency,
        balance=state.balance,
        balance_at=state.balance_at,
        hold=state.get_hold_display() if state.hold else "",
        hold_detail=state.hold_detail,
        held_since=state.held_since,
        stopped=", ".join(stops),
        last_answer=state.last_answer_at,
        last_failure=state.last_failure,
        last_failure_at=state.last_failure_at,
        rested_until=resting,
        catalog_read_at=state.catalog_read_at,
    )


@dataclass(frozen=True)
class Switch:
    """One of the three stop switches."""

    name: str
    label: str
    effect: str
    on: bool


def switches(provider: Provider) -> list[Switch]:
    """The three, in order."""
    return [Switch(name, *SWITCH_WORDS[name], getattr(provider, name)) for name in SWITCHES]


@dataclass(frozen=True)
class Reading:
    """The catalog's side of the page: the latest runs and what they found."""

    runs: list[SyncRun]
    changes: list[SyncChange]
    held: SyncRun | None
    machinery_is_silent: bool

    @property
    def running(self) -> SyncRun | None:
        latest = self.runs[0] if self.runs else None
        return latest if latest and latest.outcome == SyncOutcome.RUNNING else None


def reading(provider: Provider, now: datetime) -> Reading:
    """Four queries, however much was found."""
    runs = list(SyncRun.objects.filter(provider=provider).order_by("-pk")[:RUNS])
    found = SyncChange.objects.filter(run__provider=provider).select_related("offer")
    return Reading(
        runs=runs,
        changes=list(found.order_by("-pk")[:CHANGES]),
        held=held_runs().filter(provider=provider).first(),
        machinery_is_silent=not machinery.pulse(now).is_alive,
    )
