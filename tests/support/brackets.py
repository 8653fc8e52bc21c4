"""Every translated message between ⟦ and ⟧, so that a page shows what of it was translated.

What a message holds the place for stays outside: a word that is put into a translated sentence
must have been translated by itself.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.utils import translation

from orders import kept_words

OPEN, CLOSE = "⟦", "⟧"
ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "label")

_PIECES = re.compile(r"(<[^>]*>|%\(\w+\)[a-z]|%[sd]|%%|\{\w*\})")
_LIST = re.compile(r"\w+(,\w+)+")
"""Several in one, as the filter `yesno` has them."""
_SPOKEN = re.compile(rf'\b({"|".join(ATTRIBUTES)})="([^"]*)"')


@contextmanager
def bracketed() -> Iterator[None]:
    """Within, whatever is translated, at once or lazily, in Python or in a template, is marked.

    English is not: what is kept in it is composed by the same functions, and remembered.
    """
    functions = translation._trans  # type: ignore[attr-defined]
    names = ("gettext", "ngettext", "pgettext", "npgettext")
    marked = {name: _marking(getattr(functions, name)) for name in names}
    kept_words._told_in.cache_clear()
    with mock.patch.multiple(functions, **marked):
        yield
    kept_words._told_in.cache_clear()


def _marking(translate: Callable[..., str]) -> Callable[..., str]:
    def marked(*args: Any) -> str:
        said = translate(*args)
        return said if translation.get_language() in (None, "en") else mark(said)

    return marked


def mark(message: str) -> str:
    """The message, every piece of text between placeholders and tags in brackets."""
    if _LIST.fullmatch(message):
        return ",".join(map(_piece, message.split(",")))
    return "".join(
        _in_tag(piece) if place % 2 else _piece(piece)
        for place, piece in enumerate(_PIECES.split(message))
    )


def _piece(text: str) -> str:
    return f"{OPEN}{text}{CLOSE}" if any(map(str.isalpha, text)) else text


def _in_tag(tag: str) -> str:
    return _SPOKEN.sub(lambda found: f'{found[1]}="{mark(found[2])}"', tag)
