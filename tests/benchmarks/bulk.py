"""Millions of rows at once: without what PostgreSQL does for each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from orders import sql


@contextmanager
def unhindered(*tables: str) -> Iterator[Any]:
    """Rows go into these tables without indexes, references and triggers; the indexes are built
    afterwards. Yields a cursor whose statements may take their time. SQLite does as always."""
    with connection.cursor() as cursor:
        if not sql.is_postgresql():
            yield cursor
            return
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes i WHERE tablename = ANY(%s)"
            " AND schemaname = current_schema() AND NOT EXISTS (SELECT FROM pg_constraint"
            " WHERE conname = i.indexname)",
            [list(tables)],
        )
        indexes = cursor.fetchall()
        cursor.execute("SET statement_timeout = 0; SET maintenance_work_mem = '1GB'")
        cursor.execute("SET session_replication_role = replica")
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        try:
            yield cursor
        finally:
            for _, definition in indexes:
                cursor.execute(definition)
            cursor.execute("RESET session_replication_role; RESET statement_timeout")
