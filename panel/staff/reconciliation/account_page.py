"""All that stands on the reconciliation page of one provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import reconcile
from orders.models import Movement, Order, Provider, Submission
from orders.people import Person, visible_orders
from panel import paginator
from panel.display import money_text
from panel.staff.reconciliation import account_chart, account_rows
from panel.staff.reconciliation.account_rows import DayRow

PERIODS = {"7": 7, "30": 30, "90": 90}
USUAL = "30"
TOP_UPS = 20
DIFFERING = 25


def days_of(text: str) -> int:
    """The period that an address names; thirty days for any other word."""
    return PERIODS.get(text, PERIODS[USUAL])


@dataclass(frozen=True)
class Doubt:
    """A sending that may explain what is missing. `fits`: it is as large as what is."""

    number: int
    opens: bool
    coin: str
    label: str
    at: datetime
    charge: Decimal
    fits: bool


class AccountPage:
    """One provider over some days, as this person may see it; parts ask when they are shown."""

    def __init__(self, provider: Provider, who: Person, query: Mapping[str, Any], now: datetime):
        self.provider, self._who, self._query, self._now = provider, who, query, now
        self.number, self.name, self.currency = provider.pk, provider.name, provider.currency
        self.days = days_of(query.get("days", ""))
        self.can_record = who.is_admin
        zone = timezone.get_current_timezone()
        self.account = reconcile.account(provider, self.days, now, zone)
        self.whole = self.account.whole

    @property
    def verdict(self) -> account_rows.Verdict:
        return account_rows.verdict(self.whole)

    @property
    def figures(self) -> list[dict[str, Any]]:
        return account_rows.figures(self.whole)

    @property
    def periods(self) -> list[dict[str, Any]]:
        """The choices of how many days."""
        return [
            {
                "label": _("%(days)s days") % {"days": days},
                "url": f"?days={slug}",
                "current": days == self.days,
            }
            for slug, days in PERIODS.items()
        ]

    @property
    def sheet_url(self) -> str:
        return f"{reverse('staff:reconciliation_sheet', args=[self.number])}?days={self.days}"

    @cached_property
    def rows(self) -> list[DayRow]:
        """The days, the earliest first."""
        return [
            account_rows.day_row(_midnight(day), day.span, day.so_far) for day in self.account.days
        ]

    @property
    def chart(self) -> account_chart.Chart:
        return account_chart.chart(self.rows, self.currency)

    @property
    def listed(self) -> list[DayRow]:
        """The days from the first reading on, the latest first."""
        first = next((n for n, row in enumerate(self.rows) if row.observed is not None), None)
        return [] if first is None else self.rows[first:][::-1]

    # What may be behind a difference

    @property
    def _since(self) -> datetime:
        return _midnight(self.account.days[0])

    @cached_property
    def _in_doubt(self) -> list[Submission]:
        return reconcile.in_doubt(Order.objects.all(), self.number, self._since, self._now)

    @cached_property
    def doubts(self) -> list[Doubt]:
        """Sendings of which nobody knows the end, or of which a person said: not there."""
        ours = visible_orders(self._who).filter(pk__in=[one.order_id for one in self._in_doubt])
        visible = set(ours.values_list("pk", flat=True))
        odd = {-day.span.unexplained for day in self.account.days if day.span.is_over}
        return [
            Doubt(
                number=one.order_id,
                opens=one.order_id in visible,
                coin=one.outcome,
                label=_("Said not to be there") if one.decision else one.get_outcome_display(),
                at=one.claimed_at,
                charge=one.order.charge_at_once,
                fits=one.order.charge_at_once in odd,
            )
            for one in self._in_doubt
        ]

    @property
    def may_explain(self) -> Decimal:
        return reconcile.may_explain(self._in_doubt)

    @cached_property
    def _differing(self) -> Any:
        mine = visible_orders(self._who)
        return reconcile.differing(mine, self.provider, self._since, self._now)

    @cached_property
    def difference(self) -> reconcile.Difference:
        """The sums of all that were charged otherwise than quoted."""
        return reconcile.difference(self._differing)

    @cached_property
    def differing(self) -> paginator.Page[Order]:
        """A page of them."""
        joined = self._differing.select_related("service", "customer")
        return paginator.page(joined, self._query, size=DIFFERING)

    # Top-ups

    @cached_property
    def top_ups(self) -> list[Movement]:
        """The latest of them, and what of them was taken back."""
        return list(reconcile.top_ups(self.provider).order_by("-pk")[:TOP_UPS])

    @property
    def topped_up(self) -> str:
        return money_text(self.whole.known.top_ups, self.currency)


def _midnight(day: reconcile.Day) -> datetime:
    return timezone.make_aware(datetime.combine(day.day, time()))


def first_of(days: int, now: datetime) -> datetime:
    """The midnight with which so many days begin, today being the last."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days - 1)
