"""The panel's web as it is served: gunicorn with its own configuration, on loopback."""

import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.benchmarks import costs, stage
from tests.support.servers import free_port

WORKERS = 2
PATIENCE = 120.0


@dataclass(frozen=True)
class Web:
    """A gunicorn that answers."""

    process: subprocess.Popen[bytes]
    port: int

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def cpu(self) -> float:
        """Seconds that its processes have worked."""
        folders = [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]
        stats = {folder.name: costs._stat(folder) for folder in folders}
        own = str(self.process.pid)
        return sum(
            costs._spent(stat, 11, 12)
            for name, stat in stats.items()
            if stat and own in (name, stat[1])
        )


@contextmanager
def running() -> Iterator[Web]:
    """It serves the database that Django speaks to now."""
    port = free_port()
    environment = stage.environment(WEB_BIND=f"127.0.0.1:{port}", WEB_WORKERS=str(WORKERS))
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        web = Web(process, port)
        try:
            _await(web)
            yield web
        except BaseException:
            print(_faults_in(log), file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait(timeout=40)


def _faults_in(log: IO[bytes]) -> str:
    """What the web said of its own faults, without its lines of requests."""
    log.seek(0)
    lines = log.read().decode(errors="replace").splitlines()
    return "\n".join(line for line in lines if "[info" not in line)[-20_000:]


def _await(web: Web) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        assert web.process.poll() is None, "the web has ended"
        try:
            connection = web.connect()
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            assert time.monotonic() < deadline, "the web does not answer"
            time.sleep(0.2)
