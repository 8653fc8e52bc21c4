"""The parts that every page is made of, thin over `panel.display`, `icons` and `charts`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.template.defaultfilters import stringfilter
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from orders import kept_words
from orders.spelling import lowered
from panel import branding, browsers, charts, display, fields, icons, languages
from panel.unsent import text as unsent_text

register = template.Library()


# Words


@register.filter
def told(text: object) -> str:
    """`{{ run.detail|told }}`: what is kept in English, in the reader's language."""
    return kept_words.told(str(text or ""))


# Numbers


@register.filter
def browser(user_agent: object) -> str:
    """`{{ session.user_agent|browser }}`: Firefox on Windows."""
    return browsers.words_of(str(user_agent or ""))


@register.filter(is_safe=True)
@stringfilter
def lower(text: str) -> str:
    """Django's own knows one small letter for each capital; Turkish has two letters I."""
    return lowered(text)


@register.filter
def money(amount: object, currency: str | None = None) -> SafeString:
    """`{{ price|money }}`, `{{ charge|money:"EUR" }}`."""
    return display.money_html(amount, currency)


@register.simple_tag(name="money")
def money_tag(amount: object, currency: str | None = None, sign: bool = False) -> SafeString:
    """`{% money profit sign=True %}`: with a plus or minus before it."""
    return display.money_html(amount, currency, sign)


@register.filter
def money_text(amount: object, currency: str | None = None) -> str:
    """Money without markup, for attributes, titles and messages."""
    return display.money_text(amount, currency)


@register.filter
def money2(amount: object, mode: str = "") -> SafeString:
    """Two places, for sums and axes; `money2:"floor"` never lets a balance look larger."""
    text = display.money2_text(amount, floor=mode == "floor")
    return format_html('<span class="m">{}</span>', text)


@register.filter
def count(value: object) -> str:
    """`{{ quantity|count }}`: 12,480."""
    return display.count(value)


@register.filter
def capped(value: object, limit: int = 1000) -> str:
    """`{{ found|capped }}`: 1,000+ above a thousand."""
    return display.capped(value, limit)


@register.filter
def percent(value: object, places: object = 1) -> str:
    """`{{ 25.93|percent }}`: 25.9 %; `percent:"trim"` writes only the digits there are."""
    return display.percent(value, None if places == "trim" else int(str(places)))


@register.simple_tag
def decimal_mark() -> str:
    """What stands before the decimals of a number."""
    return display.marks()[0]


@register.filter
def script_texts(language: str) -> str:
    """`{{ LANGUAGE_CODE|script_texts }}`: the address of what scripts say in it; "" for English."""
    return languages.script_texts_url(language)


# Moments


@register.filter
def ago(moment: datetime | None) -> SafeString:
    """`{{ order.placed_at|ago }}`: 31 min ago, the exact moment in the title."""
    return display.time_html(moment, display.ago_text(moment, timezone.now()) if moment else "")


@register.filter
def clock(moment: datetime | None, style: str = "") -> SafeString:
    """`{{ moment|clock }}`: 14:59:48; `"min"` to the minute, `"ms"` to the millisecond."""
    words = display.clock_text(moment, timezone.now(), style) if moment else ""
    return display.time_html(moment, words)


@register.filter
def day(moment: datetime | None, style: str = "") -> SafeString:
    """`{{ moment|day }}`: 19 Nov; `"long"`: Thursday, 19 November."""
    words = display.day_text(moment, timezone.now(), style) if moment else ""
    return display.time_html(moment, words)


@register.filter
def span(seconds: float | None) -> str:
    """`{{ seconds|span }}`: 40 s, 12 min, 3 h, 6 days."""
    return display.NOTHING if seconds is None else display.span(seconds)


@register.filter
def seconds(seconds: object) -> str:
    """`{{ seconds|seconds }}`: 0.08 s, 0.4 s, 12 s, 2 min."""
    return display.seconds_text(seconds)


# Pictures


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """`{% icon "plus" 17 %}`: a lucide icon."""
    return icons.icon(name, size, label)


@register.simple_tag(takes_context=True)
def unsent(context: Context, action: str, name: str) -> str:
    """`value="{% unsent action "reason" %}"`: typed into this form, which was refused just now."""
    request = context.get("request")
    return unsent_text(request, action, name) if request else ""


