"""A PostgreSQL and a Valkey of our own, on free ports, with their data in a temporary folder.

For what must touch no running server: the tests on both databases, and the chaos run.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config import embedded_broker


def postgresql_programs() -> Path:
    """The folder that holds `initdb` and `postgres`, the newest version first."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "postgresql"], check=True)
        return postgresql_programs()
    sys.exit("PostgreSQL is missing: install it (apt install postgresql) or set DATABASE_URL.")


def unprivileged() -> list[str]:
    """PostgreSQL will not run as root: the prefix that runs a command as its own user."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL that is laid out: where it lies, and the command that runs it."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Of the database that is ours; whoever needs it creates it."""
        return f"postgres://postgres@127.0.0.1:{self.port}/halfpenny"

    @property
    def command(self) -> list[str]:
        """Runs it in the foreground."""
        options = ("max_connections=200", "listen_addresses=127.0.0.1", *self.options)
        flags = [part for option in options for part in ("-c", option)]
        server = [str(postgresql_programs() / "postgres"), "-D", str(self.folder / "data")]
        return [*unprivileged(), *server, "-p", str(self.port), "-k", str(self.folder), *flags]

    def is_ready(self) -> bool:
        """Whether it takes connections now."""
        ready = [str(postgresql_programs() / "pg_isready"), "-q", "-h", "127.0.0.1"]
        return subprocess.run([*ready, "-p", str(self.port)], check=False).returncode == 0


@contextlib.contextmanager
def cluster(*options: str) -> Iterator[Cluster]:
    """A new cluster in a temporary folder, not yet running."""
    with tempfile.TemporaryDirectory(prefix="halfpenny-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        initdb = [str(postgresql_programs() / "initdb"), "-D", str(folder / "data")]
        make = [*unprivileged(), *initdb, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*make, "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        yield Cluster(folder, free_port(), options)


@contextlib.contextmanager
def postgresql(*options: str) -> Iterator[str]:
    """A PostgreSQL of our own with these settings; yields its URL."""
    # Nothing here has to survive a power cut; what a killed *process* leaves still counts.
    with cluster("fsync=off", *options) as own:
        log = own.folder / "log"
        with ended(own.command, log, signal.SIGTERM):
            wait_for(own.is_ready, log)
            yield own.url


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Valkey of our own, the one that the demo uses; yields its URL."""
    with tempfile.TemporaryDirectory(prefix="halfpenny-redis-") as name:
        var = Path(name)
        with ended(embedded_broker.command(var), var / "log", signal.SIGTERM):
            wait_for(lambda: embedded_broker.is_running(var), var / "log")
            yield embedded_broker.url(var)


@contextlib.contextmanager
def ended(command: list[str], log: Path, number: int) -> Iterator[None]:
    """Run a server in a process group of its own; end the group afterwards."""
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=log.parent, start_new_session=True
        )
    try:
        yield
    finally:
        os.killpg(server.pid, number)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def wait_for(ready: Callable[[], bool], log: Path, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            sys.exit(f"A server did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
