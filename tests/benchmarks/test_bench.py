"""The benchmarks run, and what they measure is right: at a tiny size, whatever the time.

A build tries those that keep the books; `BENCH=1` tries all of them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import MODULES, page
from tests.benchmarks.figures import Figure, Size, table

ROOT = Path(__file__).resolve().parents[2]
TRIED = list(MODULES) if "BENCH" in os.environ else ["polling", "catalog", "placing", "api"]


def test_a_line_says_what_was_reached() -> None:
    found = [
        Figure(name="sweep", ours="9 a second", ratio=0.5, accept="30 %", met=True),
        Figure(name="list", ours="3 | 4 ms", baseline="1 ms", ratio=3.0, accept="1.5 ×", met=False),
        Figure(name="page", ours="2 ms", notes="by hand"),
    ]
    lines = table(found).splitlines()
    assert lines[2] == "| sweep | 9 a second |  | 0.5 | 30 % |  | yes | 1 |  |"
    assert "| 3 / 4 ms | 1 ms | 3 | 1.5 × |  | **no** |" in lines[3]
    assert "| page | 2 ms |  |  |  |  |  | 1 |  |" in lines[4]


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.parametrize("only", TRIED)
def test_every_figure_is_measured_and_right(only: str) -> None:
    size = ("--orders", "1200", "--rounds", "1", "--only", only)
    told = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *size],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    assert "A trial of" in told.stdout


@pytest.mark.services
@pytest.mark.django_db
def test_the_page_names_the_server_and_no_host() -> None:
    figure = Figure(name="sweep", ours="9 a second", notes="one after the other")
    written = page([figure], Size(), 600)
    assert "PostgreSQL 1" in written
    assert "- **sweep**: one after the other" in written
