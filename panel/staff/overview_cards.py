"""The overview's smaller cards: providers' accounts, the machinery, the first steps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.urls import reverse

from orders import machinery, reports
from orders.enums import SyncOutcome
from orders.models import Customer, Heartbeat, Order, Provider, Service, SyncRun
from orders.people import Person
from panel.display import ago_text, money_text, span

WEEK = 7 * 24
"""Hours that fill the bar under a provider's balance."""

SCARCE = 24
"""Fewer hours than this are red."""

MOST_PROVIDERS = 20


# ── Providers ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Account:
    """A provider's balance, turned into time where something is being spent."""

    number: int
    name: str
    balance: Decimal | None
    currency: str
    hours: int | None
    pace: str
    left: str
    scarce: bool
    hold: str
    last_answer: datetime | None

    @property
    def bar(self) -> int:
        return min(self.hours or 0, WEEK)


def accounts(now: datetime) -> list[Account]:
    """Every provider's account, in two queries."""
    spending = reports.spending(now)
    found = Provider.objects.select_related("state").order_by("name")[:MOST_PROVIDERS]
    return [_account(provider, spending.get(provider.pk, Decimal(0))) for provider in found]


def _account(provider: Provider, hourly: Decimal) -> Account:
    balance, hours = provider.state.balance, None
    if balance is not None and hourly > 0:
        hours = max(int(balance / hourly), 0)
    return Account(
        number=provider.pk,
        name=provider.name,
        balance=balance,
        currency=provider.currency,
        hours=hours,
        pace=f"spends {_about(hourly, provider.currency)} an hour" if hourly else "nothing spent",
        left="" if hours is None else f"{span(hours * 3600)} left" if hours else "used up",
        scarce=hours is not None and hours < SCARCE,
        hold="sending stopped"
        if provider.not_sent
        else provider.state.get_hold_display().lower()
        if provider.state.hold
        else "",
        last_answer=provider.state.last_answer_at,
    )


def _about(hourly: Decimal, currency: str) -> str:
    return money_text(hourly.quantize(Decimal("0.0001")), currency)


# ── Machinery ────────────────────────────────────────────────────────────────────────────────

JOBS = {
    "orders.submit_due": ("Sending", 5),
    "orders.sweep_orders": ("Status sweep", 10),
    "orders.refills": ("Refills", 30),
    "orders.cancellations": ("Cancel requests", 15),
    "orders.read_balances": ("Balances", 60),
    "orders.sync_catalogs": ("Catalog", 600),
}
"""The jobs that the card shows, with the seconds between their beats (config/celery.py)."""

SLACK = timedelta(seconds=30)
"""How much a beat may be late before its light goes out."""


@dataclass(frozen=True)
class Job:
    """One periodic job: `alive` until two beats were missed."""

    label: str
    alive: bool
    last: datetime | None
    summary: str


def jobs(now: datetime) -> list[Job]:
    """The jobs that matter, in order; a job that never ran is not alive."""
    known = {beat.job: beat for beat in machinery.jobs()}
    return [
        _job(label, timedelta(seconds=seconds), known.get(name), now)
        for name, (label, seconds) in JOBS.items()
    ]


def _job(label: str, pace: timedelta, beat: Heartbeat | None, now: datetime) -> Job:
    if beat is None:
        return Job(label, False, None, "")
    alive = beat.began_at >= now - 2 * pace - SLACK
    return Job(label, alive, beat.began_at, beat.summary if alive else "")


# ── The first steps ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Step:
    """One step of setting up. `progress` is (done, all) while it is under way."""

    title: str
    text: str
    done: bool
    url: str
    label: str
    progress: tuple[int, int] | None = None


def first_steps(who: Person, now: datetime) -> list[Step]:
    """What is left until the first order; nothing once there is one."""
    if Order.objects.exists():
        return []
    provider = Provider.objects.select_related("state").order_by("pk").first()
    return [
        _add_provider(provider, now),
        _read_catalog(provider),
        _add_client(),
        Step(
            "Place the first order",
            "Pick a service; the price is worked out before anything is sent",
            False,
            reverse("staff:new_order"),
            "New order",
        ),
    ]


def _add_provider(provider: Provider | None, now: datetime) -> Step:
    if provider is None:
        text = "Its address and your key; nothing is bought by that"
        return Step("Add a provider", text, False, reverse("staff:new_provider"), "Add")
    text = f"{provider.name}, key ending {provider.key_last4}"
    if provider.state.balance is not None:
        text += f", balance {money_text(provider.state.balance, provider.currency)}"
    if provider.state.last_answer_at:
        text += f", answered {ago_text(provider.state.last_answer_at, now)}"
    url = reverse("staff:provider", args=[provider.pk])
    return Step("Add a provider", text, True, url, "Look")


def _read_catalog(provider: Provider | None) -> Step:
    title = "Read the catalog"
    if provider is None:
        return Step(title, "What the provider offers becomes what you sell", False, "", "")
    url = reverse("staff:provider", args=[provider.pk])
    run = SyncRun.objects.filter(provider=provider).order_by("-pk").first()
    if run and run.outcome == SyncOutcome.RUNNING:
        text = f"{run.rows_done:,} of {run.rows_total:,} services read"
        return Step(title, text, False, url, "Look", (run.rows_done, run.rows_total or 1))
    services = Service.objects.count()
    if services:
        text = f"{services:,} services, {run.rows_bad if run else 0:,} rows skipped"
        return Step(title, text, True, reverse("staff:services"), "See what came")
    text = run.detail if run else "It is read every ten minutes, or at once on the provider's page"
    return Step(title, text or "Nothing came yet", False, url, "Read it")


def _add_client() -> Step:
    client, url = Customer.objects.order_by("pk").first(), reverse("staff:new_client")
    if client is None:
        text = "By phone number or e-mail; then take cash or adjust the balance"
        return Step("Add a client", text, False, url, "Add")
    return Step("Add a client", client.name, True, reverse("staff:clients"), "Look")
