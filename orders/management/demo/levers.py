"""The simulator's levers: its clock, its faults, its pace."""

import json
import urllib.request
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit


class Levers:
    """Moves the pretend provider behind an API address."""

    def __init__(self, api_url: str):
        parts = urlsplit(api_url)
        self._origin = f"{parts.scheme}://{parts.netloc}/_sim"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def clock(self, at: datetime | None) -> None:
        """Stop its clock at a moment; None lets it run again."""
        self._pull("clock", {"at": at and at.isoformat()})

    def pace(self, **pace: float) -> None:
        """`speed=1` or `minutes=4` for the orders accepted from now on."""
        self._pull("pace", pace)

    def faults(self, **shares: Any) -> None:
        """Shares of calls or orders that go wrong."""
        self._pull("faults", shares)

    def rates(self, factor: str, services: list[int]) -> None:
        """Let some rates rise."""
        self._pull("rates", {"factor": factor, "services": services})

    def balance(self, amount: str) -> None:
        """Top the account up."""
        self._pull("balance", {"amount": amount})

    def _pull(self, lever: str, values: dict[str, Any]) -> None:
        request = urllib.request.Request(
            f"{self._origin}/{lever}",
            json.dumps(values).encode(),
            {"Content-Type": "application/json"},
        )
        with self._opener.open(request, timeout=10) as response:
            response.read()
