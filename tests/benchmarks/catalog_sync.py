"""Reading a provider's catalog again, and writing it down the usual way."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from django.utils import timezone

from orders import catalog
from orders.enums import SyncOutcome
from orders.models import Offer, Provider, Service
from tests.benchmarks import costs, stage
from tests.benchmarks.catalog import _name
from tests.benchmarks.costs import Cost
from tests.benchmarks.figures import Figure, Size
from tests.support import factories

SERVICES = 10_000
CHANGED = 200
FIELDS = ["name", "category", "type_name", "service_type", "rate", "least", "most"]
FIELDS += ["refill", "cancel", "dripfeed"]


def figures(size: Size) -> Iterator[Figure]:
    """A first import, a reading with other bytes of the same, and one with some rates changed."""
    count, rounds = size.of(SERVICES, 300), max(size.rounds, 3)
    with stage.database("catalog"), _provider() as (provider, file):
        rows = [_row(n) for n in range(count)]
        first = _synced(provider, file, rows, SyncOutcome.CHANGED)
        assert Service.objects.count() == count
        with stage.unhurried() as cursor:
            cursor.execute("ANALYZE")  # as the database's own upkeep has, ten minutes later
        quick, usual = [], []
        for _ in range(rounds):
            rows = [dict(reversed(row.items())) for row in rows[1:] + rows[:1]]
            quick.append(_synced(provider, file, rows, SyncOutcome.UNCHANGED))
            usual.append(costs.spent(lambda: upserted(provider)))
            _check(rows)
        yield _unchanged(count, quick, usual)
        changed = []
        for turn in range(rounds):
            for row in rows[:: max(count // CHANGED, 1)]:
                row["rate"] = f"{Decimal(row['rate']) + Decimal('0.0001') * (turn + 1)}"
            changed.append(_synced(provider, file, rows, SyncOutcome.CHANGED))
        several = len(rows[:: max(count // CHANGED, 1)])
        yield _reported(f"Catalog sync of {count:,} services, {several} changed", changed)
        yield _reported(f"Catalog, first import of {count:,} services", [first])


def _unchanged(count: int, quick: list[Cost], usual: list[Cost]) -> Figure:
    ours, theirs = (statistics.median(one.wall for one in runs) for runs in (quick, usual))
    cpu = " against ".join(
        f"{statistics.median(one.own for one in runs):.2f}"
        f" + {statistics.median(one.server for one in runs):.2f} s"
        for runs in (quick, usual)
    )
    return Figure(
        name=f"Catalog sync of {count:,} services, nothing changed, other bytes, against"
        " `bulk_create(update_conflicts)`",
        ours=f"{ours:.3f} s",
        baseline=f"{theirs:.3f} s",
        ratio=ours / theirs,
        accept="1/8",
        aim="1/12",
        met=ours / theirs <= 1 / 8,
        rounds=len(quick),
        cpu=cpu,
        notes=(
            "Both fetch the list from a process of this machine, read it and leave the same rows."
            " The other bytes are another order of rows and keys. The baseline is requests, the"
            " stock JSON and batches of 1,000; ours knows the content by its digest, measures the"
            " costs against what was accepted and writes when it was read."
        ),
    )


def _reported(name: str, runs: list[Cost]) -> Figure:
    middle = sorted(runs, key=lambda one: one.wall)[(len(runs) - 1) // 2]
    return Figure(
        name=name,
        ours=f"{middle.wall:.2f} s",
        rounds=len(runs),
        cpu=f"{middle.own:.2f} + {middle.server:.2f} s",
    )


def _synced(
    provider: Provider, file: Path, rows: list[dict[str, Any]], outcome: SyncOutcome
) -> Cost:
    file.write_text(json.dumps(rows))
    runs: list[Any] = []
    cost = costs.spent(lambda: runs.append(catalog.sync(provider, now=timezone.now())))
    assert runs[0].outcome == outcome, runs[0].detail
    _check(rows)
    return cost


def _check(rows: list[dict[str, Any]]) -> None:
    """The cache holds what the provider lists, and nothing else."""
    found = Offer.objects.filter(retired_at=None).values_list("upstream_id", "name", "rate")
    listed = {str(row["service"]): (row["name"], Decimal(row["rate"])) for row in rows}
    assert {id: (name, rate) for id, name, rate in found} == listed


def upserted(provider: Provider) -> None:
    """What one would first write: every row over what is there."""
    answer = requests.post(provider.url, data={"key": "k", "action": "services"}, timeout=60)
    now = timezone.now()
    Offer.objects.bulk_create(
        (_offer(provider, row, now) for row in answer.json()),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["provider", "upstream_id"],
        update_fields=FIELDS,
    )


def _offer(provider: Provider, row: dict[str, Any], now: Any) -> Offer:
    return Offer(
        provider=provider,
        upstream_id=str(row["service"]),
        name=row["name"],
        category=row["category"],
        type_name=row["type"],
        service_type="default",
        rate=Decimal(row["rate"]),
        least=int(row["min"]),
        most=int(row["max"]),
        refill=row["refill"],
        cancel=row["cancel"],
        dripfeed=row["dripfeed"],
        first_seen_at=now,
        rate_changed_at=now,
    )


def _row(n: int) -> dict[str, Any]:
    name = _name(n)
    return {
        "service": n + 1,
        "name": f"{name} {n}",
        "type": "Default",
        "category": name.partition(" [")[0],
        "rate": f"{Decimal(n % 97 + 10) / 10}",
        "min": "10",
        "max": "10000",
        "dripfeed": False,
        "refill": n % 2 == 0,
        "cancel": n % 3 == 0,
    }


@contextmanager
def _provider() -> Iterator[tuple[Provider, Path]]:
    with tempfile.TemporaryDirectory(prefix="halfpenny-bench-") as folder:
        file = Path(folder) / "catalog.json"
        file.write_text("[]")
        command = [sys.executable, "-m", "tests.benchmarks.serving", str(file)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            url = f"http://127.0.0.1:{port}/api/v2"
            yield factories.provider("Bulkhaus", url=url), file
        finally:
            server.terminate()
            server.wait(timeout=20)
