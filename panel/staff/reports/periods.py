"""The period of a report, told from its address, and its steps in a chart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from orders.reports.reading import Span
from panel.display import dated

LENGTHS = {"7": 7, "30": 30, "quarter": 91, "year": 365}
LABELS = {
    "7": gettext_lazy("7 days"),
    "30": gettext_lazy("30 days"),
    "quarter": gettext_lazy("Quarter"),
    "year": gettext_lazy("Year"),
}
USUAL = "30"
CHOOSE = "choose"
MOST_DAYS = 3 * 366
EARLIEST = date(2000, 1, 1)

DAYS_UP_TO, WEEKS_UP_TO = 45, 200
"""Longer periods are drawn by week, still longer ones by month."""


class ChooseForm(forms.Form):
    """From which day to which."""

    first = forms.DateField(
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, today: date, **options: Any):
        super().__init__(data, **options)
        self._today = today

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        if first and first < EARLIEST:
            self.add_error("first", _("Choose a day from 2000 on."))
        elif first and first > self._today:
            self.add_error("first", _("That day has not come yet."))
        elif first and last and last < first:
            self.add_error("last", _("It ends before it begins; choose a later day."))
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("last", _("At most three years at once; choose an earlier day."))
        return said


@dataclass(frozen=True)
class Period:
    """A span with the word that names it in addresses, and the form where it was chosen."""

    slug: str
    span: Span
    form: ChooseForm | None = None

    @property
    def query(self) -> dict[str, str]:
        """What names it in an address."""
        if self.slug != CHOOSE:
            return {"period": self.slug}
        first, last = self.span.first.isoformat(), self.span.last.isoformat()
        return {"period": CHOOSE, "first": first, "last": last}


def period_of(query: Mapping[str, Any], today: date) -> Period:
    """The period that an address names; 30 days where it names none.

    Days that were chosen wrongly keep the form, with what is wrong, above the last 30 days.
    """
    slug = query.get("period", USUAL)
    if slug != CHOOSE:
        slug = slug if slug in LENGTHS else USUAL
        return Period(slug, latest(LENGTHS[slug], today))
    span = latest(LENGTHS[USUAL], today)
    typed = "first" in query or "last" in query
    initial = {"first": span.first, "last": span.last}
    form = ChooseForm(query if typed else None, today, initial=initial)
    if typed and form.is_valid():
        span = Span(form.cleaned_data["first"], form.cleaned_data["last"])
    return Period(CHOOSE, span, form)


def latest(days: int, today: date) -> Span:
    """So many days, today the last of them."""
    return Span(today - timedelta(days=days - 1), today)


# ── Words ────────────────────────────────────────────────────────────────────────────────────


def day_words(day: date, today: date, *, long: bool = False) -> str:
    """A day in words, with its year when it is another; `long`: with the day of the week."""
    with_year = day.year != today.year
    if long:
        return dated(day, with_year=with_year, long=True)
    pattern = pgettext("date", "j F Y") if with_year else pgettext("date", "j F")
    return date_format(day, pattern)


def span_words(span: Span, today: date) -> str:
    """Such as "25 October to 23 November"."""
    if span.days == 1:
        return day_words(span.first, today)
    return _("%(first)s to %(last)s") % {
        "first": day_words(span.first, today),
        "last": day_words(span.last, today),
    }


# ── Steps ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Step:
    """One bar of a chart: its days, the word under it, and its whole name."""

    span: Span
    label: str
    title: str


def steps(span: Span, today: date) -> tuple[str, list[Step]]:
    """ "day", "week" or "month", and those of a period, the first and last perhaps in part."""
    if span.days <= DAYS_UP_TO:
        return "day", [_day(part, span, today) for part in _cut(span, _next_day)]
    if span.days <= WEEKS_UP_TO:
        return "week", [_week(part, span, today) for part in _cut(span, _next_week)]
    return "month", [_month(part, span, today) for part in _cut(span, _next_month)]


def _cut(span: Span, following: Any) -> Iterator[Span]:
    first = span.first
    while first <= span.last:
        after = following(first)
        yield Span(first, min(after - timedelta(days=1), span.last))
        first = after


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _next_week(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _day(part: Span, span: Span, today: date) -> Step:
    day = part.first
    names_month = day == span.first or day.day == 1
    label = dated(day, with_year=False) if names_month else str(day.day)
    return Step(part, label, day_words(day, today, long=True))


def _week(part: Span, span: Span, today: date) -> Step:
    names_month = part.first == span.first or part.first.day <= 7
    label = dated(part.first, with_year=False) if names_month else str(part.first.day)
    return Step(part, label, span_words(part, today))


def _month(part: Span, span: Span, today: date) -> Step:
    first = part.first
    names_year = first == span.first or first.month == 1
    label = date_format(
        first, pgettext("date", "M y") if names_year and span.first.year != span.last.year else "M"
    )
    whole = first.day == 1 and _next_month(first) - timedelta(days=1) == part.last
    title = date_format(first, pgettext("date", "F Y")) if whole else span_words(part, today)
    return Step(part, label, title)
