"""What the providers' pages show, in plain values; never the key."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from orders import machinery
from orders.catalog import held_runs
from orders.enums import SyncOutcome
from orders.kept_words import told
from orders.models import Panel, Provider, SyncChange, SyncRun
from orders.spelling import lowered
from orders.stops import SWITCHES
from panel.staff.providers.sync_runs import Change, change_words

RUNS = 6
CHANGES = 12

PANEL_WORDS = {
    "not_sold": (gettext_lazy("Selling"), gettext_lazy("Stopped, nobody can place an order.")),
    "not_sent": (
        pgettext_lazy("job", "Sending"),
        gettext_lazy("Stopped, orders are taken and wait, wherever they go."),
    ),
    "not_polled": (
        gettext_lazy("Asking for status"),
        gettext_lazy("Stopped, every order runs on unseen."),
    ),
}
SWITCH_WORDS = {
    "not_sold": (gettext_lazy("Selling"), gettext_lazy("Stopped, nothing of it can be ordered.")),
    "not_sent": (
        pgettext_lazy("job", "Sending"),
        gettext_lazy("Stopped, orders are taken and wait."),
    ),
    "not_polled": (
        gettext_lazy("Asking for status"),
        gettext_lazy("Stopped, orders run on unseen."),
    ),
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
    is_fresh: bool
    """Whether it answered within two beats: no state is green for longer."""

    @property
    def state(self) -> tuple[str, str]:
        """Tone and word."""
        if self.stopped:
            return "amber", _("Stopped")
        if self.hold:
            return "red", self.hold
        if self.rested_until:
            return "amber", _("Resting")
        if not self.is_fresh:
            return "amber", _("Not heard of")
        return "green", _("Running")


def account(provider: Provider, now: datetime) -> Account:
    """The provider with its state (join it)."""
    state = provider.state
    stops = [lowered(str(SWITCH_WORDS[name][0])) for name in SWITCHES if getattr(provider, name)]
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
        hold_detail=told(state.hold_detail),
        held_since=state.held_since,
        stopped=", ".join(stops),
        last_answer=state.last_answer_at,
        last_failure=told(state.last_failure),
        last_failure_at=state.last_failure_at,
        rested_until=resting,
        catalog_read_at=state.catalog_read_at,
        is_fresh=machinery.is_fresh(state.last_answer_at, "orders.read_balances", now),
    )


@dataclass(frozen=True)
class Switch:
    """One of the three stop switches."""

    name: str
    label: str
    effect: str
    on: bool


@dataclass(frozen=True)
class Switches:
    """The three switches of a provider or the panel, and who threw the last one and why."""

    rows: list[Switch]
    stopped_by: str
    stopped_at: datetime | None
    reason: str

    @property
    def any_on(self) -> bool:
        return any(switch.on for switch in self.rows)


def switches(subject: Provider | Panel) -> Switches:
    """The three, in order (join `stopped_by`)."""
    return Switches(
        [_switch(subject, name) for name in SWITCHES],
        str(subject.stopped_by or _("the operator")),
        subject.stopped_at,
        subject.stopped_reason,
    )


def _switch(subject: Provider | Panel, name: str) -> Switch:
    words = SWITCH_WORDS if isinstance(subject, Provider) else PANEL_WORDS
    label, effect = words[name]
    return Switch(name, str(label), str(effect), getattr(subject, name))


@dataclass(frozen=True)
class Reading:
    """The catalog's side of the page: the latest runs and what they found."""

    runs: list[SyncRun]
    changes: list[Change]
    after: int
    """The latest run when a person asked for one: nothing newer yet means that it is to come."""
    held: SyncRun | None
    machinery_is_silent: bool

    @property
    def running(self) -> SyncRun | None:
        latest = self.runs[0] if self.runs else None
        return latest if latest and latest.outcome == SyncOutcome.RUNNING else None

    @property
    def to_come(self) -> bool:
        """Whether a reading was asked for that no worker has begun."""
        return bool(self.after) and (not self.runs or self.runs[0].pk < self.after)

    @property
    def is_finished(self) -> bool:
        return self.running is None and not self.to_come


def reading(provider: Provider, now: datetime, after: int = 0) -> Reading:
    """Four queries, however much was found; `after`: the least id of a run that was asked for."""
    runs = list(SyncRun.objects.filter(provider=provider).order_by("-pk")[:RUNS])
    found = SyncChange.objects.filter(run__provider=provider).select_related("offer", "decided_by")
    return Reading(
        runs=runs,
        changes=[change_words(row, provider.currency) for row in found.order_by("-pk")[:CHANGES]],
        after=after,
        held=held_runs().filter(provider=provider).first(),
        machinery_is_silent=not machinery.pulse(now).is_alive,
    )
