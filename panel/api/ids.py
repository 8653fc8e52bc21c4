"""The orders or refills that a call is about: one or several, in the one parameter or the other."""

import re
from dataclasses import dataclass

from panel.api.parsing import Parameters
from panel.api.refusals import Refusal
from panel.api_errors import TOO_MANY

MOST = 100
LONGEST_ECHO = 64


@dataclass(frozen=True)
class Ids:
    """What was asked for, each once and in order; `many`: the answer takes the form for several."""

    words: tuple[str, ...]
    many: bool

    @property
    def numbers(self) -> list[int]:
        """Those that can be numbers of ours."""
        return [int(word) for word in self.words if _is_number(word)]


def ids(said: Parameters, name: str) -> Ids:
    """From `name` or its plural. Raises `Refusal` for more than a hundred."""
    plural = f"{name}s"
    words = re.split(r"[,\s]+", said.get(plural) or said.get(name, ""))
    wanted = tuple(dict.fromkeys(map(_plain, filter(None, words))))
    if len(wanted) > MOST:
        raise Refusal(TOO_MANY)
    # A key "error" at the top of an answer would mean that all of it failed.
    return Ids(tuple(word for word in wanted if word != "error"), plural in said or len(wanted) > 1)


def shown(word: str) -> int | str:
    """An id as lists give it back: a number wherever it is one."""
    return int(word) if _is_number(word) else word


def number(text: str | None) -> int | None:
    """The number that a single parameter means, or None."""
    return int(text) if text and _is_number(text) else None


def _plain(word: str) -> str:
    return str(int(word)) if _is_number(word) else word[:LONGEST_ECHO]


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= 18
