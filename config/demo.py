"""`make demo`: from nothing to a running panel, on this machine alone, all data under `var/`."""

import fcntl
import json
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands

from config import catalogs, embedded_broker
from config.supervisor import Child, ChildFailed, Stopped, Supervisor

HOST = "127.0.0.1"
WEB_PORT, SIMULATOR_PORT = 8000, 8900
PORTS_TRIED = 50
ORDER_MINUTES = "4"  # about how long the pretend provider takes, so that one can watch an order


class Unstartable(Exception):
    """The demo cannot start; the message says why and what to do."""


class Demo:
    """One demo: its folder, its ports, its processes."""

    def __init__(self, port: int, var: Path, say: Callable[[str], None], data: bool) -> None:
        self.var, self.say, self.data = var, say, data
        self.port = self._web_port(port)
        self.simulator_port = self._simulator_port()
        self.own_broker = settings.REDIS_URL in ("", embedded_broker.url(var))
        self.redis_url = embedded_broker.url(var) if self.own_broker else settings.REDIS_URL

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/"

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.simulator_port}/api/v2"

    # ── Ports ────────────────────────────────────────────────────────────────────────────────

    def _web_port(self, wanted: int) -> int:
        port = free_port(wanted)
        if port != wanted:
            self.say(f"Port {wanted} is taken by another program; using {port}.")
        return port

    def _simulator_port(self) -> int:
        """The one of the last start if it is free: the demo's provider is known by it."""
        note = self.var / "simulator.port"
        last = int(note.read_text()) if note.exists() else SIMULATOR_PORT
        port = free_port(last, but=self.port)
        note.write_text(str(port))
        return port

    # ── Processes ────────────────────────────────────────────────────────────────────────────

    def environment(self) -> dict[str, str]:
        return {
            "HALFPENNY_ENV": "demo",
            "HALFPENNY_VAR": str(self.var),
            "DEBUG": "0",
            "HTTPS": "0",
            "SQLITE_SYNCHRONOUS": "NORMAL",
            "REDIS_URL": self.redis_url,
            "PYTHONUNBUFFERED": "1",
            "WEB_BIND": f"{HOST}:{self.port}",
            "WEB_WORKERS": "1",
            "PUBLIC_URL": self.url,
        }

    def run(self) -> None:
        """Start everything, serve until asked to stop, end everything.

        Raises: ChildFailed, Stopped.
        """
        with Supervisor(
            folder=settings.BASE_DIR,
            logs=self.var / "log",
            environment=self.environment(),
            say=self.say,
        ) as supervisor:
            if self.own_broker:
                supervisor.start(self._broker())
            supervisor.run("migrate", manage("migrate", "--verbosity", "0"))
            supervisor.start(self._simulator())
            if self.data:
                self._seed(supervisor)
            for child in (self._web(), self._worker(), self._beat()):
                supervisor.start(child)
            self._welcome()
            supervisor.watch()
            self.say("\nStopping; the data stay, `make demo` goes on with them.")

    def _broker(self) -> Child:
        return Child(
            "broker",
            embedded_broker.command(self.var),
            ready=lambda: embedded_broker.is_running(self.var),
        )

    def _simulator(self) -> Child:
        place = ("--port", str(self.simulator_port), "--state", str(self.var / "simulator.journal"))
        # Another currency than the panel's, so that the exchange and the fee can be seen at work.
        pace = ("--minutes", ORDER_MINUTES, "--currency", "EUR")
        return Child(
            "simulator",
            manage("simulate_upstream", *place, *pace),
            ready=lambda: is_listening(self.simulator_port),
        )

    def _web(self) -> Child:
        command = python("-m", "gunicorn", "config.wsgi", "-c", "python:config.gunicorn")
        return Child("web", command, ready=lambda: answers(f"{self.url}healthz"))

    def _worker(self) -> Child:
        flags = ("--queues", "send,poll,default", "--concurrency", "3", "--loglevel", "INFO")
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        log = self.var / "log" / "worker.log"
        return Child(
            "worker",
            python("-m", "celery", "-A", "config", "worker", *flags, *quiet),
            ready=lambda: " ready." in log.read_text(errors="replace"),
        )

    def _beat(self) -> Child:
        return Child(
            "beat", python("-m", "celery", "-A", "config", "beat", "--pidfile=", "-l", "WARNING")
        )

    # ── Demo data ────────────────────────────────────────────────────────────────────────────

    def _seed(self, supervisor: Supervisor) -> None:
        """`seed_demo` fills an empty database; with data there it only says where upstream is."""
        if "seed_demo" not in get_commands():
            return
        unfinished(self.var).touch()
        command = manage("seed_demo", "--simulator-url", self.simulator_url)
        supervisor.run("seed", command, show=True)
        unfinished(self.var).unlink()

    def _welcome(self) -> None:
        self.say(f"\nHalfpenny is running: {self.url}\n")
        for login in logins(self.var):
            self.say(f"  {login['who']:<12} {login['email']:<28} {login['password']}")
        if not self.data:
            self.say("  An empty panel asks for a code: .venv/bin/python manage.py setup_code")
        logs = from_here(self.var / "log")
        self.say("\nE-mails are not sent but written into logs:")
        self.say(f"  {logs / 'web.log'}: codes of sign-ups, links for passwords")
        self.say(f"  {logs / 'worker.log'}: news of orders and payments, alerts")
        self.say("Ctrl-C stops it.")


