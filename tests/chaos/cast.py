"""The processes of the panel: started, killed, stopped, and started again."""

import os
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from config import embedded_broker
from config.demo import answers, manage, python
from config.supervisor import Child, ChildFailed, Supervisor
from tests.chaos.database import Database
from tests.chaos.plan import WORKERS

DATABASE = "database"
CONCURRENCY = 2
READY_WITHIN = 90.0
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


class Cast(Supervisor):
    """Database, broker, web, workers and beat. Leaving it ends them all, whatever their state.

    What is killed comes again after a second: a keeper in a thread of its own sees to that.
    """

    def __init__(
        self,
        root: Path,
        var: Path,
        web: str,
        environment: Mapping[str, str],
        *,
        logs: Path,
        database: Database,
    ):
        super().__init__(folder=root, logs=logs, environment=environment, say=lambda _: None)
        self.var, self.web, self.database = var, web, database
        self.kills = self.stalls = 0
        self._keeper = threading.Thread(target=self.watch, name="keeper")

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for child in self.children:
            self._signal(child, signal.SIGCONT)
            if child.process is not None and child.name != DATABASE:
                child.process.terminate()  # all at once; below each is waited for
        self.database.wake_all()
        super().__exit__(*error)

    @property
    def stopping(self) -> threading.Event:
        """Set when somebody asks to end."""
        return self._stop

    def pause(self, seconds: float) -> None:
        """Wait; raises `Stopped` when somebody asks to end meanwhile."""
        self._wait(max(seconds, 0.0))

    # ── Starting ─────────────────────────────────────────────────────────────────────────────

    def start_database(self) -> None:
        """PostgreSQL, with an empty database. Raises `ChildFailed`, `Stopped`."""
        cluster = self.database.cluster
        self.start(Child(DATABASE, cluster.command, cluster.is_ready))
        self.database.create(_workers())

    def migrate(self) -> None:
        """Make the tables. Raises `ChildFailed`, `Stopped`."""
        self.run("migrate", manage("migrate", "--verbosity", "0"))

    def start_broker(self) -> None:
        """The broker alone: the others look for it when they begin."""
        command = embedded_broker.command(self.var)
        ready = lambda: embedded_broker.is_running(self.var)  # noqa: E731
        self.start(Child("broker", command, ready))

    def start_others(self) -> None:
        """Workers, beat and web; from now on what dies comes again.

        Raises `ChildFailed`, `Stopped`.
        """
        flags = ("--queues", "send,poll,default", "--concurrency", str(CONCURRENCY), "-l", "INFO")
        for name in _workers():
            signs_in = ["env", f"DATABASE_URL={self.database.address_of(name)}"]
            work = celery("worker", "-n", f"{name}@%h", *flags, *QUIET)
            self.start(Child(name, [*signs_in, *work]))
        self.start(Child("beat", celery("beat", "--pidfile=", "-l", "WARNING")))
        for name in _workers():
            self._await_ready(name)
        gunicorn = python("-m", "gunicorn", "config.wsgi", "-c", "python:config.gunicorn")
        self.start(Child("web", gunicorn, ready=lambda: answers(f"{self.web}/healthz")))
        self._keeper.start()

    def _await_ready(self, worker: str) -> None:
        """Wait until a worker takes tasks; all of them start at once."""
        child, until = self._child(worker), time.monotonic() + READY_WITHIN
        while " ready." not in self.log_file(worker).read_text(errors="replace"):
            gone = child.process is None or child.process.poll() is not None
            if gone or time.monotonic() > until:
                raise ChildFailed(f"{worker} did not start; {self.log_file(worker)} says why.")
            self._wait(0.2)

    # ── Mischief ─────────────────────────────────────────────────────────────────────────────

    def kill(self, name: str) -> None:
        """kill -9 a process and its children; it comes again."""
        child = self._child(name)
        child.deaths = 0  # or it would stay away longer each time
        if name == DATABASE:
            self.database.wake_all()
        self.kills += self._signal(child, signal.SIGKILL)

    def stall(self, name: str) -> int:
        """SIGSTOP a process and its children; the group to `wake`, 0 if it was not there."""
        process = self._child(name).process
        if process is None or not self._signal(self._child(name), signal.SIGSTOP):
            return 0
        self.stalls += 1
        return process.pid

    def wake(self, group: int) -> None:
        """SIGCONT, if it has not been killed meanwhile."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGCONT)

    def worker_of(self, pid: int) -> str:
        """The worker that a process belongs to; "" for one that is gone or somebody else's."""
        with suppress(ProcessLookupError):
            group = os.getpgid(pid)
            for child in self.children:
                if child.process is not None and child.process.pid == group:
                    return child.name
        return ""

    def _child(self, name: str) -> Child:
        return next(child for child in self.children if child.name == name)

    def _signal(self, child: Child, number: signal.Signals) -> bool:
        process = child.process
        if process is None or process.poll() is not None:
            return False
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
            return True
        return False


def _workers() -> list[str]:
    return [f"worker-{number}" for number in range(WORKERS)]


def celery(*words: str) -> list[str]:
    """A Celery command of this panel."""
    return python("-m", "celery", "-A", "config", *words)
