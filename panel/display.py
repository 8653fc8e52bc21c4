"""How numbers, money and moments are written for people, in the language that they are spoken to.
Pure functions, thinly wrapped by tags.

Money is never rounded on a row: four places at least, further digits up to eight where they are
not zero. Only axes, comparisons and sums over a period use two places (`money2`).
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, InvalidOperation

from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

NOTHING = "–"
MINUS = "−"
NBSP = "\u00a0"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "INR": "₹", "TRY": "₺", "BRL": "R$", "UAH": "₴"}

_CENT = Decimal("0.01")
_LEAST = Decimal("0.00000001")


_currency: ContextVar[str] = ContextVar("panel_currency", default="USD")


def panel_currency() -> str:
    """The ISO code of the currency that wallets and prices are kept in."""
    return _currency.get()


@contextmanager
def in_currency(code: str) -> Iterator[None]:
    """Write money in this currency: `panel.middleware` sets it for each request."""
    token = _currency.set(code)
    try:
        yield
    finally:
        _currency.reset(token)


def marks() -> tuple[str, str]:
    """What stands before the decimals, and between thousands, in the language at hand."""
    return get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")


def localised(text: str) -> str:
    """A number as Python writes it ("1,234.50"), with the marks of the language at hand."""
    point, comma = marks()
    return text if point == "." else text.translate({ord("."): point, ord(","): comma})


def as_decimal(value: object) -> Decimal | None:
    """The value as a finite Decimal, or None where there is nothing to show."""
    if value is None or value == "":
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def money_text(amount: object, currency: str | None = None, sign: bool = False) -> str:
    """Money as plain text: "$9.2200", "−$0.1044", "CHF 12.0000"; "–" when there is no value."""
    head, tail = _money_parts(amount, currency, sign)
    return head + tail


def money_html(amount: object, currency: str | None = None, sign: bool = False) -> SafeString:
    """Money with the digits after the cent in an `<i>`, so that they can stand back."""
    head, tail = _money_parts(amount, currency, sign)
    if not tail:
        return format_html('<span class="d">{}</span>', head)
    return format_html('<span class="m">{}<i>{}</i></span>', head, tail)


def money2_text(amount: object, currency: str | None = None, floor: bool = False) -> str:
    """Money to two places, half even; `floor` rounds down, for a balance."""
    value = as_decimal(amount)
    if value is None:
        return NOTHING
    rounded = value.quantize(_CENT, ROUND_FLOOR if floor else ROUND_HALF_EVEN)
    return _sign_and_symbol(rounded, currency, sign=False) + localised(f"{abs(rounded):,.2f}")


def count(value: object) -> str:
    """A quantity with marks between its thousands; "–" when unknown."""
    number = as_decimal(value)
    return NOTHING if number is None else localised(f"{number:,f}").replace("-", MINUS)


def capped(value: object, limit: int = 1000) -> str:
    """A count that was not taken further than `limit`: above it reads "1,000+"."""
    number = as_decimal(value)
    if number is not None and number > limit:
        return count(limit) + "+"
    return count(value)


def percent(value: object, places: int | None = 1) -> str:
    """A percentage, "25.9 %", with a no-break space; `places=None` writes the digits there are."""
    number = as_decimal(value)
    if number is None:
        return NOTHING
    text = f"{number:,.{places}f}" if places is not None else _trimmed(number)
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    written = localised(text).replace("-", MINUS)
    # Translators: Turkish, for one, has the sign in front.
    return (pgettext("a percentage", "%(number)s %%") % {"number": written}).replace(" ", NBSP)


def clamped(value: object, whole: object) -> tuple[Decimal, Decimal] | None:
    """How much of a whole is done, never below none nor above all; None where unknown."""
    done, most = as_decimal(value), as_decimal(whole)
    if done is None or most is None or most <= 0:
        return None
    return max(Decimal(0), min(done, most)), most


def ago_text(moment: datetime, now: datetime) -> str:
    """A moment seen from now: "12 s ago", "31 min ago", "3 h ago", "yesterday", "19 Nov"."""
    seconds = int((now - moment).total_seconds())
    if seconds < 0:
        return _ahead(moment, -seconds, now)
    if seconds < 3:
        return _("just now")
    if seconds < 86_400:
        return _("%(span)s ago") % {"span": span(seconds)}
    if _local(moment).date() == _local(now).date() - timedelta(days=1):
        return _("yesterday")
    return day_text(moment, now)


def span(seconds: float) -> str:
    """A length of time in one unit: "40 s", "12 min", "3 h", "6 days"."""
    if seconds >= 86_400:
        return _days(int(seconds // 86_400))
    if seconds >= 3600:
        return _("%(count)s h") % {"count": int(seconds // 3600)}
    if seconds >= 60:
        return _("%(count)s min") % {"count": int(seconds // 60)}
    return _("%(count)s s") % {"count": int(seconds)}


def seconds_text(seconds: object) -> str:
    """A short time as people tell it: "0.08 s", "0.4 s", "12 s", "2 min"."""
    number = as_decimal(seconds)
    if number is None:
        return NOTHING
    if number >= 60:
        return span(float(number))
    places = 0 if number >= 10 or not number else 1 if number >= Decimal("0.1") else 2
    written = _("%(count)s s") % {"count": localised(f"{number:.{places}f}")}
    return written.replace(" ", NBSP)


def about(seconds: float) -> str:
    """A measured length of time, as exact as it deserves: "5 min", "3 h 10 min", "2 days"."""
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return _("%(count)s min") % {"count": minutes}
    hours, rest = divmod(round(minutes / 10) * 10, 60)
    if hours >= 36:
        return _days(round(minutes / 1440))
    if rest and hours < 10:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    return _("%(count)s h") % {"count": round(minutes / 60)}


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def day_text(moment: datetime, now: datetime, style: str = "") -> str:
    """A date, "19 Nov", with the year when it is another; "long": "Thursday, 19 November"."""
    local = _local(moment)
    return dated(local, with_year=local.year != _local(now).year, long=style == "long")


def dated(day: date, *, with_year: bool, long: bool = False) -> str:
    """A day of the calendar, in the order in which the language tells it."""
    if long:
        pattern = pgettext("date", "l, j F Y") if with_year else pgettext("date", "l, j F")
    else:
        pattern = pgettext("date", "j M Y") if with_year else pgettext("date", "j M")
    return date_format(day, pattern)


def clock_text(moment: datetime, now: datetime, style: str = "") -> str:
    """The time of day, "14:59:48", led by the date when it was not today.

    Args:
        style: "" to the second, "min" to the minute, "ms" to the millisecond.
    """
    local = _local(moment)
    text = local.strftime("%H:%M" if style == "min" else "%H:%M:%S")
    if style == "ms":
        text += f".{local.microsecond // 1000:03d}"
    return text if local.date() == _local(now).date() else f"{day_text(moment, now)}, {text}"


def exact_text(moment: datetime) -> str:
    """The whole moment, for a tooltip: "Thu 19 Nov 2026, 14:59:48 CET"."""
    return date_format(_local(moment), pgettext("date", "D j M Y, H:i:s T"))


def time_html(moment: datetime | None, words: str) -> SafeString:
    """A `<time>` whose title is the exact moment."""
    if moment is None:
        return nothing_html()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact_text(moment), words
    )


def nothing_html() -> SafeString:
    """The dash for a value that is not there (yet)."""
    return mark_safe(f'<span class="d">{NOTHING}</span>')


def initials(name: str) -> str:
    """One or two capitals for an avatar: "Mira Kovač" is MK, "anna@x.org" is A."""
    words = [word for word in name.split("@")[0].replace(".", " ").split() if word[0].isalnum()]
    letters = [words[0][0]] if words else ["?"]
    if len(words) > 1:
        letters.append(words[-1][0])
    return "".join(letters).upper()


def marked(name: str, words: Iterable[str]) -> SafeString:
    """The name with the typed words marked."""
    wanted = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    if not wanted:
        return conditional_escape(name)
    parts = re.split(f"({wanted})", name, flags=re.IGNORECASE)
    return mark_safe(
        "".join(
            format_html("<mark>{}</mark>", part) if place % 2 else conditional_escape(part)
            for place, part in enumerate(parts)
        )
    )


def _money_parts(amount: object, currency: str | None, sign: bool) -> tuple[str, str]:
    """The amount cut after the cent."""
    value = as_decimal(amount)
    if value is None:
        return NOTHING, ""
    value = value.quantize(_LEAST, ROUND_HALF_EVEN)
    whole, _, fraction = f"{abs(value):,.8f}".partition(".")
    fraction = fraction.rstrip("0").ljust(4, "0")
    return _sign_and_symbol(value, currency, sign) + localised(f"{whole}.{fraction[:2]}"), fraction[
        2:
    ]


def _sign_and_symbol(value: Decimal, currency: str | None, sign: bool) -> str:
    code = currency or panel_currency()
    mark = MINUS if value < 0 else "+" if sign and value > 0 else ""
    return mark + SYMBOLS.get(code, code + NBSP)


def _trimmed(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _ahead(moment: datetime, seconds: int, now: datetime) -> str:
    if seconds >= 86_400:
        return day_text(moment, now)
    return _("in %(span)s") % {"span": span(seconds)}


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)
