"""Every figure of `docs/benchmarks.md`, measured: `make bench [ORDERS=] [ROUNDS=] [ONLY=]`.

On the PostgreSQL that DATABASE_URL names (`.ci/services.py` starts one), in databases of its own.
Each figure checks that its result is right; none is a timed pass or fail. A whole run at full size
writes the page anew.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import django

from tests.benchmarks.figures import Figure, Size, explained, head, row, table

MODULES = {
    "polling": "tests.benchmarks.polling",
    "lists": "tests.benchmarks.order_lists",
    "api": "tests.benchmarks.api_status",
    "catalog": "tests.benchmarks.catalog_sync",
    "placing": "tests.benchmarks.placing",
    "live": "tests.benchmarks.live_pages",
    "report": "tests.benchmarks.report_year",
    "scale": "tests.benchmarks.scale",
}
"""What ONLY= may name -> the module whose `figures(size)` yields its lines."""

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
WHOLE = Size()


def main(argv: list[str]) -> None:
    size = _size(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.benchmarks import stage

    began = time.monotonic()
    print(head(), flush=True)
    try:
        found = []
        for figure in _figures(size):
            found.append(figure)
            print(row(figure), flush=True)
        seconds = time.monotonic() - began
        text = page(found, size, seconds)
    finally:
        stage.clear()
    if size.orders == WHOLE.orders and not size.only:
        PAGE.write_text(text)
        print(f"{PAGE.name} is written, after {seconds:.0f} s.")
    else:
        print(f"\n{explained(found)}\n\nA trial of {seconds:.0f} s: {PAGE.name} stays as it is.")


def _size(argv: list[str]) -> Size:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=WHOLE.orders)
    parser.add_argument("--rounds", type=int, default=WHOLE.rounds)
    parser.add_argument("--only", choices=sorted(MODULES), default="")
    given = parser.parse_args(argv)
    return Size(given.orders, given.rounds, given.only)


def _figures(size: Size) -> Iterator[Figure]:
    for name, module in MODULES.items():
        if size.only in ("", name):
            yield from import_module(module).figures(size)


def page(figures: list[Figure], size: Size, seconds: float) -> str:
    """The page with these figures."""
    return f"""# Benchmarks

Written by `make bench` on {datetime.now(UTC):%d %B %Y}: {size.orders:,} orders, medians of
{size.rounds} rounds where a line says no other, {seconds / 60:.0f} minutes in all.
{os.cpu_count()} CPUs, Python {platform.python_version()}, PostgreSQL {_server()}.

Ours and the baseline were measured in turn, in the same run, on the
same rows, and each result was checked. `make bench ONLY=polling ORDERS=20000` is a trial that
leaves this page as it is. The baselines stand in `tests/benchmarks/`.

{table(figures)}

CPU is in seconds of the median round, those of PostgreSQL's processes included, unless a line says
otherwise. What a larger panel needs is in [scale](scale.md).

## How each is measured

{explained(figures)}
"""


def _server() -> str:
    from django.db import connection

    told = {}
    with connection._nodb_cursor() as cursor:
        for name in ("server_version", "shared_buffers", "max_wal_size"):
            cursor.execute(f"SHOW {name}")
            told[name] = str(cursor.fetchone()[0])
    version = told.pop("server_version").split()[0]
    return version + "".join(f", `{name} = {value}`" for name, value in told.items())


if __name__ == "__main__":
    main(sys.argv[1:])
