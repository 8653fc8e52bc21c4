"""Sentences that are kept in the database: written in English, read in the reader's language.

Who reads an event, an alert or what became of a line of a file is seldom who caused it. So the row
holds the English sentence, and `told` finds the declaration that it was made from and says it anew
in the language of whoever looks.
"""

import re
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import get_language, gettext, ngettext, override

from orders.spelling import lowered

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

_DECLARED: list["Sentence"] = []
_HOLES = re.compile(r"%\((\w+)\)s")
_ENDS = re.compile(r"(?<=[.!?”]) ")
_MOST_PARTS = 12
_DEEPEST = 3
"""Sentences within sentences: an event quotes what a provider's hold said."""


class Sentence:
    """A sentence with `%(name)s` for each value, declared once, as a constant of its module.

    Give it `gettext_noop("…")`, so that translators get to see it. With `many` it has a plural,
    which the value `count` chooses.
    """

    def __init__(self, words: str, many: str = ""):
        self.words, self.many = words, many
        _DECLARED.append(self)
        _DECLARED.sort(key=lambda known: -len(_HOLES.sub("", known.words)))

    def of(self, **values: object) -> str:
        """In English, to be kept."""
        words = self.many if self.many and _number(values) != 1 else self.words
        return words % values

    def said(self, **values: object) -> str:
        """In the language of the moment, to be read at once."""
        if self.many:
            return ngettext(self.words, self.many, _number(values)) % values
        return gettext(self.words) % values

    def found_in(self, text: str, *, loosely: bool = False) -> dict[str, str] | None:
        """The values that the English text was made with; None when it is no such sentence.

        A value holds no end of a sentence, unless it is looked for `loosely`.
        """
        for pattern in self._loose if loosely else self._strict:
            if found := pattern.fullmatch(text):
                return found.groupdict()
        return None

    @cached_property
    def _strict(self) -> list[re.Pattern[str]]:
        return [_pattern(words, r"(?:(?![.!?] ).)*?") for words in (self.words, self.many) if words]

    @cached_property
    def _loose(self) -> list[re.Pattern[str]]:
        return [_pattern(words, r".*?") for words in (self.words, self.many) if words]


def in_english(words: "_StrOrPromise") -> str:
    """A label as it is kept; `told` finds it again."""
    with override("en"):
        return str(words)


def told(text: str) -> str:
    """Kept sentences in the language of the moment; what is none of ours stays as it is."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    return _told(text, 0) or text


def _told(text: str, depth: int) -> str | None:
    """None for what is none of ours: a name, a figure, what a person or a provider wrote."""
    if not text or depth > _DEEPEST:
        return None
    return (
        _told_whole(text, depth)
        or _told_in_parts(text, depth)
        or _told_whole(text, depth, loosely=True)
    )


def _told_whole(text: str, depth: int, *, loosely: bool = False) -> str | None:
    if words := _label(text):
        return words
    for sentence in _DECLARED:
        values = sentence.found_in(text, loosely=loosely)
        if values is not None:
            return sentence.said(**{n: _told(v, depth + 1) or v for n, v in values.items()})
    return None


def _label(text: str) -> str | None:
    """What has no values; also where it began with a capital and stands within a sentence now."""
    if (words := gettext(text)) != text:
        return words
    capital = text[0].upper() + text[1:]
    if capital != text and (words := gettext(capital)) != capital:
        return lowered(words[0]) + words[1:]
    return None


def _told_in_parts(text: str, depth: int) -> str | None:
    """One sentence after another, the longest known beginning first."""
    parts = _ENDS.split(text, maxsplit=_MOST_PARTS)
    for length in range(len(parts) - 1, 0, -1):
        begin, rest = " ".join(parts[:length]), " ".join(parts[length:])
        if words := _told_whole(begin, depth):
            return f"{words} {_told(rest, depth) or rest}"
    if len(parts) > 1 and (words := _told_in_parts(" ".join(parts[1:]), depth)):
        return f"{parts[0]} {words}"
    last = parts[-1]
    if len(parts) == 2 and (words := _told_whole(last, depth)):
        return f"{parts[0]} {words}"
    return None


def _pattern(words: str, hole: str) -> re.Pattern[str]:
    """What the sentence looks like with any values; the same name twice is the same value."""
    parts, known = [], set[str]()
    for place, part in enumerate(_HOLES.split(words)):
        if place % 2 == 0:
            parts.append(re.escape(part.replace("%%", "%")))
        elif part in known:
            parts.append(f"(?P={part})")
        else:
            known.add(part)
            parts.append(f"(?P<{part}>{hole})")
    return re.compile("".join(parts), re.DOTALL)


def _number(values: dict[str, object]) -> int:
    digits = re.sub(r"\D", "", str(values.get("count", "")))
    return int(digits or 0)
