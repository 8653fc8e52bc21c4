"""Answers of providers, by name: `tests/recordings/README.md` tells the two formats."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "recordings"
KEY = "s3cr3t+key/0123456789"


@dataclass(frozen=True)
class Recording:
    """A recorded answer; `raw` is what goes over the wire."""

    head: str
    body: bytes

    @property
    def raw(self) -> bytes:
        lines = [*self.head.splitlines(), f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body


def recording(name: str) -> Recording:
    """The recording of that name, without its ending."""
    path = FOLDER / f"{name}.json"
    if path.exists():
        return Recording("HTTP/1.1 200 OK\nContent-Type: application/json", path.read_bytes())
    head, _, body = (FOLDER / f"{name}.http").read_bytes().partition(b"\n\n")
    return Recording(head.decode(), body)


def names(folder: str, *, deep: bool = True) -> list[str]:
    """The names of the recordings in a folder."""
    pattern = "**/*" if deep else "*"
    found = sorted((FOLDER / folder).glob(pattern))
    return [str(path.relative_to(FOLDER).with_suffix("")) for path in found if path.is_file()]
