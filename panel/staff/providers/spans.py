"""How far back a provider's charts look, in which steps, and how a step is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panel.display import clock_text, day_text


@dataclass(frozen=True)
class Span:
    """How far back, and in which steps."""

    days: int
    step: timedelta
    label: str | Promise

    @property
    def steps(self) -> int:
        return int(timedelta(days=self.days) / self.step)

    def names(self, at: datetime, now: datetime) -> tuple[str, str]:
        """Of the step that begins then: at the axis, and in the table."""
        short = clock_text(at, now, "min")[-5:] if self.days == 1 else day_text(at, now)
        title = clock_text(at, now, "min") if self.days < 30 else day_text(at, now, "long")
        return short, title


DAY = Span(1, timedelta(hours=1), _("Day"))
WEEK = Span(7, timedelta(hours=6), _("Week"))
MONTH = Span(30, timedelta(days=1), _("Month"))
HALF_YEAR = Span(180, timedelta(days=6), _("Half a year"))


def chosen(spans: Sequence[Span], usual: Span, days: str) -> Span:
    """The span that an address names by its days."""
    return next((each for each in spans if str(each.days) == days), usual)


def links(spans: Sequence[Span], current: Span, name: str, rest: str) -> list[dict[str, object]]:
    """A link for each span: its days by that name, and the rest of the address."""
    return [
        {"label": each.label, "url": f"?{name}={each.days}{rest}", "current": each is current}
        for each in spans
    ]
