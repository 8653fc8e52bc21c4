"""A panel comes back from a dump that is older than what it did last, and orders nothing twice."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.support.databases import Database, fresh_database, program
from tests.support.production import Production
from tests.support.simulator import RunningSimulator

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a dump of PostgreSQL"),
]

SENT, WAITS = "https://instagram.com/sent-before", "https://instagram.com/waited"


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator(process=True, minutes=60) as running:
        yield running


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, upstream: RunningSimulator
) -> Iterator[Production]:
    """A panel without a home: a copy of it is at home where it is migrated."""
    with fresh_database() as database:
        var = tmp_path_factory.mktemp("restored")
        made = Production(var, database, os.environ["REDIS_URL"])
        made.manage("migrate", "--noinput", "--verbosity=0")
        made.manage("add_provider", "Bulkhaus", "--url", upstream.url, "--key", upstream.key)
        made.manage("sync_catalog")
        made.manage("add_customer", "ola@example.com", "--balance", "50")
        database.rows("UPDATE orders_panel SET home = ''")
        yield made


@pytest.fixture
def panel(built: Production, upstream: RunningSimulator) -> Iterator[Production]:
    upstream.reset()
    with fresh_database(built.database) as database:
        copied = replace(built, database=database)
        copied.manage("migrate", "--noinput", "--verbosity=0")
        yield copied


def place(panel: Production, link: str) -> int:
    ((service,),) = panel.database.rows(
        "SELECT s.id FROM orders_service s JOIN orders_offer o ON o.id = s.offer_id"
        " WHERE o.service_type = 'default' AND o.least <= 100 ORDER BY o.rate LIMIT 1"
    )
    words = ("ola@example.com", str(service), "--link", link, "--quantity", "100")
    return int(panel.said("place_order", *words)["order"])


def dump(database: Database, file: Path) -> None:
    """As the documentation has it."""
    command = [program("pg_dump"), "--format=custom", f"--file={file}", database.url]
    subprocess.run([*command], check=True, timeout=120)


def restore(file: Path, database: Database, *more: str) -> None:
    target = f"--dbname={database.url}"
    command = [program("pg_restore"), "--exit-on-error", "--no-owner", *more, target, str(file)]
    subprocess.run(command, check=True, timeout=120)


def bought(upstream: RunningSimulator) -> list[str]:
    return [add["link"] for add in upstream.log()]


def statuses(panel: Production) -> dict[str, str]:
    return dict(panel.database.rows("SELECT link, status FROM orders_order"))


def audited(panel: Production) -> list[Any]:
    action = "SELECT after->>'moved', after->>'orders' FROM orders_auditentry WHERE action = %s"
    return panel.database.rows(action, "panel.restored")


def test_what_was_sent_since_the_backup_is_not_sent_again(
    panel: Production, upstream: RunningSimulator, tmp_path: Path
) -> None:
    before = place(panel, SENT)
    panel.manage("submit_once")
    place(panel, WAITS)
    dump(panel.database, tmp_path / "panel.dump")
    panel.manage("submit_once")
    lost = place(panel, "https://instagram.com/placed-since")
    panel.manage("submit_once")
    everything = [SENT, WAITS, "https://instagram.com/placed-since"]
    assert bought(upstream) == everything

    with fresh_database() as anew:
        restore(tmp_path / "panel.dump", anew)
        restored = replace(panel, database=anew)
        assert "clean" in restored.manage("check_ledger"), "the triggers are back, too"
        assert statuses(restored) == {SENT: "pending", WAITS: "waiting"}
        restored.manage("migrate", "--noinput", "--verbosity=0")

        # Workers are started too early: they follow what runs, the keys open, nothing is sent.
        assert restored.said("poll_once")
        restored.manage("run_once")
        restored.manage("submit_once")
        assert statuses(restored)[WAITS] == "waiting"
        assert bought(upstream) == everything

        said = restored.said("after_restore", "--gap", "500")
        assert said["orders"] == 1
        restored.manage("run_once")
        assert statuses(restored) == {SENT: "pending", WAITS: "unconfirmed"}
        assert audited(restored) == [("false", "1")]
        fresh = place(restored, "https://instagram.com/afterwards")
        assert fresh >= before + 500 > lost
        restored.manage("submit_once")
        assert bought(upstream) == [*everything, "https://instagram.com/afterwards"]
        assert "clean" in restored.manage("check_ledger")
        with pytest.raises(AssertionError, match="is at home"):
            restored.manage("after_restore")

    # The panel that the dump was taken from is at home, and goes on.
    place(panel, "https://instagram.com/at-home")
    panel.manage("submit_once")
    assert bought(upstream)[-1] == "https://instagram.com/at-home"


def test_a_dump_that_is_put_back_into_its_own_database_is_seen_too(
    panel: Production, upstream: RunningSimulator, tmp_path: Path
) -> None:
    place(panel, WAITS)
    dump(panel.database, tmp_path / "panel.dump")
    panel.manage("submit_once")
    restore(tmp_path / "panel.dump", panel.database, "--clean", "--if-exists")
    panel.manage("submit_once")
    assert statuses(panel) == {WAITS: "waiting"}
    assert bought(upstream) == [WAITS]
    panel.manage("after_restore")
    panel.manage("submit_once")
    assert bought(upstream) == [WAITS]


def test_a_panel_that_moved_with_everything_stopped_goes_on_as_it_stood(
    panel: Production, upstream: RunningSimulator, tmp_path: Path
) -> None:
    place(panel, WAITS)
    dump(panel.database, tmp_path / "panel.dump")
    with fresh_database() as anew:
        restore(tmp_path / "panel.dump", anew)
        moved = replace(panel, database=anew)
        moved.manage("after_restore", "--moved")
        moved.manage("submit_once")
        assert statuses(moved) == {WAITS: "pending"}
        assert bought(upstream) == [WAITS]
