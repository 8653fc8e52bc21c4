"""`demo`: from nothing to a running panel, and nothing left when it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from config import demo, embedded_broker
from tests.config.test_supervisor import eventually

pytestmark = pytest.mark.slow


def processes_in(var: Path) -> list[str]:
    """Command lines of processes that have this folder in their environment or arguments."""
    found = []
    # The broker writes its title over its environment; what stays there is its socket.
    marks = (str(var).encode(), str(embedded_broker.socket_path(var)).encode())
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            where = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
            if (
                any(mark in where for mark in marks)
                and (folder / "stat").read_text().split()[-50] != "Z"
            ):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it ended meanwhile, or is not ours
    return found


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "data of the demo"


@pytest.fixture
def panel(var: Path) -> Iterator["subprocess.Popen[str]"]:
    """A demo without data, started and waited for."""
    environment = {
        **os.environ,
        "HALFPENNY_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "HALFPENNY_ENV_FILE": os.devnull,
        "HALFPENNY_ENV": "demo",
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    # Ports of their own: two of these tests may run side by side.
    var.mkdir()
    (var / "simulator.port").write_text(str(unused_port()))
    command = [sys.executable, "manage.py", "demo", "--empty", "--port", str(unused_port())]
    with subprocess.Popen(
        command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=120)
            eventually(lambda: not embedded_broker.is_running(var))
            embedded_broker.tidy(var)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lines_until(process: "subprocess.Popen[str]", word: str) -> list[str]:
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError(f"it ended, having said: {lines}")


def address(lines: list[str]) -> str:
    return lines[-1].split()[-1]


def test_ctrl_c_ends_every_process(panel: "subprocess.Popen[str]", var: Path) -> None:
    url = address(lines_until(panel, "is running"))
    assert demo.answers(f"{url}readyz")
    for name in ("valkey", "simulate_upstream", "gunicorn", "celery -A config worker", "beat"):
        assert any(name in line for line in processes_in(var)), name
    panel.send_signal(signal.SIGINT)
    assert panel.wait(timeout=120) == 0
    assert processes_in(var) == []
    assert not embedded_broker.socket_path(var).parent.exists()


def test_a_killed_demo_leaves_no_process_behind(panel: "subprocess.Popen[str]", var: Path) -> None:
    lines_until(panel, "is running")
    assert len(processes_in(var)) > 5
    panel.kill()
    eventually(lambda: processes_in(var) == [])


def test_logs_are_named_as_they_are_typed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(demo.from_here(tmp_path / "var" / "log")) == "var/log"
    assert demo.from_here(tmp_path.parent / "log") == tmp_path.parent / "log"


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert demo.free_port(taken) > taken


def test_only_one_demo_runs_on_the_same_data(tmp_path: Path) -> None:
    with (
        demo.only_one(tmp_path),
        pytest.raises(demo.Unstartable, match="already running"),
        demo.only_one(tmp_path),
    ):
        pass
    with demo.only_one(tmp_path):
        pass  # the first one has ended


def test_starting_anew_keeps_the_keys_and_forgets_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "halfpenny.sqlite3"
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(database))
    for name in ("halfpenny.sqlite3", "halfpenny.sqlite3-wal", "simulator.journal", "beat.dat"):
        (tmp_path / name).touch()
    (tmp_path / "field_keys").touch()
    demo.empty(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["field_keys"]


def test_starting_anew_never_empties_a_database_of_yours(tmp_path: Path) -> None:
    with pytest.raises(demo.Unstartable, match="DATABASE_URL"):
        demo.empty(tmp_path)


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("demo", "--help")
    assert "--port" in capsys.readouterr().out
