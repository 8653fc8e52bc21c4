"""Cutting the provider's key, and what else is secret, out of whatever is kept or shown."""

import html
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MARK = "[key]"
BODY_CHARS = 2000
TEXT_CHARS = 500


SHORTEST = 6
"""An extra parameter's value that is shorter stays: cutting out a "1" would spoil every answer."""


class Redactor:
    """Knows the ways in which an answer may echo a secret, and cuts them out."""

    def __init__(self, key: str, others: Iterable[str] = ()):
        secrets = [key, *(value for value in others if len(value) >= SHORTEST)]
        spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
        self._spellings = sorted((text for text in spellings if text), key=len, reverse=True)

    def __repr__(self) -> str:
        return "Redactor()"

    def text(self, text: str, limit: int = TEXT_CHARS) -> str:
        """The text without the key and without what a database cannot store, cut to `limit`."""
        for spelling in self._spellings:
            text = text.replace(spelling, MARK)
        return storable(text)[:limit]

    def body(self, body: bytes, limit: int = BODY_CHARS) -> str:
        """The beginning of an answer. The key goes first, so that no cut can leave half of it."""
        for spelling in self._spellings:
            body = body.replace(spelling.encode(errors="replace"), MARK.encode())
        return storable(body[: limit * 4].decode(errors="replace"))[:limit]


def _spellings(text: str) -> set[str]:
    return {text, quote(text), quote_plus(text), html.escape(text), json.dumps(text)[1:-1]}


def storable(text: str) -> str:
    """The text without NUL and lone surrogates, which PostgreSQL and UTF-8 refuse."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else text.encode(errors="replace").decode()
