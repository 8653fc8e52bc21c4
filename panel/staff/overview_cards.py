"""The overview's smaller cards: providers' accounts, the machinery, the first steps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from orders import machinery, reports
from orders.models import Heartbeat, Provider
from orders.people import Person
from panel.display import money_text, span
from panel.staff import setup_steps
from panel.staff.setup_steps import Step

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


def first_steps(who: Person, now: datetime) -> list[Step]:
    """The steps to the first order; nothing once there is one."""
    return [] if setup_steps.is_over() else setup_steps.course(now).steps
