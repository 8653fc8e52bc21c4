"""A session of one worker is stopped without hindering the others, and a kill is survived."""

import signal
import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests.chaos.database import NAME, Database
from tests.support.servers import cluster, ended, wait_for

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def running() -> Iterator[Database]:
    with cluster("fsync=off") as own, ended(own.command, own.folder / "log", signal.SIGINT):
        wait_for(own.is_ready, own.folder / "log")
        made = Database(own)
        made.create(["worker-0", "worker-1"])
        yield made
        made.wake_all()


@pytest.fixture
def database(running: Database) -> Iterator[Database]:
    yield running
    running.wake_all()


def signed_in(database: Database, role: str) -> psycopg.Connection:
    address = database.address_of(role)
    assert address.endswith(f"/{NAME}")
    return psycopg.connect(address, autocommit=True, connect_timeout=5)


def test_a_stopped_session_waits_and_goes_on(database: Database) -> None:
    with signed_in(database, "worker-0") as hung, signed_in(database, "worker-1") as other:
        sessions = database.stop_sessions("worker-0")
        answered = threading.Event()

        def ask() -> None:
            hung.execute("SELECT 1")
            answered.set()

        asking = threading.Thread(target=ask)
        asking.start()
        assert len(sessions) == 1
        assert not answered.wait(0.5)
        assert other.execute("SELECT 1").fetchone() == (1,)
        database.wake(sessions)
        asking.join(timeout=10)
        assert answered.is_set()


def test_a_session_within_a_transaction_is_let_be(database: Database) -> None:
    with signed_in(database, "worker-0") as busy, busy.transaction():
        busy.execute("SELECT 1")
        assert database.stop_sessions("worker-0") == []


def test_every_connection_is_cut_but_its_own(database: Database) -> None:
    with signed_in(database, "worker-0") as one, signed_in(database, "worker-1"):
        assert database.cut() == 2
        with pytest.raises(psycopg.OperationalError):
            one.execute("SELECT 1")
