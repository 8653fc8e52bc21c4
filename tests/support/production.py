"""Production's processes without Docker: the commands that the Compose file and the image name,
with production's settings, on this machine's PostgreSQL and Redis."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml
from cryptography.fernet import Fernet

from tests.support.databases import Database
from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
HOST = "panel.example.com"
PROGRAMS = Path(sys.executable).parent
PATIENCE = 240.0


def compose() -> dict[str, Any]:
    """The services of the Compose file."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert isinstance(services, dict)
    return services


def command_of(service: str) -> list[str]:
    """What runs in a service's container: its own command, or the image's."""
    words = compose()[service].get("command") or _image_command()
    return [_with_defaults(word) for word in words]


def check_of(service: str) -> list[str]:
    """The command that tells whether a service's container is healthy."""
    kind, *words = compose()[service]["healthcheck"]["test"]
    shell = ["sh", "-c"] if kind == "CMD-SHELL" else []
    return [*shell, *(word.replace("$$", "$") for word in words)]


def _image_command() -> list[str]:
    (found,) = re.findall(r"(?m)^CMD (\[.+\])$", (ROOT / "Dockerfile").read_text())
    words = json.loads(found)
    assert isinstance(words, list)
    return words


def _with_defaults(word: str) -> str:
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", word)


@dataclass
class Process:
    """One of the processes, leader of a group of its own, and what it wrote."""

    process: subprocess.Popen[bytes]
    log: Path

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, words: str) -> bool:
        assert self.process.poll() is None, f"it ended:\n{self.output()[-3000:]}"
        return words in self.output()

    def ask_to_stop(self, *, whole_group: bool = False) -> None:
        """SIGTERM to the leader alone, as containers are stopped, or to everybody."""
        send = os.killpg if whole_group else os.kill
        send(self.process.pid, signal.SIGTERM)

    def wait(self, seconds: float = PATIENCE) -> int:
        return self.process.wait(timeout=seconds)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Production:
    """One panel in production's shape; `var` holds its static files, its schedule and its logs."""

    var: Path
    database: Database
    redis_url: str
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(64))
    field_keys: str = field(default_factory=lambda: Fernet.generate_key().decode())
    prefix: str = field(default_factory=lambda: f"halfpenny-{secrets.token_hex(4)}:")
    errors: list[str] = field(default_factory=list)
    """What commands wrote to their standard error, where their logs go."""

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG")}
        own = {
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
            "HALFPENNY_ENV": "production",
            "HALFPENNY_ENV_FILE": os.devnull,
            "HALFPENNY_VAR": str(self.var),
            "STATIC_ROOT": str(self.var / "public"),
            "SECRET_KEY": self.secret_key,
            "FIELD_KEYS": self.field_keys,
            "ALLOWED_HOSTS": HOST,
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.redis_url,
            "BROKER_PREFIX": self.prefix,
            "TRUSTED_PROXIES": "1",
            "PRIVATE_PROVIDERS": "1",  # the pretend one is on this machine
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "HOSTNAME": "ours",
        }
        return kept | own | self.more

    def build(self) -> None:
        """What the image's build does, and the step that Compose runs before the others."""
        self.manage("collectstatic", "--noinput")
        self._run(command_of("migrate"))

    def manage(self, *words: str) -> str:
        return self._run(["python", "manage.py", *words])

    def said(self, *words: str) -> Any:
        """What a command prints for programs."""
        return json.loads(self.manage(*words, "--json"))

    def healthy(self, service: str) -> bool:
        """What the container's health check says, of this machine's addresses and folders."""
        here = {"127.0.0.1:8000": f"127.0.0.1:{self.port}", "/var/lib/halfpenny": str(self.var)}
        words = check_of(service)
        for there, ours in here.items():
            words = [word.replace(there, ours) for word in words]
        return self._spawn(words, subprocess.DEVNULL).wait(timeout=PATIENCE) == 0

    @contextmanager
    def running(self, *services: str) -> Iterator[dict[str, Process]]:
        """Some of web, worker and beat, ready; killed at the end if they are still there."""
        with ExitStack() as stack:
            started = {}
            for name in services:
                started[name] = self.start(name)
                stack.callback(started[name].kill)
            yield started

    def start(self, service: str) -> Process:
        """One process, ready for work."""
        command = command_of(service)
        if service == "worker":  # several on one machine are told apart by their names
            command += ["--hostname=celery@ours"]
        log = self.var / f"{service}-{secrets.token_hex(3)}.log"
        with log.open("wb") as output:
            started = Process(self._spawn(command, output), log)
        try:
            wait_until(lambda: self._is_ready(service, started), f"{service} to start")
        except BaseException:
            started.kill()
            raise
        return started

    def _is_ready(self, service: str, started: Process) -> bool:
        if service == "web":
            return started.says("Listening at") and self._answers()
        return started.says({"worker": " ready.", "beat": "beat: Starting"}[service])

    def _answers(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def request(self, method: str, path: str, **more: Any) -> requests.Response:
        """What the reverse proxy passes on."""
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        headers |= more.pop("headers", {})
        url = f"http://127.0.0.1:{self.port}{path}"
        more = {"timeout": 120, "allow_redirects": False, **more}
        return requests.request(method, url, headers=headers, **more)

    def logs(self) -> str:
        """Everything that its processes and commands have logged so far."""
        files = sorted(self.var.glob("*.log"))
        return "\n".join([*(file.read_text(errors="replace") for file in files), *self.errors])

    def call(self, key: str, action: str, **values: Any) -> Any:
        """One call of the customers' API."""
        form = {"key": key, "action": action, **values}
        return self.request("POST", "/api/v2", data=form).json()

    def _run(self, words: list[str]) -> str:
        ended = subprocess.run(
            words,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        self.errors.append(ended.stderr)
        assert ended.returncode == 0, f"{words}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}"
        return ended.stdout

    def _spawn(self, words: list[str], output: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            words,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def wait_until(true: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """What `true` returns, as soon as it is something; fails after a while."""
    give_up = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < give_up, f"waited for {what}"
        time.sleep(0.3)  # a look may be a call of the panel's
    return found
