"""What alarms look at. Each fact is asked for once, when the first alarm wants it: one query to
three, however many rows there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, Min, QuerySet, Sum

from orders import backlog, ledger_check, machinery, panel_settings, reconcile, reports, tills
from orders.alerts import sentences as say
from orders.catalog import held_runs
from orders.enums import AccountKind, HoldReason, OrderStatus
from orders.models import (
    Account,
    AlertSettings,
    Heartbeat,
    LedgerCheck,
    Order,
    Panel,
    Provider,
    SyncRun,
)
from orders.money import ZERO

MOST_COUNTED = 1000
MOST_ROWS = 500
"""Providers, tills and readings beyond these are not watched one by one."""

SPANS_AT_ONCE = 100
"""Each provider is a condition of its own there, and SQLite takes no more than a thousand."""


@dataclass(frozen=True)
class Some:
    """Some orders: how many (no further than one beyond 1,000), since when, their price."""

    count: int
    since: datetime | None
    amount: Decimal

    @property
    def words(self) -> str:
        """Such as "1 order", "1,000+ orders"."""
        if self.count > MOST_COUNTED:
            return say.MANY_ORDERS.of(count=f"{MOST_COUNTED:,}")
        return say.ORDERS.of(count=f"{self.count:,}")


@dataclass(frozen=True)
class Till:
    """Whose till it is, and what it holds by the books."""

    staff_id: int
    name: str
    held: Decimal


class Facts:
    """The state of things at `now`."""

    def __init__(self, now: datetime, settings: AlertSettings):
        self.now, self.settings = now, settings

    # The machinery

    @cached_property
    def beats(self) -> dict[str, Heartbeat]:
        """Every sign of life, that of beat too, by name."""
        return {beat.job: beat for beat in Heartbeat.objects.order_by("job")}

    @cached_property
    def last_job(self) -> datetime | None:
        """When the last job began, whichever it was."""
        begun = [beat.began_at for name, beat in self.beats.items() if name != machinery.BEAT]
        return max(begun, default=None)

    @property
    def silence(self) -> timedelta:
        """So long nothing may be heard."""
        return timedelta(minutes=self.settings.silent_minutes)

    def is_silent(self, moment: datetime | None) -> bool:
        return moment is None or self.now - moment > self.silence

    # Providers

    @cached_property
    def panel(self) -> Panel:
        return panel_settings.current()

    @cached_property
    def providers(self) -> list[Provider]:
        """With their states."""
        return list(Provider.objects.select_related("state").order_by("pk")[:MOST_ROWS])

    @cached_property
    def hourly(self) -> dict[int, Decimal]:
        """What each provider's account spends in an hour, by provider id."""
        return reports.spending(self.now)

    @cached_property
    def held_runs(self) -> list[SyncRun]:
        """Readings whose removals wait for a person."""
        return list(held_runs().select_related("provider")[:MOST_ROWS])

    @cached_property
    def day_spans(self) -> list[reconcile.Span]:
        """What each provider's balance did in the last 24 hours; three queries a hundred."""
        since, watched = self.now - reconcile.CHECKED_OVER, self.providers
        parts = [watched[at : at + SPANS_AT_ONCE] for at in range(0, len(watched), SPANS_AT_ONCE)]
        return [span for part in parts for span in reconcile.spans(part, since, self.now)]

    # Orders

    def unconfirmed(self, older_than: timedelta) -> Some:
        orders = Order.objects.filter(status=OrderStatus.UNCONFIRMED)
        return _some(orders.filter(status_at__lte=self.now - older_than), "status_at")

    @cached_property
    def price_held(self) -> Some:
        waiting = Order.objects.filter(status=OrderStatus.WAITING, hold=HoldReason.PRICE)
        return _some(waiting, "waiting_since")

    def idle(self, older_than: timedelta) -> Some:
        """Orders that could be sent, as far as anybody knows, and are not."""
        waiting = Order.objects.filter(
            status=OrderStatus.WAITING,
            waiting_since__lte=self.now - older_than,
            hold__in=[HoldReason.NONE, HoldReason.STALE_COST],
            provider__not_sent=False,
            provider__state__hold="",
        )
        return _some(waiting, "waiting_since")

    @cached_property
    def unchecked(self) -> backlog.Unchecked | None:
        return backlog.unchecked(self.now)

    # Money

    @cached_property
    def books(self) -> LedgerCheck:
        """What the last whole check of the ledger found."""
        return ledger_check.last()

    @cached_property
    def tills(self) -> list[Till]:
        accounts = Account.objects.filter(kind=AccountKind.TILL).select_related("staff__user")
        listed = list(accounts.order_by("pk")[:MOST_ROWS])
        held = tills.sums([account.pk for account in listed])
        return [
            Till(account.staff.pk, account.staff.name, held.get(account.pk, ZERO))
            for account in listed
            if account.staff is not None
        ]


def _some(orders: QuerySet[Order], since: str) -> Some:
    bounded = orders.order_by("pk")[: MOST_COUNTED + 1]
    found = bounded.aggregate(count=Count("pk"), since=Min(since), amount=Sum("price"))
    return Some(found["count"], found["since"], found["amount"] or ZERO)