# ── The start ────────────────────────────────────────────────────────────────────────────────


def start(port: int, *, reset: bool, data: bool, say: Callable[[str], None]) -> None:
    """Run the demo until it is asked to stop; without `data` it begins as an empty panel.

    Raises: Unstartable.
    """
    catalogs.compile_stale()
    var = settings.VAR
    var.mkdir(parents=True, exist_ok=True)
    with only_one(var):
        if reset or unfinished(var).exists():
            say("Starting anew." if reset else "The last start did not finish; starting anew.")
            empty(var)
        try:
            Demo(port, var, say, data).run()
        except Stopped:
            say("\nStopped.")
        except ChildFailed as error:
            raise Unstartable(str(error)) from error
        finally:
            embedded_broker.tidy(var)


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold the demo's lock, which ends with this process, however that ends.

    Raises: Unstartable, if another demo runs on the same data.
    """
    with (var / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unstartable(f"A demo is already running on {var}; stop it first.") from None
        yield


def empty(var: Path) -> None:
    """Forget everything a demo has made; keys and logs stay.

    Raises: Unstartable, if the data are in a database of yours.
    """
    if settings.DATABASES["default"].get("NAME") != str(var / "halfpenny.sqlite3"):
        raise Unstartable("The demo's data are in DATABASE_URL; empty that database yourself.")
    for name in ("halfpenny.sqlite3", "simulator.journal", "beat", "logins.json", "seeding"):
        for path in var.glob(f"{name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def unfinished(var: Path) -> Path:
    """A mark that is there while demo data are being made."""
    return var / "seeding"


def logins(var: Path) -> list[dict[str, str]]:
    """What `seed_demo` wrote for us to show: who, email, password."""
    path = var / "logins.json"
    return json.loads(path.read_text()) if path.exists() else []


# ── Small things ─────────────────────────────────────────────────────────────────────────────


def from_here(path: Path) -> Path:
    """The path as it is typed in this folder; whole where it is elsewhere."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def manage(*arguments: str) -> list[str]:
    return python("manage.py", *arguments)


def free_port(wanted: int, but: int = 0) -> int:
    """`wanted`, or the next port above it that nobody listens on.

    Raises: Unstartable, if there is none nearby.
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        if port == but:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise Unstartable(f"No free port from {wanted} to {wanted + PORTS_TRIED - 1}; give PORT=.")


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
