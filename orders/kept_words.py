"""Sentences that are kept in the database: written in English, read in the reader's language.

Who reads an event, an alert or what became of a line of a file is seldom who caused it. So the row
holds the English sentence, and `told` finds the declaration that it was made from and says it anew
in the language of whoever looks.
"""

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from django.utils.translation import get_language, gettext, override

from orders.spelling import lowered, with_marks

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

_DECLARED: list["Sentence"] = []
_WEIGHED: list["Sentence"] = []
_HOLES = re.compile(r"%\((\w+)\)s")
_ENDS = re.compile(r"(?<=[.!?”]) ")
_FIGURE = re.compile(r"[+−-]?[^\w\s]?[\d,.]+(?: [A-Z]{3})?")
"""A number, perhaps with a sign and a currency; other values are names and words."""
_MOST_PARTS = 12
_DEEPEST = 3
"""Sentences within sentences: an event quotes what a provider's hold said."""


class Sentence:
    """A sentence with `%(name)s` for each value, declared once, as a constant of its module.

    Of `gettext_noop("…")`, so that translators get to see it; or, where it has a plural, of
    `ngettext_lazy("…", "…", "count")`.
    """

    def __init__(self, words: "_StrOrPromise"):
        self._words = words
        _DECLARED.append(self)

    def of(self, **values: object) -> str:
        """In English, to be kept."""
        if isinstance(self._words, str):
            return self._words % values
        with override("en"):
            return self._words % _counted(values)

    def said(self, **values: object) -> str:
        """In the language of the moment, to be read at once."""
        if isinstance(self._words, str):
            return gettext(self._words) % values
        return self._words % _counted(values)

    def found_in(self, text: str, *, loosely: bool = False) -> dict[str, str] | None:
        """The values that the English text was made with; None when it is no such sentence.

        A value is one sentence at most, unless it is looked for `loosely`.
        """
        for _literals, strict, loose in self._patterns:
            if found := (loose if loosely else strict).fullmatch(text):
                return found.groupdict()
        return None

    def may_be_in(self, text: str) -> bool:
        """Whether all of its own words stand in the text, which is quickly said."""
        return any(all(part in text for part in literals) for literals, *_ in self._patterns)

    @cached_property
    def forms(self) -> list[str]:
        """In English, with its holes: one, or the singular and the plural."""
        if isinstance(self._words, str):
            return [self._words]
        with override("en"):
            return [self._words % _Holes(number) for number in (1, 2)]

    @cached_property
    def _patterns(self) -> list[tuple[list[str], re.Pattern[str], re.Pattern[str]]]:
        """Of each form: its own words, and what it looks like, strictly and loosely."""
        return [
            (
                [part.replace("%%", "%") for part in _HOLES.split(form)[::2] if part],
                _pattern(form, r"(?:(?![.!?] ).)*?[.!?]?"),
                _pattern(form, r".*?"),
            )
            for form in self.forms
        ]


class _Count(int):
    """A number that chooses the plural and is written as it was kept."""

    def __new__(cls, number: int, written: str) -> "_Count":
        made = super().__new__(cls, number)
        made.written = written
        return made

    written: str

    def __str__(self) -> str:
        return self.written


class _Holes(dict[str, object]):
    """Values that leave the holes of a sentence as they are."""

    def __init__(self, number: int):
        super().__init__(count=_Count(number, "%(count)s"))

    def __missing__(self, name: str) -> str:
        return f"%({name})s"


def _counted(values: dict[str, object]) -> dict[str, object]:
    written = str(values.get("count", 1))
    return values | {"count": _Count(int(re.sub(r"\D", "", written) or 0), written)}


def in_english(words: "_StrOrPromise") -> str:
    """A label as it is kept; `told` finds it again."""
    with override("en"):
        return str(words)


def told(text: str) -> str:
    """Kept sentences in the language of the moment; what is none of ours stays as it is."""
    language = get_language() or "en"
    return text if not text or language.startswith("en") else _told_in(language, text)


@lru_cache(maxsize=2000)
def _told_in(language: str, text: str) -> str:
    """`language` is the one of the moment: a list shows the same sentences again and again."""
    fitting = [sentence for sentence in _by_weight() if sentence.may_be_in(text)]
    return _Telling(fitting).told(text, 0) or text


def _by_weight() -> list[Sentence]:
    """The ones with the most words of their own first: others might fit by their holes alone."""
    if len(_WEIGHED) != len(_DECLARED):
        _WEIGHED[:] = sorted(_DECLARED, key=lambda one: -len(_HOLES.sub("", one.forms[0])))
    return _WEIGHED


class _Telling:
    """Telling one text, of which only some sentences can be parts. Each method gives None for
    what is none of ours: a name, a figure, what a person or a provider wrote."""

    def __init__(self, fitting: list[Sentence]):
        self._fitting = fitting

    def told(self, text: str, depth: int) -> str | None:
        if not text or depth > _DEEPEST:
            return None
        return (
            self._whole(text, depth)
            or self._listed(text, depth)
            or self._in_parts(text, depth)
            or self._whole(text, depth, loosely=True)
        )

    def _whole(self, text: str, depth: int, *, loosely: bool = False) -> str | None:
        if words := _label(text):
            return words
        for sentence in self._fitting:
            values = sentence.found_in(text, loosely=loosely)
            if values is not None:
                told = {name: self._value(v, depth + 1) for name, v in values.items()}
                return sentence.said(**told)
        return None

    def _value(self, text: str, depth: int) -> str:
        """A value of a sentence: one itself, or a figure, which is kept with English marks."""
        return self.told(text, depth) or (with_marks(text) if _FIGURE.fullmatch(text) else text)

    def _listed(self, text: str, depth: int) -> str | None:
        """What was counted, "12 new, 1 gone.": all of it is known, or nothing."""
        listed = text.removesuffix(".")
        parts = listed.split(", ", maxsplit=_MOST_PARTS)
        if len(parts) == 1 and listed == text:
            return None
        known = [words for part in parts if (words := self._whole(part, depth))]
        return ", ".join(known) + text[len(listed) :] if len(known) == len(parts) else None

    def _in_parts(self, text: str, depth: int) -> str | None:
        """One sentence after another; what is none of ours in between stays."""
        parts = _ENDS.split(text, maxsplit=_MOST_PARTS)
        words: list[str] = []
        begin, found = 0, False
        while begin < len(parts):
            end, known = self._next(parts, begin, depth)
            words.append(known or parts[begin])
            begin, found = end, found or bool(known)
        return " ".join(words) if found else None

    def _next(self, parts: list[str], begin: int, depth: int) -> tuple[int, str | None]:
        """The longest sentence that begins here, and where it ends; else the shortest of those
        whose values may hold an end."""
        ends = range(begin + 1, len(parts) + (begin > 0))
        for end, loosely in [*((n, False) for n in ends[::-1]), *((n, True) for n in ends)]:
            if known := self._whole(" ".join(parts[begin:end]), depth, loosely=loosely):
                return end, known
        return begin + 1, None


def _label(text: str) -> str | None:
    """What has no values; also where it began with a capital and stands within a sentence now."""
    if not text.strip():
        return None  # what a catalog says of nothing is its own heading
    if (words := gettext(text)) != text:
        return words
    capital = text[0].upper() + text[1:]
    if capital != text and (words := gettext(capital)) != capital:
        return lowered(words[0]) + words[1:]
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
