"""A provider on loopback that plays recordings."""

import time
from collections.abc import Callable, Iterator

import pytest

from orders.upstream.account import Account
from orders.upstream.client import Client
from tests.upstream.recordings import KEY, recording
from tests.upstream.server import Script, Server, answering

Play = Callable[[str], Client]
Serve = Callable[..., tuple[Client, Server]]


@pytest.fixture(scope="session")
def _player() -> Iterator[Server]:
    with Server(answering(b"")) as server:
        yield server


@pytest.fixture
def play(_player: Server) -> Iterator[Play]:
    """A client of a provider that answers every request with the recording of that name."""
    clients = []

    def playing(name: str) -> Client:
        _player.script = answering(recording(name))
        clients.append(Client(Account(_player.url, KEY)))
        return clients[-1]

    yield playing
    for client in clients:
        client.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A client, and the server of its own that runs a script; `Account` options by name."""
    open_now: list[Client | Server] = []

    def serving(script: Script, **options: object) -> tuple[Client, Server]:
        server = Server(script).__enter__()
        client = Client(Account(server.url, KEY, **options))  # type: ignore[arg-type]
        open_now.extend([server, client])
        return client, server

    yield serving
    for each in open_now:
        each.__exit__(None, None, None)


@pytest.fixture
def soon() -> float:
    """A moment to send by that leaves time enough."""
    return time.monotonic() + 30
