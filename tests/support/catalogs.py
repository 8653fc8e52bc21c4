"""The translations as they lie under `locale/`: what is written, what is missing, what differs."""

import re
from pathlib import Path

from babel.messages import Message
from babel.messages.pofile import read_po
from django.conf import settings

LOCALE = Path(settings.BASE_DIR) / "locale"

_PLACES = re.compile(r"%\(\w+\)[a-z]|%%|%[sd]")
_TAGS = re.compile(r"<(/?\w+)")


def catalogs() -> list[Path]:
    """Every file of translations."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def messages(path: Path) -> list[Message]:
    """What one of them translates."""
    with path.open("rb") as source:
        return [message for message in read_po(source) if message.id]


def is_begun(path: Path) -> bool:
    """Whether anything in it is translated."""
    return any(message.string and any(message.string) for message in messages(path))


def faults(message: Message) -> list[str]:
    """What is wrong with one translation."""
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    texts = message.string if isinstance(message.string, tuple) else (message.string,)
    if not all(texts):
        return [f"not translated: {ids[0]}"]
    found = [f"doubtful: {ids[0]}"] if message.fuzzy else []
    return found + [fault for text in texts for fault in _differences(ids, text)]


def _differences(ids: tuple[str, ...], text: str) -> list[str]:
    """A translation has the placeholders, tags and line breaks of one of its messages."""
    wanted = [(_places(one), sorted(_TAGS.findall(one)), one.count("\n")) for one in ids]
    got = (_places(text), sorted(_TAGS.findall(text)), text.count("\n"))
    if got in wanted or _is_singular_without_number(ids, got, wanted):
        return []
    return [f"other placeholders or tags: {text}"]


def _places(text: str) -> list[str]:
    return sorted(_PLACES.findall(text))


def _is_singular_without_number(
    ids: tuple[str, ...], got: tuple[list[str], list[str], int], wanted: list[tuple]
) -> bool:
    return len(ids) > 1 and any(set(got[0]) <= set(one[0]) and got[1:] == one[1:] for one in wanted)
