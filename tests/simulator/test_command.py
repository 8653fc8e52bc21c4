"""`simulate_upstream`, by itself and under manage.py."""

import ast
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from orders.management.commands.simulate_upstream import Command
from tests.support.simulator import ROOT, RunningSimulator


def test_a_taken_port_is_one_clear_line_and_a_failure() -> None:
    with RunningSimulator() as running:
        port = str(urlsplit(running.origin).port)
        words = [sys.executable, "-m", "orders.upstream.simulator", "--port", port]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"Port {port} on 127.0.0.1 is taken. Give another with --port.\n"


@pytest.mark.parametrize(
    "words",
    [["--faults", "gremlins=1"], ["--balance", "NaN"], ["--speed", "0"],
     ["--speed", "2", "--minutes", "2"]],
)  # fmt: skip
def test_a_senseless_option_is_refused(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "orders.upstream.simulator", "--port", "0", *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert words[0] in done.stderr


def test_the_management_command_takes_the_same_options() -> None:
    parser = Command().create_parser("manage.py", "simulate_upstream")
    options = parser.parse_args(["--port", "1", "--faults", "partial=0.1", "--minutes", "2"])
    assert options.faults == {"partial": {"probability": "0.1", "action": ""}}
    assert (options.services, options.minutes, options.speed) == (300, 2.0, None)


def test_a_process_takes_its_options() -> None:
    options = {"services": 120, "key": "k", "balance": "7.25", "currency": "EUR"}
    with RunningSimulator(process=True, faults={"rate_limit@add": 1}, **options) as running:
        assert running.call("balance") == {"balance": "7.25", "currency": "EUR"}
        assert len(running.call("services")) == 120
        assert running.call("add")["error"] == "Rate limit exceeded"


def test_it_shares_no_code_with_anything() -> None:
    for path in (ROOT / "orders/upstream/simulator").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level != 1:
                names = {str(node.module).partition(".")[0]}
            else:
                continue
            assert names <= sys.stdlib_module_names, f"{path.name}: {names}"
