"""What a report's page shows: figures, chart, members, and the table of the open tab."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

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

TABS: dict[str, tuple[str, Callable[[Asked], Table]]] = {
    "day": ("Day", tabs.by_day),
    "staff": ("Staff member", tabs.by_staff),
    "service": ("Service", tabs.by_service),
    "category": ("Category", tabs.by_category),
    "client": ("Client", tabs.by_client),
    "provider": ("Provider", tabs.by_provider),
    "delivery": ("Delivery", more.delivery),
    "charges": ("Odd charges", more.charges),
    "below": ("Below cost", more.below),
    "runway": ("Runway", more.runway),
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
        count = period.span.days
        before = "the day before" if count == 1 else f"the {count} days before"
        return f"{periods.span_words(period.span, today)}, net of refunds, set against {before}"

    @property
    def choices(self) -> list[dict[str, Any]]:
        slug = self._asked.period.slug
        choices = [
            {"label": label, "url": self._url(period=name), "current": name == slug}
            for name, label in LABELS.items()
        ]
        chosen = {"label": "Choose", "url": self._url(period=CHOOSE), "current": slug == CHOOSE}
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
            return "No order was placed in this period"
        if not now.quoted:
            return "Charge known for every order"
        return f"Charge known for {percent(now.coverage)} of orders; the rest at the quoted cost"

    @cached_property
    def step(self) -> str:
        return self._steps[0]

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
        return (
            f"Upstream charge and profit by {self.step}: revenue {money2_text(now.revenue)}, "
            f"profit {money2_text(now.profit)}."
        )

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
            for slug, (label, _) in TABS.items()
        ]

    @property
    def whose(self) -> list[dict[str, Any]]:
        return [
            {"label": label, "url": self._url(whose=slug), "current": slug == self._asked.whose}
            for slug, (_, label) in WHOSE.items()
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
