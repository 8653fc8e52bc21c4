"""Single values of an answer, each in every spelling that was seen; None is *unreadable*."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from orders.upstream.redact import storable

ID_CHARS = 64
LARGEST_AMOUNT = Decimal(10) ** 10
USUAL_DIGITS = 15
"""Of as many and no other sign a number needs no closer look: it is below LARGEST_COUNT."""
LARGEST_COUNT = 10**USUAL_DIGITS
LONGEST_FIGURE = 40

_FIGURE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+/=~-]*")
_NO_ID = frozenset(
    {"true", "false", "null", "none", "undefined", "nan", "unknown"}
    | {"error", "fail", "failed", "rejected", "ok", "success"}
)


def amount(value: Any) -> Decimal | None:
    """An amount of money, exactly as written; not finite or absurdly large is unreadable."""
    figure = _figure(value)
    return figure if figure is not None and is_sane(figure) else None


def is_sane(figure: Decimal) -> bool:
    """Whether an amount can be meant: finite, of some forty digits at most, below 10¹⁰."""
    return (
        figure.is_finite()
        and -LARGEST_AMOUNT < figure < LARGEST_AMOUNT
        and figure.adjusted() >= -LONGEST_FIGURE
        and len(str(figure)) <= LONGEST_FIGURE
    )


def whole(value: Any) -> int | None:
    """A whole number, also when written `157.0` or `1e3`."""
    if value is None:
        return None
    if type(value) is str and len(value) <= USUAL_DIGITS and value.isascii() and value.isdigit():
        return int(value)
    figure = _figure(value)
    # `abs` would round to the context, and overflow for 1e9999999.
    if figure is None or not figure.is_finite() or figure.copy_abs() >= LARGEST_COUNT:
        return None
    number = int(figure)
    return number if number == figure else None


def _figure(value: Any) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and len(value) <= LONGEST_FIGURE:
        text = value.strip()
        return Decimal(text) if _FIGURE.fullmatch(text) else None
    return None


def identifier(value: Any) -> str:
    """An upstream id as text, or "" for what is none: null, 0, false, words, messages."""
    if isinstance(value, Decimal):
        value = whole(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    if isinstance(value, int):
        return str(value) if 0 < value < 10**ID_CHARS else ""
    text = value.strip()
    if len(text) > ID_CHARS or not _ID.fullmatch(text):
        return ""
    return "" if not text.strip("0.") or text.casefold() in _NO_ID else text


def flag(value: Any) -> bool | None:
    """Yes or no, or None when nothing was said."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().casefold()
        return True if word in {"1", "true", "yes"} else False if word in _NO_WORDS else None
    return bool(value) if isinstance(value, int) else None


_NO_WORDS = frozenset({"0", "false", "no"})


def words(value: Any, limit: int) -> str:
    """Text of at most `limit` characters that a database can store; figures become text."""
    if isinstance(value, str):
        return storable(value).strip()[:limit]
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return str(value)[:limit]
    return ""


def pick(item: Mapping[str, Any], *names: str) -> Any:
    """The value under the first of the names, whatever their case and underscores."""
    folded = {fold(key): value for key, value in item.items()}
    return next((folded[name] for name in names if name in folded), None)


def fold(key: str) -> str:
    return key.casefold().replace("_", "").replace("-", "").replace(" ", "")


def error_text(document: Any) -> str:
    """What an object says is wrong, or "" when it says nothing of the sort."""
    if not isinstance(document, dict):
        return ""
    error = pick(document, "error", "errors")
    if not error or (isinstance(error, str) and not error.strip()):
        return ""
    said = _spoken(error) or _spoken(pick(document, "message", "msg"))
    return said[:4096] or "error"


def _spoken(value: Any, depth: int = 3) -> str:
    """The words in a value, however they are wrapped."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if depth and isinstance(value, dict):
        value = list(value.values())
    if depth and isinstance(value, list):
        return "; ".join(filter(None, (_spoken(part, depth - 1) for part in value[:10])))
    return ""
