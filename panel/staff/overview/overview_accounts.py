"""The overview's provider cards: a balance turned into time, and how fresh what we know is."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orders import call_times, machinery, reports
from orders.call_times import Tally
from orders.models import Provider
from orders.spelling import lowered
from panel.display import money2_text, money_text, seconds_text, span

WEEK = 7 * 24
"""Hours that fill the bar under a balance."""

SCARCE = 24
"""Fewer hours than this are red."""

SHOWN = 6
MOST_PROVIDERS = 200


@dataclass(frozen=True)
class Light:
    """How fresh something is: green within two beats, amber after, grey before the first time."""

    tone: str
    words: str
    moment: datetime | None


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
    answers: str
    """How long its calls of the last hour or two took, in words; "" without any."""
    lights: tuple[Light, Light]

    @property
    def bar(self) -> int:
        return min(self.hours or 0, WEEK)

    @property
    def urgency(self) -> tuple[bool, bool, float]:
        """Sorts what needs a person first, then what runs out first."""
        stale = any(light.tone != "green" for light in self.lights)
        return (not self.hold, not stale, WEEK if self.hours is None else self.hours)


@dataclass(frozen=True)
class Accounts:
    """The accounts that are shown, and how many there are besides."""

    shown: list[Account]
    more: int


def accounts(now: datetime) -> Accounts:
    """The providers that need a look first; three queries, however many there are."""
    spending, lately = reports.spending(now), call_times.lately(now)
    found = Provider.objects.select_related("state").order_by("name")[:MOST_PROVIDERS]
    every = [
        account(row, spending.get(row.pk, Decimal(0)), now, lately.get(row.pk)) for row in found
    ]
    every.sort(key=lambda one: one.urgency)
    return Accounts(every[:SHOWN], max(len(every) - SHOWN, 0))


def account(
    provider: Provider, hourly: Decimal, now: datetime, calls: Tally | None = None
) -> Account:
    """One provider with its state (join it), and how it has answered lately."""
    balance = provider.state.balance
    hours = reports.hours_left(balance, hourly)
    return Account(
        number=provider.pk,
        name=provider.name,
        balance=balance,
        currency=provider.currency,
        hours=hours,
        pace=_pace(hourly, provider.currency),
        left=_left(hours),
        scarce=hours is not None and hours < SCARCE,
        hold=hold_of(provider),
        answers=answers_of(calls),
        lights=lights(provider, now),
    )


def _pace(hourly: Decimal, currency: str) -> str:
    if not hourly:
        return _("nothing spent")
    return _("spends %(amount)s an hour") % {"amount": _about(hourly, currency)}


def _left(hours: int | None) -> str:
    if hours is None:
        return ""
    return _("%(time)s left") % {"time": span(hours * 3600)} if hours else _("used up")


def answers_of(calls: Tally | None) -> str:
    """Such as "answers in 0.4 s", or that calls fail."""
    if calls is None or not calls.calls:
        return ""
    if calls.failed * 2 > calls.calls:
        return _("most calls fail")
    if calls.median is None:
        return ""
    return _("answers in %(time)s") % {"time": seconds_text(calls.median)}


def hold_of(provider: Provider) -> str:
    """Why nothing is sent there, in two words; "" when it is."""
    if provider.not_sent:
        return _("sending stopped")
    return lowered(provider.state.get_hold_display()) if provider.state.hold else ""


def lights(provider: Provider, now: datetime) -> tuple[Light, Light]:
    """Its last answer, and when its costs were last known to be true."""
    state = provider.state
    answers, costs = ("orders.read_balances", now), ("orders.sync_catalogs", now)
    return (
        _light(_("answered"), _("answered: never"), state.last_answer_at, *answers),
        _light(_("cost read"), _("cost read: never"), state.catalog_read_at, *costs),
    )


def _light(words: str, never: str, moment: datetime | None, job: str, now: datetime) -> Light:
    if moment is None:
        return Light("grey", never, None)
    return Light("green" if machinery.is_fresh(moment, job, now) else "amber", words, moment)


def _about(hourly: Decimal, currency: str) -> str:
    if hourly < Decimal("0.01"):
        return money_text(hourly.quantize(Decimal("0.0001")), currency)
    return money2_text(hourly, currency)
