"""The supervisor: starts in order, keeps alive, and leaves nothing behind however it ends."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from config.supervisor import Child, ChildFailed, Supervisor

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); "
    "time.sleep(60)"
)
PARENT = "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); time.sleep(60)"


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


def eventually(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def group_is_gone(group: int) -> bool:
    found = subprocess.run(["pgrep", "-g", str(group), "-r", "RSD"], capture_output=True, text=True)
    return not found.stdout


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    with Supervisor(folder=tmp_path, logs=tmp_path / "log", environment={}, say=said.append) as s:
        yield s


def test_a_child_that_ignores_the_request_to_end_is_ended(supervisor: Supervisor) -> None:
    child = Child("stubborn", python(STUBBORN), grace=0.2)
    supervisor.start(child)
    assert child.process
    group = child.process.pid
    eventually(lambda: "up" in supervisor.log_file("stubborn").read_text())
    supervisor.__exit__(None, None, None)
    assert group_is_gone(group)


def test_what_a_child_started_ends_with_it(supervisor: Supervisor) -> None:
    child = Child("parent", python(PARENT))
    supervisor.start(child)
    assert child.process
    group = child.process.pid
    eventually(lambda: len(_members(group)) == 2)
    supervisor.__exit__(None, None, None)
    assert group_is_gone(group)


def _members(group: int) -> list[str]:
    found = subprocess.run(["pgrep", "-g", str(group)], capture_output=True, text=True)
    return found.stdout.split()


def test_a_child_that_dies_is_reported_and_started_again_later(
    supervisor: Supervisor, said: list[str]
) -> None:
    child = Child("mortal", python("import time; time.sleep(60)"))
    supervisor.start(child)
    assert child.process
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    supervisor._look_after(child, 100.0)
    assert "mortal ended (signal SIGKILL); starting it again in 1 s" in said[0]
    supervisor._look_after(child, 100.5)
    assert child.process is None
    supervisor._look_after(child, 101.0)
    assert child.process is not None


def test_each_death_doubles_the_pause_up_to_a_limit(supervisor: Supervisor) -> None:
    child = Child("mortal", python("pass"))
    pauses = []
    for _ in range(8):
        process = supervisor._spawn(child)
        process.wait()
        child.started_at = 0.0
        supervisor._look_after(child, 0.0)
        pauses.append(child.restart_at)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_child_that_never_gets_ready_is_a_failure_that_names_its_log(
    supervisor: Supervisor,
) -> None:
    child = Child("silent", python("pass"), ready=lambda: False)
    with pytest.raises(ChildFailed, match=r"silent did not start; .*silent\.log"):
        supervisor.start(child)


def test_a_failing_step_stops_the_start(supervisor: Supervisor) -> None:
    with pytest.raises(ChildFailed, match="migrate failed"):
        supervisor.run("migrate", python("raise SystemExit(3)"))


SCRIPT = """
    import sys
    from pathlib import Path
    from config.supervisor import Child, Supervisor
    with Supervisor(folder=Path({folder!r}), logs=Path({folder!r}), environment={{}}) as supervisor:
        for number in range(3):
            child = Child(f"child{{number}}", [sys.executable, "-c", "import time; time.sleep(60)"])
            supervisor.start(child)
            print(child.process.pid, flush=True)
        supervisor.watch()
        print("ending", flush=True)
"""


@pytest.fixture
def manager(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A supervisor in a process of its own, with three children."""
    code = textwrap.dedent(SCRIPT).format(folder=str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR
    ) as process:
        yield process
        process.kill()


def _groups(manager: "subprocess.Popen[str]") -> list[int]:
    assert manager.stdout
    return [int(manager.stdout.readline()) for _ in range(3)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_child_in_order(
    manager: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    groups = _groups(manager)
    manager.send_signal(number)
    assert manager.wait(timeout=60) == 0
    assert all(group_is_gone(group) for group in groups)


def test_a_killed_supervisor_leaves_no_child_behind(manager: "subprocess.Popen[str]") -> None:
    groups = _groups(manager)
    assert not any(group_is_gone(group) for group in groups)
    manager.kill()
    manager.wait(timeout=60)
    eventually(lambda: all(group_is_gone(group) for group in groups))
