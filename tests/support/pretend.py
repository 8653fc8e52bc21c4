"""A provider without a wire: answers and trouble are set by the test."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import pytest


class PretendClient:
    """Answers from `replies`, by the id asked about; `trouble` may raise instead.

    `requests` holds the action and the ids of every request, in order.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, list[str]]] = []
        self.replies: dict[str, Any] = {}
        self.trouble: Callable[[Sequence[str]], None] = lambda ids: None
        self._lock = Lock()

    def statuses(self, ids: Sequence[str]) -> dict[str, Any]:
        return self._answer("status", ids)

    def refill_statuses(self, ids: Sequence[str]) -> dict[str, Any]:
        return self._answer("refill_status", ids)

    def refills(self, ids: Sequence[str], *, send_before: float) -> dict[str, Any]:
        return self._answer("refill", ids)

    def refill(self, id: str, *, send_before: float) -> Any:
        return self._answer("refill", [id])[id]

    def cancel(self, ids: Sequence[str], *, send_before: float) -> dict[str, Any]:
        return self._answer("cancel", ids)

    def _answer(self, action: str, ids: Sequence[str]) -> dict[str, Any]:
        with self._lock:
            self.requests.append((action, list(ids)))
        self.trouble(ids)
        return {id: self.replies[id] for id in ids if id in self.replies}

    def __enter__(self) -> "PretendClient":
        return self

    def __exit__(self, *_: object) -> None: ...

    @property
    def asked(self) -> list[list[str]]:
        """The ids of every request."""
        return [ids for _, ids in self.requests]


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> PretendClient:
    """Stands in for every provider."""
    client = PretendClient()
    monkeypatch.setattr("orders.connections.client_for", lambda provider: client)
    return client
