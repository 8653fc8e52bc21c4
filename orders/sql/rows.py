"""Writing many rows in one statement."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from orders.sql.databases import is_postgresql


def update_rows(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, casts: Sequence[str]
) -> int:
    """Set `columns` of many rows at once; each row is `(id, value, …)` in database form.

    One statement with arrays on PostgreSQL, a prepared statement run per row on SQLite. `casts`
    are PostgreSQL types, one a column. Returns how many rows were given.
    """
    if not rows:
        return 0
    with connection.cursor() as cursor:
        if is_postgresql():
            names = ", ".join(columns)
            arrays = ", ".join(f"%s::{cast}[]" for cast in ("bigint", *casts))
            sets = ", ".join(f"{name} = new.{name}" for name in columns)
            cursor.execute(
                f"UPDATE {table} SET {sets} FROM unnest({arrays}) AS new(id, {names})"
                f" WHERE {table}.id = new.id",
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            sets = ", ".join(f"{name} = %s" for name in columns)
            cursor.executemany(
                f"UPDATE {table} SET {sets} WHERE id = %s", [(*row[1:], row[0]) for row in rows]
            )
    return len(rows)


def upsert_rows(
    table: str,
    keys: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    casts: Sequence[str],
    adding: bool = False,
) -> None:
    """Write many rows at once, over those with the same `keys` (a unique index of the table), or
    `adding` to them.

    Each row is its keys, then its columns, in database form; `casts` are PostgreSQL types, one
    each.
    """
    if not rows:
        return
    names = ", ".join((*keys, *columns))
    before = f"{table}.{{0}} + " if adding else ""
    sets = ", ".join(f"{name} = {before.format(name)}excluded.{name}" for name in columns)
    anew = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sets}"
    with connection.cursor() as cursor:
        if is_postgresql():
            arrays = ", ".join(f"%s::{cast}[]" for cast in casts)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {anew}",
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            marks = ", ".join(["%s"] * len(casts))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) {anew}", rows)
