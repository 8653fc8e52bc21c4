"""Secrets for development: made once, kept under `var/`, never in the repository."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet


def secret_key(var: Path) -> str:
    """The signing key of this checkout."""
    return _kept(var / "secret_key", lambda: secrets.token_urlsafe(64))


def field_keys(var: Path) -> list[str]:
    """The Fernet keys of this checkout, newest first, one a line."""
    return _kept(var / "field_keys", lambda: Fernet.generate_key().decode()).split()


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Read `path`, first writing it if it is not there.

    Several processes may start at once: each writes a file of its own and links it into place,
    so that the first one wins and nobody ever reads half a key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(make() + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
