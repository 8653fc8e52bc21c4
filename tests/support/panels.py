"""A whole panel for tests: its own database, its commands, its pages in a process of their own."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Panel:
    """One panel on SQLite, without Redis, with all its data in `var`."""

    var: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "HALFPENNY_ENV": "test",
            "HALFPENNY_ENV_FILE": os.devnull,
            "HALFPENNY_VAR": str(self.var),
            "SQLITE_SYNCHRONOUS": "OFF",
        }

    def said(self, command: str, *words: str) -> Any:
        """What a command prints for programs."""
        return json.loads(self.run(command, *words, "--json"))

    def run(self, command: str, *words: str) -> str:
        ended = subprocess.run(
            [sys.executable, "manage.py", command, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What stands in its database."""
        with sqlite3.connect(self.var / "halfpenny.sqlite3") as database:
            return database.execute(query, values).fetchall()

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its web process; yields its origin."""
        origin = f"127.0.0.1:{free_port()}"
        with (self.var / "web.log").open("wb") as log:
            web = subprocess.Popen(
                [sys.executable, "manage.py", "runserver", origin, "--noreload"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        try:
            _wait_for(f"http://{origin}/healthz", web)
            yield f"http://{origin}"
        finally:
            web.terminate()
            web.wait(timeout=20)


def _wait_for(url: str, web: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        assert web.poll() is None, "the web process ended"
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        assert time.monotonic() < end, "the web process did not start"
        time.sleep(0.2)
