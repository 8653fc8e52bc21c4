"""One typed value of one field, cleaned or refused with a sentence that says what to do."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders.kept_words import Sentence
from orders.service_types.declaration import Field, Value
from orders.service_types.links import LONGEST_LINK, looks_like_link, tidied
from orders.spelling import count, lowered

CHOOSE = Sentence(gettext_noop("Choose the %(name)s."))
ENTER = Sentence(gettext_noop("Enter the %(name)s."))
ENTER_LINES = Sentence(gettext_noop("Enter the %(name)s, one per line."))
BETWEEN = Sentence(gettext_noop("Between %(least)s and %(most)s."))
TOO_LONG = Sentence(gettext_noop("This is too long; at most %(most)s characters."))
TOO_LONG_LINE = Sentence(gettext_noop("Line %(line)s is too long; at most %(most)s characters."))
TOO_LONG_LIST = Sentence(gettext_noop("At most %(most)s characters in all; these are %(length)s."))
TOO_MANY_LINES = Sentence(gettext_noop("At most %(most)s lines; these are %(lines)s."))
UNSENDABLE_LINE = Sentence(gettext_noop("Line %(line)s holds a character that cannot be sent."))

LONGEST_TEXT = 500
LONGEST_LINE = 2000
MOST_LINES = 10_000
LONGEST_LIST = 400_000
"""Characters of all lines together: every form and call that carries so many is still taken."""

# "1,000", "1 000" (also with the narrow and no-break spaces that pasting brings), "1000".
_NUMBER = re.compile(r"[0-9]{1,3}([, \u00a0\u2009\u202f][0-9]{3}){1,4}|[0-9]{1,15}")

# "1.000", in a language that groups so. In English it could be one with three decimals.
_DOTTED = re.compile(r"[0-9]{1,3}(\.[0-9]{3}){1,4}")


class Wrong(ValueError):
    """A value that will not do; the text is for the person who typed it."""


def is_blank(given: Any) -> bool:
    """Whether nothing was typed. Zero is something."""
    if isinstance(given, list | tuple):
        return all(is_blank(item) for item in given)
    return given is None or (isinstance(given, str) and not given.strip())


def missing(field: Field) -> str:
    """What to say when a required field is empty."""
    if field.why_needed:
        return field.why_needed
    name = field.label if field.label.isupper() else lowered(field.label[0]) + field.label[1:]
    if field.kind == "choice":
        return CHOOSE.said(name=name)
    if field.kind == "lines":
        return ENTER_LINES.said(name=name)
    return ENTER.said(name=name)


def clean_value(field: Field, given: Any) -> Value:
    """The value as it is stored. Raises `Wrong`."""
    return _CLEANERS[field.kind](field, given)


def _number(field: Field, given: Any) -> int:
    number = _whole(given)
    if number < field.least and field.why_needed:
        raise Wrong(field.why_needed)
    if not field.least <= number <= field.most:
        raise Wrong(BETWEEN.said(least=count(field.least), most=count(field.most)))
    return number


def _quantity(field: Field, given: Any) -> int:
    """Its bounds are the service's own and are checked with them."""
    return _whole(given)


def _whole(given: Any) -> int:
    text = _text_of(given)
    if get_format("THOUSAND_SEPARATOR") == "." and _DOTTED.fullmatch(text):
        text = text.replace(".", "")
    if not _NUMBER.fullmatch(text):
        raise Wrong(_("Enter a whole number, such as 1,000."))
    return int(re.sub(r"[^0-9]", "", text))


def _link(field: Field, given: Any) -> str:
    text = tidied(_text_of(given))
    if len(text) > LONGEST_LINK:
        raise Wrong(TOO_LONG.said(most=count(LONGEST_LINK)))
    if any(character.isspace() for character in text):
        raise Wrong(_("Enter one link, without spaces or line breaks."))
    if _unprintable(text, also="Cf") or not looks_like_link(text):
        raise Wrong(_("Enter a link, such as https://example.com/page, or a username."))
    return text


def _text(field: Field, given: Any) -> str:
    text = _text_of(given)
    if _unprintable(text):
        raise Wrong(_("Enter plain text on one line."))
    if len(text) > LONGEST_TEXT:
        raise Wrong(TOO_LONG.said(most=count(LONGEST_TEXT)))
    return text


def _lines(field: Field, given: Any) -> list[str]:
    text = "\n".join(map(_text_of, given)) if isinstance(given, list | tuple) else _text_of(given)
    lines = split_lines(text)
    if not lines:
        raise Wrong(missing(field))
    if len(lines) > MOST_LINES:
        raise Wrong(TOO_MANY_LINES.said(most=count(MOST_LINES), lines=count(len(lines))))
    if (length := sum(map(len, lines))) > LONGEST_LIST:
        raise Wrong(TOO_LONG_LIST.said(most=count(LONGEST_LIST), length=count(length)))
    for place, line in enumerate(lines, start=1):
        if _unprintable(line):
            raise Wrong(UNSENDABLE_LINE.said(line=place))
        if len(line) > LONGEST_LINE:
            raise Wrong(TOO_LONG_LINE.said(line=place, most=count(LONGEST_LINE)))
    return lines


def split_lines(text: str) -> list[str]:
    """The lines that count, in order: trimmed, without those in which nothing is to be seen.

    `static/js/order_fields.js` counts the same while somebody types.
    """
    lines = (line.replace("\t", " ").strip() for line in re.split(r"\r\n|\r|\n", text))
    return [line for line in lines if not _is_invisible(line)]


def count_lines(text: str) -> int:
    """How many lines of what was typed count."""
    return len(split_lines(text))


def _is_invisible(line: str) -> bool:
    return all(sign.isspace() or unicodedata.category(sign) == "Cf" for sign in line)


def _choice(field: Field, given: Any) -> str:
    text = _text_of(given)
    if text not in dict(field.choices):
        raise Wrong(_("Choose one of the list."))
    return text


def _date(field: Field, given: Any) -> str:
    """Upstream wants `d/m/Y`; browsers send ISO dates."""
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(_text_of(given), form)  # noqa: DTZ007 (a day)
            return f"{day.day:02}/{day.month:02}/{day.year:04}"  # strftime writes year 1 as "1"
        except ValueError:
            continue
    raise Wrong(_("Enter a date as day/month/year, such as 31/12/2030."))


def _text_of(given: Any) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise Wrong(_("Enter plain text."))
    try:
        return str(given).strip()
    except ValueError as error:  # Python refuses to write out a whole number of thousands of digits
        raise Wrong(_("This is too long.")) from error


def _unprintable(text: str, also: str = "") -> bool:
    """Control characters and lone surrogates, which no database or provider takes."""
    return any(unicodedata.category(character) in ("Cc", "Cs", also) for character in text)


_CLEANERS: dict[str, Callable[[Field, Any], Value]] = {
    "link": _link,
    "url": _link,
    "quantity": _quantity,
    "number": _number,
    "text": _text,
    "lines": _lines,
    "choice": _choice,
    "date": _date,
}
