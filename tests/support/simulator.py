"""The simulator for tests: `RunningSimulator`, and the fixture `simulator`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from orders.upstream.simulator.__main__ import start
from orders.upstream.simulator.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


class RunningSimulator:
    """A provider that listens at `url` and accepts `key` from the moment it is made.

    A thread of this process, or with `process=True` a process of its own that can be killed.
    Other arguments are the options of `simulate_upstream` (`services=20`, `minutes=1`, ...).
    """

    def __init__(self, *, process: bool = False, **options: Any):
        self.key = options.setdefault("key", Settings.key)
        self.options = options
        self.process: subprocess.Popen[str] | None = None
        if process:
            self.process, self.origin = _spawn(options)
        else:
            self._simulator = start({"port": 0, **options})
            self.origin = self._simulator.origin
        self.url = f"{self.origin}/api/v2"

    # Its log and its levers

    def log(self) -> list[dict[str, Any]]:
        """Every accepted `add`, in order."""
        return self._control("GET", "log")

    def calls(self, action: str = "") -> list[dict[str, Any]]:
        """The last 1000 calls (of one action), each with its number of `ids`."""
        last = self._control("GET", "calls")["last"]
        return [call for call in last if action in ("", call["action"])]

    def counts(self) -> dict[str, int]:
        """How many calls there were of each action."""
        return self._control("GET", "calls")["counts"]

    def faults(self, **specs: Any) -> dict[str, Any]:
        """`timeout_after=1`, `html_502_before={"next": 2, "action": "add"}`, `clear=True` ..."""
        return self._control("POST", "faults", specs)

    def set_clock(self, at: datetime | None) -> None:
        """Stop its clock at a moment; None lets it go on in real time."""
        self._control("POST", "clock", {"at": at and at.isoformat()})

    def set_order(self, order_id: int | str, **values: Any) -> dict[str, Any]:
        """Force `status`, `remains`, `start_count`, `charge`; None lets go again."""
        return self._control("POST", f"orders/{order_id}", values)

    def order(self, order_id: int | str) -> dict[str, Any]:
        """All that is known of one order."""
        return self._control("GET", f"orders/{order_id}")

    def set_service(self, service_id: int | str, **values: Any) -> None:
        """`gone=True`, `disabled=True`, `rate="1.20"`, `min`, `max`, `name`, `type`, ..."""
        self._control("POST", f"services/{service_id}", values)

    def set_balance(self, amount: Decimal | int | str) -> None:
        self._control("POST", "balance", {"amount": str(amount)})

    def set_rates(self, factor: Decimal | int | str, services: list[int] | None = None) -> None:
        """Rates are `factor` times what they were at first."""
        self._control("POST", "rates", {"factor": str(factor), "services": services})

    def set_pace(self, *, speed: float = 1, minutes: float | None = None) -> None:
        """How fast orders go that are accepted from now on."""
        self._control("POST", "pace", {"speed": speed, "minutes": minutes})

    def reset(self) -> None:
        """As if it had just been started, without faults."""
        self._control("POST", "reset")

    def call(self, action: str, **params: Any) -> Any:
        """One API call with the right key, without the client under test."""
        body = urlencode({"key": self.key, "action": action, **params})
        return self._request("POST", "/api/v2", body, "application/x-www-form-urlencoded")

    # Coming and going

    def refuse(self, seconds: float = 600) -> None:
        """Connections are refused, as if it were not running, until `accept` or for a while."""
        if self.process is None:
            self._simulator.refuse()
        else:
            self._control("POST", "faults", {"refuse_connection": {"seconds": seconds}})

    def accept(self) -> None:
        """Listen again after `refuse` (in a thread; a process listens when its time is over)."""
        self._simulator.accept()

    def kill(self) -> None:
        """kill -9 (a process only)."""
        assert self.process
        self.process.kill()
        self.process.communicate()

    def stop(self) -> None:
        """End it and wait until it is gone."""
        if self.process is None:
            self._simulator.stop()
        elif self.process.poll() is None:
            self.process.terminate()
            self.process.communicate(timeout=10)

    def __enter__(self) -> "RunningSimulator":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _control(self, method: str, path: str, values: Any = None) -> Any:
        body = None if values is None else json.dumps(values)
        return self._request(method, f"/_sim/{path}", body, "application/json")

    def _request(self, method: str, path: str, body: str | None, content: str) -> Any:
        connection = HTTPConnection(urlsplit(self.origin).netloc, timeout=30)
        try:
            connection.request(method, path, body, {"Content-Type": content})
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if path.startswith("/_sim") and response.status != 200:
            raise AssertionError(answer["error"])
        return answer


def _spawn(options: dict[str, Any]) -> tuple[subprocess.Popen[str], str]:
    """A process, and where it listens once it is ready."""
    words = [sys.executable, "-m", "orders.upstream.simulator"]
    for name, value in {"port": 0, **options}.items():
        words += _words(f"--{name.replace('_', '-')}", value)
    process = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    line = process.stdout.readline()
    if "ready at " not in line:
        process.kill()
        process.communicate()
        raise AssertionError("The simulator did not start.")
    return process, line.split("ready at ")[1].split("/api/")[0]


def _words(option: str, value: Any) -> list[str]:
    if value is True:
        return [option]
    if isinstance(value, dict):
        value = ",".join(f"{name}={figure}" for name, figure in value.items())
    return [] if value is None or value is False else [option, str(value)]


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    """A fresh simulator in a thread."""
    with RunningSimulator() as running:
        yield running
