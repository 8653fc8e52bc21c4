"""From bytes to a JSON document, strictly or with the tolerance that reading actions have."""

import json
import re
from decimal import Decimal
from typing import Any

import msgspec

BOM = b"\xef\xbb\xbf"
PLACES_TO_TRY = 20
JUNK_BYTES = 65_536
# Where a document may begin after a PHP warning: at a line's start or right behind a tag.
_BEGINNING = re.compile(rb"(?:^|>)[ \t]*(?=[{\[])", re.MULTILINE)


class NotJson(ValueError):
    """The bytes are no JSON document; `reason` is `empty`, `html` or `noise`."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def _exact(literal: str) -> Decimal | str:
    """A number as it was written; one that no Decimal holds stays text and spoils its item only."""
    try:
        return Decimal(literal)
    except ArithmeticError:
        return literal


_decoder = msgspec.json.Decoder(float_hook=_exact)


def strict(body: bytes) -> Any:
    """The document that the bytes are, whole; a byte-order mark alone is overlooked.

    Never looks for a beginning elsewhere: an answer to `add` is judged by this one. Raises
    `NotJson`.
    """
    body = body.removeprefix(BOM)
    try:
        return _decoder.decode(body)
    except UnicodeDecodeError:
        return _other_charset(body)
    except (ValueError, RecursionError):
        raise NotJson(_look(body)) from None


def loose(body: bytes) -> Any:
    """The document in the bytes, also behind warnings and with stray control characters.

    Raises `NotJson`.
    """
    try:
        return strict(body)
    except NotJson as error:
        for start in _beginnings(body):
            try:
                return _forgiving(body[start:])
            except (ValueError, RecursionError):
                continue
        raise error from None


def _other_charset(body: bytes) -> Any:
    """Not UTF-8: figures and ids are ASCII all the same, only words suffer."""
    try:
        return _decoder.decode(body.decode(errors="replace"))
    except (ValueError, RecursionError):
        raise NotJson(_look(body)) from None


def _beginnings(body: bytes) -> list[int]:
    found = _BEGINNING.finditer(body.removeprefix(BOM)[:JUNK_BYTES])
    shift = len(BOM) if body.startswith(BOM) else 0
    return [match.end() + shift for match, _ in zip(found, range(PLACES_TO_TRY), strict=False)]


def _forgiving(body: bytes) -> Any:
    def refuse(literal: str) -> None:
        raise ValueError(f"not a number: {literal}")

    text = body.decode(errors="replace")
    return json.loads(text, strict=False, parse_float=_exact, parse_constant=refuse)


def _look(body: bytes) -> str:
    head = body[:1024].strip()
    if not head and not body.strip():
        return "empty"
    return "html" if head.startswith(b"<") else "noise"
