"""Columns at rest that hold secrets: sealed under the newest key, opened by any that is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext_noop


class Unsealable(Exception):
    """A stored secret was sealed under a key that `FIELD_KEYS` no longer holds."""

    def __init__(self) -> None:
        super().__init__(
            gettext_noop(
                "A stored key cannot be read: FIELD_KEYS does not hold the key that sealed it."
            )
        )


@dataclass(frozen=True)
class Resealed:
    """How many stored secrets were sealed anew, and how many no known key opens."""

    count: int = 0
    unreadable: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        return Resealed(self.count + other.count, self.unreadable + other.unreadable)


def seal(text: str) -> str:
    """The text, encrypted under the newest key."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(text: str) -> str:
    """What `seal` was given. Raises `Unsealable`."""
    try:
        return _fernet().decrypt(text.encode()).decode()
    except InvalidToken:
        raise Unsealable from None


def is_readable(text: str) -> bool:
    """Whether `unseal` would open it; quick enough to ask for every row of a page."""
    return _is_readable(text, tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=256)
def _is_readable(text: str, keys: tuple[str, ...]) -> bool:
    try:
        unseal(text)
    except Unsealable:
        return False
    return True


def reseal(text: str) -> str:
    """The same secret under the newest key. Raises `Unsealable`."""
    try:
        return _fernet().rotate(text.encode()).decode()
    except InvalidToken:
        raise Unsealable from None


def _fernet() -> MultiFernet:
    keys: Iterable[str] = settings.FIELD_KEYS
    return MultiFernet([Fernet(key) for key in keys])
