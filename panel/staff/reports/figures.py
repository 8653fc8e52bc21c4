"""The five figures above a report, each beside what it was in the period before."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from orders.reports.sums import Sums, share
from panel.display import localised, money2_text, percent

FOUR_PLACES = Decimal("0.0001")
Figure = dict[str, Any]


def figures(now: Sums, was: Sums) -> list[Figure]:
    """Revenue, upstream charge, profit, margin and what was paid back."""
    return [
        _amount(_("Revenue"), "accent", now.revenue, was.revenue, rising_is_good=True),
        _amount(_("Upstream charge"), "copper", now.charge, was.charge),
        _amount(_("Profit"), "green", now.profit, was.profit, rising_is_good=True),
        _margin(now, was),
        _paid_back(now, was),
    ]


def change(now: Decimal, was: Decimal) -> Decimal | None:
    """How much more, in per cent; None where there was nothing before to set it against."""
    return (now - was) * 100 / was if was > 0 else None


def _amount(
    label: str, tone: str, now: Decimal, was: Decimal, *, rising_is_good: bool | None = None
) -> Figure:
    figure = {
        "label": label,
        "tone": tone,
        # Rows are never rounded, sums of a period may be: four places fit the figure.
        "amount": now.quantize(FOUR_PLACES),
        "note": _("from %(was)s") % {"was": money2_text(was)},
    }
    return figure | _moved(change(now, was), percent, rising_is_good)


def _margin(now: Sums, was: Sums) -> Figure:
    moved = None if now.margin is None or was.margin is None else now.margin - was.margin
    return {
        "label": _("Margin"),
        "tone": "green",
        "value": percent(now.margin),
        "note": _("from %(was)s") % {"was": percent(was.margin)}
        if was.margin is not None
        else _("no margin before"),
    } | _moved(moved, _points, True)


def _paid_back(now: Sums, was: Sums) -> Figure:
    part, before = share(now.refunded, now.charged), share(was.refunded, was.charged)
    moved = None if part is None or before is None else part - before
    figure = _moved(moved, _points, False)
    return {
        "label": _("Paid back"),
        "tone": "violet",
        "amount": now.refunded.quantize(FOUR_PLACES),
        "note": _("%(part)s of what was paid") % {"part": percent(part)}
        if part is not None
        else _("nothing was paid"),
    } | figure


def _points(value: Decimal) -> str:
    return _("%(points)s points") % {"points": localised(f"{value:,.1f}")}


def _moved(by: Decimal | None, words: Any, rising_is_good: bool | None) -> Figure:
    """An arrow and how much, in green or red; grey where rising is neither good nor bad."""
    if by is None or not round(by, 1):
        return {"change": "", "direction": "", "good": None}
    rises = by > 0
    return {
        "change": words(abs(by)),
        "direction": "up" if rises else "down",
        "good": rises is rising_is_good if rising_is_good is not None else None,
    }
