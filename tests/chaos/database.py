"""The run's own PostgreSQL: killed, cut off from its clients, and stopped under one worker.

Each worker signs in as a role of its own, so that the sessions of one can be told from the others'.
"""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress

import psycopg

from tests.support.servers import Cluster

NAME = "halfpenny"
CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
IDLE = "SELECT pid FROM pg_stat_activity WHERE usename = %s AND state = 'idle'"
COMES_BACK_WITHIN = 60.0


class Database:
    """What is done to it from outside. All of these raise `psycopg.Error` while it is away."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self._stopped: set[int] = set()

    def create(self, roles: Iterable[str]) -> None:
        """The database, and who may sign in."""
        with self._connected("postgres") as own:
            own.execute(f'CREATE DATABASE "{NAME}"')
            for role in roles:
                own.execute(f'CREATE ROLE "{role}" SUPERUSER LOGIN')

    def address_of(self, role: str) -> str:
        """The database as this role signs in to it."""
        return self.cluster.url.replace("postgres@", f"{role}@")

    def cut(self) -> int:
        """End every connection; how many there were."""
        with self._connected() as own:
            row = own.execute(CUT).fetchone()
        return int(row[0]) if row else 0

    def stop_sessions(self, role: str) -> list[int]:
        """SIGSTOP the sessions of a role that are between two transactions, so that they hold no
        lock: whoever they serve waits at its next statement. What to `wake`."""
        with self._connected() as own:
            found = [int(row[0]) for row in own.execute(IDLE, [role]).fetchall()]
        self._stopped.update(found)
        return [pid for pid in found if _signal(pid, signal.SIGSTOP)]

    def wake(self, sessions: Iterable[int]) -> None:
        """SIGCONT those that are still there."""
        for pid in sessions:
            if pid in self._stopped:
                self._stopped.discard(pid)
                _signal(pid, signal.SIGCONT)

    def wake_all(self) -> None:
        """Before it is killed: a stopped session would keep the next server from starting."""
        self.wake(list(self._stopped))

    def wait_until_back(self) -> bool:
        """Whether it takes connections again within a time."""
        until = time.monotonic() + COMES_BACK_WITHIN
        while time.monotonic() < until:
            if self.cluster.is_ready():
                return True
            time.sleep(0.2)
        return False

    def _connected(self, name: str = NAME) -> psycopg.Connection:
        address = self.cluster.url.replace(f"/{NAME}", f"/{name}")
        return psycopg.connect(address, autocommit=True, connect_timeout=5)


def _signal(pid: int, number: signal.Signals) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
        return True
    return False
