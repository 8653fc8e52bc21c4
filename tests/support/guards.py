"""Taking a guard of the product away for one test, to show what it keeps from happening.

There is no switch in the product: row locks are patched away in this process, constraints are
dropped in the test's own database and put back after it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet

from orders.sql import queries
from tests.support import tamper


class Guards:
    """What a test has taken away."""

    def __init__(self, patch: pytest.MonkeyPatch):
        self._patch = patch
        self._dropped: list[tuple[str, str]] = []

    def lift_row_locks(self, *models: type[Model]) -> None:
        """Read rows without locking them: those of `models`, or all."""
        lock, written = QuerySet.select_for_update, queries.row_lock

        def keeps(model: type[Model]) -> bool:
            return bool(models) and model not in models

        def read(rows: QuerySet[Any], **how: Any) -> QuerySet[Any]:
            return lock(rows, **how) if keeps(rows.model) else rows

        def write(model: type[Model], *how: str) -> str:
            return written(model, *how) if keeps(model) else ""

        self._patch.setattr(QuerySet, "select_for_update", read)
        self._patch.setattr(queries, "row_lock", write)

    def drop(self, name: str) -> None:
        """Drop a constraint or a unique index of the test's database by its name."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass::text, pg_get_constraintdef(oid)"
                " FROM pg_constraint WHERE conname = %s",
                [name],
            )
            if found := cursor.fetchone():
                table, definition = found
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
                put_back = f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
            else:
                cursor.execute(
                    "SELECT indrelid::regclass::text, pg_get_indexdef(indexrelid)"
                    " FROM pg_index WHERE indexrelid = to_regclass(%s)",
                    [name],
                )
                table, put_back = cursor.fetchone()
                cursor.execute(f"DROP INDEX {name}")
        self._dropped.append((table, put_back))

    def put_back(self) -> None:
        """Empty the tables, which hold now what they must not, and guard them again."""
        if not self._dropped:
            return
        tamper.lift_append_only()
        with connection.cursor() as cursor:
            for table, definition in self._dropped:
                cursor.execute(f"TRUNCATE {table} CASCADE")
                cursor.execute(definition)


@pytest.fixture
def guards(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guards]:
    """The product's guards, to be taken away; back in their place after the test.

    The triggers that this lifts come back with the flush that ends every test that commits.
    """
    taken = Guards(monkeypatch)
    yield taken
    taken.put_back()
