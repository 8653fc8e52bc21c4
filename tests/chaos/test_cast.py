"""What is killed comes again, what is stopped is ended all the same."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from config.supervisor import Child
from tests.chaos.cast import Cast
from tests.chaos.database import Database
from tests.support.servers import Cluster


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.1)


def is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_process_comes_again_and_a_stopped_one_is_not_left(tmp_path: Path) -> None:
    database = Database(Cluster(tmp_path, 1))
    logs = tmp_path / "log"
    with Cast(tmp_path, tmp_path, "", {}, logs=logs, database=database) as cast:
        child = Child("worker-0", ["sleep", "300"])
        cast.start(child)
        cast._keeper.start()
        assert child.process
        first = child.process.pid
        cast.kill("worker-0")
        wait_until(lambda: child.process is not None and child.process.pid != first)
        second = cast.stall("worker-0")
        assert is_there(second)

    assert (cast.kills, cast.stalls) == (1, 1)
    assert not is_there(first) and not is_there(second)


def test_a_process_is_traced_to_the_one_that_was_started(tmp_path: Path) -> None:
    database = Database(Cluster(tmp_path, 1))
    logs = tmp_path / "log"
    with Cast(tmp_path, tmp_path, "", {}, logs=logs, database=database) as cast:
        child = Child("worker-1", ["sleep", "300"])
        cast.start(child)
        assert child.process
        assert cast.worker_of(child.process.pid) == "worker-1"
        assert cast.worker_of(os.getpid()) == ""
