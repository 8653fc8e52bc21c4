"""A comparison of a balance with known charges in the words and colours of the pages."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from orders.reconcile import Span
from panel.display import money_html, money_text

FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a comparison: colour, picture, a word or two, and a sentence."""

    tone: str
    icon: str
    word: str
    title: str
    text: str | Promise


def verdict(span: Span) -> Verdict:
    """Whether it agrees, and which way it does not."""
    if not span.is_known:
        return Verdict("grey", "hourglass", _("Not read"), _("Nothing to compare yet."), _UNKNOWN)
    missing = abs(span.unexplained)
    amount = money_text(missing, span.provider.currency)
    may_be = money_text(span.tolerance, span.provider.currency)
    if not span.is_over:
        title = _("The balance agrees with what is known.")
        text = _("%(amount)s is left over, and %(may_be)s may be off.") % {
            "amount": amount,
            "may_be": may_be,
        }
        return Verdict("green", "check", _("Agrees"), title, text)
    if span.unexplained < 0:
        return Verdict(
            "red",
            "triangle-alert",
            pgettext("money", "Gone"),
            _("%(amount)s went unexplained.") % {"amount": amount},
            _GONE,
        )
    return Verdict(
        "amber",
        "circle-help",
        pgettext("money", "Came"),
        _("%(amount)s came unexplained.") % {"amount": amount},
        _CAME,
    )


_UNKNOWN = gettext_lazy(
    "It takes two readings of the balance. One is made every minute while it answers."
)
_GONE = gettext_lazy(
    "No order of ours accounts for it. Look at the unconfirmed orders below, then into the "
    "provider's own list: something may have been bought there without the panel."
)
_CAME = gettext_lazy(
    "Record what was paid in, if it was a top-up; else ask the provider what it gave back for."
)


def figures(span: Span) -> list[dict[str, Any]]:
    """The four figures on top of a provider's page; "–" while nothing can be compared."""
    known, currency = span.known, span.provider.currency
    taken = -(known.charges + known.corrections)
    return [
        _figure(_("Balance moved"), "accent", span, span.observed, _moved(span)),
        _figure(
            _("Known charges"), "copper", span, taken - known.returns, _charged(span), sign=False
        ),
        _figure(_("Topped up"), "violet", span, known.top_ups, _("as recorded"), sign=False),
        _figure(
            _("Unexplained"),
            verdict(span).tone,
            span,
            span.unexplained,
            _("%(amount)s may be off") % {"amount": money_text(span.tolerance, currency)},
        ),
    ]


def _figure(
    label: str, tone: str, span: Span, amount: Decimal, note: str, *, sign: bool = True
) -> dict[str, Any]:
    if not span.is_known:
        return {"label": label, "tone": tone, "value": None, "note": ""}
    # Rows are never rounded, sums of a period may be.
    rounded = amount.quantize(FOUR_PLACES)
    shown = money_html(rounded, span.provider.currency, sign and bool(amount))
    return {"label": label, "tone": tone, "value": shown, "note": note}


def _moved(span: Span) -> str:
    if span.opening is None or span.closing is None:
        return ""
    currency = span.provider.currency
    begin, end = (money_text(each.amount, currency) for each in (span.opening, span.closing))
    return _("%(begin)s to %(end)s") % {"begin": begin, "end": end}


def _charged(span: Span) -> str:
    if not span.known.returns:
        return _("nothing given back")
    return _("%(amount)s given back") % {
        "amount": money_text(span.known.returns, span.provider.currency)
    }


@dataclass(frozen=True)
class DayRow:
    """A day of the table. Amounts are None where the balance was not read."""

    moment: datetime
    observed: Decimal | None
    charged: Decimal | None
    returned: Decimal | None
    topped_up: Decimal | None
    unexplained: Decimal | None
    may_be_off: Decimal
    so_far: Decimal
    tone: str


def day_row(moment: datetime, span: Span, so_far: Decimal) -> DayRow:
    """One day; `moment` is its midnight."""
    known = span.known

    def told(amount: Decimal) -> Decimal | None:
        return amount if span.is_known else None

    tone = verdict(span).tone if span.is_over else ""
    return DayRow(
        moment=moment,
        observed=told(span.observed),
        charged=told(-(known.charges + known.corrections)),
        returned=told(known.returns),
        topped_up=told(known.top_ups),
        unexplained=told(span.unexplained),
        may_be_off=span.tolerance,
        so_far=so_far,
        tone=tone,
    )
