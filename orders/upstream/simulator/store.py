"""What outlives a restart: an append-only journal of everything that was accepted.

One JSON object a line, written with a single system call before the answer leaves, so that it
survives a kill of this process at any moment (not a loss of power: nothing is forced to disk).
"""

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

Record = dict[str, object]


class StoreError(Exception):
    """The state file cannot be used; the text says why and what to do."""


class Journal:
    """The state file. Without a path it keeps nothing and gives nothing back."""

    def __init__(self, path: Path | None, fresh: bool = False):
        self._file: int | None = None
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise StoreError(f"{path} is in use by another simulator. Stop that one.") from error
        if fresh:
            self.clear()

    def records(self) -> Iterator[Record]:
        """Everything written so far. A last line that a kill tore is cut off."""
        if self._file is None:
            return
        whole = 0
        with open(os.dup(self._file), "rb") as lines:
            lines.seek(0)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                yield json.loads(line)
        os.ftruncate(self._file, whole)

    def append(self, record: Record) -> None:
        """Write one record; it is safe from a kill when this returns."""
        if self._file is not None:
            os.write(self._file, json.dumps(record, separators=(",", ":")).encode() + b"\n")

    def clear(self) -> None:
        """Forget everything."""
        if self._file is not None:
            os.ftruncate(self._file, 0)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
