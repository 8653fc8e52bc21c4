"""Our small pictures, written into the page as SVG: lucide icons, the mark, the status coins."""

from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import NamedTuple
from zipfile import ZipFile

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from lucide import IconDoesNotExist


class Coin(NamedTuple):
    """How a state looks and what it is called when nothing better is said."""

    tone: str
    label: str | Promise
    shapes: str


_RING = '<circle class="o" cx="7" cy="7" r="5.6"/>'
_DASHED = '<circle class="o dash" cx="7" cy="7" r="5.6"/>'
_FULL = '<circle class="f" cx="7" cy="7" r="6.4"/>'
_ARROW_UP = _RING + '<path class="k" d="M7 9.4V4.8M5.2 6.4 7 4.6l1.8 1.8"/>'
_QUARTER = _RING + '<path class="f" d="M7 7V3.4A3.6 3.6 0 0 1 10.6 7Z"/>'
_THREE_QUARTERS = _RING + '<path class="f" d="M7 7V3.4A3.6 3.6 0 1 1 3.4 7Z"/>'
_LEFT_HALF = _RING + '<path class="f" d="M7 2.6v8.8A4.4 4.4 0 0 1 7 2.6Z"/>'
_BARS = _RING + '<path class="k" d="M5.6 5v4M8.4 5v4"/>'
_TURNING = _RING + '<path class="k" d="M4.9 7.4A2.2 2.2 0 0 1 9 6M9.2 4.6V6H7.8"/>'
_QUESTION = _RING + (
    '<path class="k" d="M5.5 5.6a1.6 1.6 0 1 1 2.2 1.6c-.5.2-.7.5-.7.9M7 9.9v.1"/>'
)
_CHECK = _FULL + '<path class="w" d="M4.3 7.2 6.2 9l3.5-4"/>'
_CROSS = _FULL + '<path class="w" d="m5 5 4 4M9 5 5 9"/>'
_STROKE_AND_DOT = _FULL + '<path class="w" d="M7 3.8v3.6M7 10v.1"/>'

COINS: dict[str, Coin] = {
    # an order
    "waiting": Coin("grey", _("Waiting"), _DASHED),
    "held": Coin("amber", _("Held"), _BARS),
    "sending": Coin("accent", _("Sending"), _ARROW_UP),
    "unconfirmed": Coin("amber", _("Unconfirmed"), _QUESTION),
    "pending": Coin("grey", _("Pending"), _RING),
    "processing": Coin("accent", _("Processing"), _QUARTER),
    "in_progress": Coin("accent", _("In progress"), _THREE_QUARTERS),
    "completed": Coin("green", _("Completed"), _CHECK),
    "partial": Coin("violet", _("Partial"), _LEFT_HALF),
    "canceled": Coin("grey", _("Canceled"), _CROSS),
    "refused": Coin("red", _("Refused"), _STROKE_AND_DOT),
    "failed": Coin("red", _("Failed"), _STROKE_AND_DOT),
    "refilling": Coin("accent", _("Refilling"), _TURNING),
    # a subscription, where no state of an order says it
    "paused": Coin("grey", _("Paused"), _BARS),
    "expired": Coin("violet", _("Expired"), _LEFT_HALF),
    # a submission, a refill, a cancel request, a reading of a catalog
    "open": Coin("accent", pgettext_lazy("state", "Open"), _ARROW_UP),
    "created": Coin("green", _("Created"), _CHECK),
    "not_sent": Coin("grey", _("Not sent"), _DASHED),
    "unknown": Coin("amber", _("Unknown"), _QUESTION),
    "dismissed": Coin("grey", _("Dismissed"), _CROSS),
    "requested": Coin("grey", _("Requested"), _DASHED),
    "accepted": Coin("accent", _("Accepted"), _RING),
    "declined": Coin("red", _("Declined"), _STROKE_AND_DOT),
    "rejected": Coin("red", _("Declined"), _STROKE_AND_DOT),
    "done": Coin("green", _("Done"), _CHECK),
    "running": Coin("accent", _("Running"), _TURNING),
    "changed": Coin("green", _("Changed"), _CHECK),
    "unchanged": Coin("grey", _("Nothing changed"), _RING),
}
_OTHER = Coin("grey", "", _RING)


def find_coin(state: object) -> Coin:
    """The coin of a state; a state without one is an empty grey ring under its own name."""
    name = str(state)
    return COINS.get(name) or _OTHER._replace(label=name.replace("_", " ").capitalize())


def coin(state: object, toned: bool = False) -> SafeString:
    """The coin of a state as SVG; `toned` colours it by itself, outside a pill."""
    picture = find_coin(state)
    tone = f" t-{picture.tone}" if toned else ""
    return format_html(
        '<svg class="st{}" viewBox="0 0 14 14" aria-hidden="true">{}</svg>',
        tone,
        mark_safe(picture.shapes),
    )


def pill(state: object, label: str = "", box: bool = True, large: bool = False) -> SafeString:
    """Coin, word and colour of a state; `box` gives it a tinted ground."""
    picture = find_coin(state)
    return format_html(
        '<span class="pill{}{} t-{}">{}{}</span>',
        " box" if box else "",
        " l" if large else "",
        picture.tone,
        coin(state),
        label or picture.label,
    )


# Names that this lucide has renamed.
_RENAMED = {"circle-help": "circle-question-mark"}


@lru_cache(maxsize=512)
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """A lucide icon; without a label it is hidden from screen readers.

    Raises:
        IconDoesNotExist: no icon of that name.
    """
    told = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" {1}>{2}</svg>',
        size,
        mark_safe(told),
        mark_safe(_shapes(_RENAMED.get(name, name))),
    )


def _shapes(name: str) -> str:
    """What lucide draws within its `svg`, which is the same for every icon."""
    try:
        text = _archive().read(f"{name}.svg").decode()
    except KeyError as missing:
        raise IconDoesNotExist(f"The icon {name!r} does not exist.") from missing
    _, _, rest = text.partition(">")
    return " ".join(rest.removesuffix("\n").removesuffix("</svg>").split())


@cache
def _archive() -> ZipFile:
    # lucide's own tag opens its archive for each icon, and reads all 1,700 names in it every time.
    # In memory, so that processes which were forked share no place in a file.
    return ZipFile(BytesIO((files("lucide") / "lucide.zip").read_bytes()))


MARK = mark_safe(
    '<svg class="coin" viewBox="0 0 26 26" aria-hidden="true">'
    '<circle class="rim" cx="13" cy="13" r="11.4"/>'
    '<path class="half" d="M13 5v16a8 8 0 0 1 0-16Z"/></svg>'
)
