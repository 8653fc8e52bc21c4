"""What a report's page shows: figures, chart, members, and the table of the open tab."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.people import Person
from orders.reports import days, reading
from orders.reports.days import Standing
from orders.reports.sums import Sums
from panel.charts import Day
from panel.display import money2_text, percent
from panel.staff.reports import figures, more, names, periods, tabs
from panel.staff.reports.periods import CHOOSE, LABELS
from panel.staff.reports.tables import Table
from panel.staff.reports.tabs import WHOSE, Asked

TABS: dict[str, tuple[str | Promise, Callable[[Asked], Table]]] = {
    "day": (gettext_lazy("Day"), tabs.by_day),
    "staff": (gettext_lazy("Staff member"), tabs.by_staff),
    "service": (gettext_lazy("Service"), tabs.by_service),
    "category": (gettext_lazy("Category"), tabs.by_category),
    "client": (gettext_lazy("Client"), tabs.by_client),
    "provider": (gettext_lazy("Provider"), tabs.by_provider),
    "delivery": (gettext_lazy("Delivery"), more.delivery),
    "charges": (gettext_lazy("Odd charges"), more.charges),
    "below": (gettext_lazy("Below cost"), more.below),
    "runway": (gettext_lazy("Runway"), more.runway),
}
CHART_TITLES = {
    "day": gettext_lazy("By day"),
    "week": gettext_lazy("By week"),
    "month": gettext_lazy("By month"),
}
CHART_LABELS = {
    "day": gettext_lazy(
        "Upstream charge and profit by day: revenue %(revenue)s, profit %(profit)s."
    ),
    "week": gettext_lazy(
        "Upstream charge and profit by week: revenue %(revenue)s, profit %(profit)s."
    ),
    "month": gettext_lazy(
        "Upstream charge and profit by month: revenue %(revenue)s, profit %(profit)s."
    ),
}
USUAL = "staff"
SHOWN_MEMBERS = 5


def asked_of(who: Person, query: QueryDict, now: datetime, **more: Any) -> Asked:
    """What an address asks for."""
    source = reading.source_for(who)
    period = periods.period_of(query, now.astimezone(source.zone).date())
    whose = query.get("whose", "")
    whose = whose if whose in WHOSE else "placed"
    return Asked(who, source, period, whose, query.get("after", ""), now, **more)


def tab_of(query: QueryDict) -> str:
    """The open tab."""
    slug = query.get("tab", USUAL)
    return slug if slug in TABS else USUAL


class ReportPage:
    """The whole page, in about ten queries, however many orders there are."""

    def __init__(self, who: Person, query: QueryDict, now: datetime):
        self._asked, self._tab = asked_of(who, query, now), tab_of(query)
        self.form = self._asked.period.form
        self.is_live, self.is_own = self._asked.source.is_live, self._asked.source.is_own
        self.is_admin = who.is_admin

    # ── Head ──

    @property
    def words(self) -> str:
        period, today = self._asked.period, self._asked.today
        words = ngettext(
            "%(span)s, net of refunds, set against the day before",
            "%(span)s, net of refunds, set against the %(count)s days before",
            period.span.days,
        )
        told = {"span": periods.span_words(period.span, today), "count": period.span.days}
        return words % told

    @property
    def choices(self) -> list[dict[str, Any]]:
        slug = self._asked.period.slug
        choices = [
            {"label": label, "url": self._url(period=name), "current": name == slug}
            for name, label in LABELS.items()
        ]
        chosen = {"label": _("Choose"), "url": self._url(period=CHOOSE), "current": slug == CHOOSE}
        return [*choices, chosen]

    @property
    def kept(self) -> dict[str, str]:
        """What choosing days keeps of the address."""
        return {"tab": self._tab, "whose": self._asked.whose}

    @property
    def sheet_url(self) -> str:
        return reverse("staff:report_sheet") + self._url()

    @cached_property
    def standing(self) -> Standing:
        """How fresh the sums are, and whether they agree with the ledger."""
        return days.standing(self._asked.now)

    # ── Figures and chart ──

    @property
    def figures(self) -> list[figures.Figure]:
        return figures.figures(self._asked.whole, self._asked.before)

    @property
    def is_empty(self) -> bool:
        return self._asked.whole == Sums()

    @property
    def coverage(self) -> str:
        now = self._asked.whole
        if now.coverage is None:
            return _("No order was placed in this period")
        if not now.quoted:
            return _("Charge known for every order")
        return _("Charge known for %(coverage)s of orders; the rest at the quoted cost") % {
            "coverage": percent(now.coverage)
        }

    @property
    def step(self) -> str:
        """How many days a bar holds: day, week or month."""
        return self._steps[0]

    @property
    def chart_title(self) -> str:
        return str(CHART_TITLES[self.step])

    @cached_property
    def _steps(self) -> tuple[str, list[periods.Step]]:
        return periods.steps(self._asked.period.span, self._asked.today)

    @cached_property
    def chart(self) -> list[Day]:
        sums = [(step, reading.of_span(self._asked.days, step.span)) for step in self._steps[1]]
        return [Day(step.label, step.title, each.revenue, each.charge) for step, each in sums]

    @property
    def chart_label(self) -> str:
        now = self._asked.whole
        told = {"revenue": money2_text(now.revenue), "profit": money2_text(now.profit)}
        return str(CHART_LABELS[self.step]) % told

    # ── Members ──

    @cached_property
    def members(self) -> list[dict[str, Any]]:
        by = WHOSE[self._asked.whose][0]
        question = reading.Question(by, self._asked.period.span, SHOWN_MEMBERS)
        rows = self._asked.source.rows(question)
        called = names.names_of(by, [row.key for row in rows], self._asked.who)
        return [{"name": called[row.key].text, "key": row.key, "sums": row.now} for row in rows]

    @property
    def longest(self) -> Any:
        """The revenue, or charge, that fills a member's bar."""
        both = (each for m in self.members for each in (m["sums"].revenue, m["sums"].charge))
        return max(both, default=None)

    # ── Table ──

    @property
    def tabs(self) -> list[dict[str, Any]]:
        return [
            {"label": label, "url": self._url(tab=slug) + "#table", "current": slug == self._tab}
            for slug, (label, __) in TABS.items()
        ]

    @property
    def whose(self) -> list[dict[str, Any]]:
        return [
            {"label": label, "url": self._url(whose=slug), "current": slug == self._asked.whose}
            for slug, (__, label) in WHOSE.items()
        ]

    @property
    def is_of_staff(self) -> bool:
        return self._tab == "staff"

    @cached_property
    def table(self) -> Table:
        return TABS[self._tab][1](self._asked)

    @property
    def newer(self) -> str:
        return self._url() + "#table" if self._asked.after else ""

    @property
    def older(self) -> str:
        return self._url(after=self.table.on) + "#table" if self.table.on else ""

    def _url(self, **changes: str) -> str:
        """This page with another choice; a page further on is left when anything changes."""
        asked = {**self._asked.period.query, "tab": self._tab, "whose": self._asked.whose}
        if "period" in changes:
            asked = {name: asked[name] for name in ("tab", "whose")}
        return f"?{urlencode(asked | changes)}"