@register.simple_tag
def mark() -> SafeString:
    """The panel's logo, or our mark, the half-filled coin."""
    return branding.mark()


@register.simple_tag
def panel_name() -> str:
    """What the panel is called."""
    return branding.name()


@register.simple_tag
def coin(state: object, toned: bool = False) -> SafeString:
    """The coin of a state; `toned=True` where no pill gives it its colour."""
    return icons.coin(state, toned)


@register.simple_tag
def pill(state: object, label: str = "", box: bool = True, large: bool = False) -> SafeString:
    """`{% pill order.status "In progress" box=False %}`."""
    return icons.pill(state, label, box, large)


@register.simple_tag
def avatar(name: str, tone: str = "grey", small: bool = False) -> SafeString:
    """Initials in a tinted circle, hidden from screen readers: the name stands beside it."""
    return format_html(
        '<span class="ava{} t-{}" aria-hidden="true">{}</span>',
        " s" if small else "",
        tone,
        display.initials(str(name)),
    )


# Bars and charts


@register.simple_tag
def split(
    cost: object,
    price: object,
    floor: object = None,
    big: bool = False,
    scale: object = None,
) -> SafeString:
    """Cost and profit of a price; `floor` is the least price, `scale` what fills the bar."""
    bar = charts.split(cost, price, floor, scale)
    return _part("split", bar=bar, big=big)


@register.simple_tag
def progress(
    value: object, max: object, status: object = "", words: str = "", large: bool = False
) -> SafeString:
    """How much of `max` is done, in the colour of its status, with words beside it.

    Nothing is drawn while the value or the whole is unknown; the words stay.
    """
    tone = icons.find_coin(status).tone if status else "accent"
    parts = display.clamped(value, max)
    return _part("progress", parts=parts, tone=tone, words=words, large=large)


@register.simple_tag
def sparkline(values: Sequence[object], tone: str = "accent") -> SafeString:
    """A small line without axes; the figure above it holds the value."""
    return _part("sparkline", points=charts.spark_points(values), tone=tone)


@register.simple_tag
def line_chart(days: Sequence[Any], label: str, unfinished: bool = True) -> SafeString:
    """Revenue against charge. `days`: `charts.Day`s, oldest first; `label`: one sentence."""
    return _part("line_chart", chart=charts.line_chart(days, label, unfinished))


@register.simple_tag
def bar_chart(days: Sequence[Any], label: str) -> SafeString:
    """Stacked days: charge and profit, together revenue. `days` as for `line_chart`."""
    return _part("bar_chart", chart=charts.bar_chart(days, label))


# Forms and notices


@register.simple_tag
def field(bound: BoundField, **options: Any) -> SafeString:
    """`{% field form.link hint="…" limits="100 to 50,000" affix="minutes" hx_get=url %}`.

    `label`, `limits`, `hint`, `affix`, `kind` ("switch") are ours (or attributes of the form
    field); everything else becomes an attribute of the input, underscores as hyphens.
    """
    return _part("field", **fields.context(bound, options))


@register.simple_tag
def form_errors(form: Any) -> SafeString:
    """What is wrong with the form as a whole; nothing when nothing is."""
    errors = form.non_field_errors()
    return _part("form_errors", errors=errors) if errors else mark_safe("")


@register.simple_tag
def note(
    tone: str, icon: str, title: str, text: str = "", url: str = "", label: str = ""
) -> SafeString:
    """`{% note "amber" "triangle-alert" "Title" "What it means." url "Where to look" %}`."""
    return _part("note", tone=tone, icon=icon, title=title, text=text, url=url, label=label)


@register.simple_tag
def empty_state(
    icon: str,
    title: str,
    text: str = "",
    url: str = "",
    label: str = "",
    tone: str = "accent",
    primary: bool = False,
) -> SafeString:
    """What will be here, how to bring it about, one button."""
    return _part(
        "empty", icon=icon, title=title, text=text, url=url, label=label, tone=tone, primary=primary
    )


def _part(name: str, **context: Any) -> SafeString:
    return mark_safe(render_to_string(f"components/{name}.html", context).strip())
