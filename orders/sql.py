"""Every fork between PostgreSQL and SQLite, and the few statements the ORM has no word for."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import structlog
from django.db import (
    DEFAULT_DB_ALIAS,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.models import Model, Q, QuerySet

from orders.errors import Busy

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)

APPEND_ONLY = ("orders_transfer", "orders_auditentry", "orders_movement")
DEADLOCK_TRIES = 4
INSISTING_PAUSES = (0.2, 1, 3, 6)
"""Seconds between the tries to write something down."""

_LOCK_NOT_AVAILABLE = "55P03"
_DEADLOCK_DETECTED = "40P01"


def is_postgresql(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether this database is PostgreSQL (the other one is SQLite)."""
    return connections[using].vendor == "postgresql"


# ── Locks ────────────────────────────────────────────────────────────────────────────────────


def _sqlstate(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", "") or ""


def is_lock_timeout(error: OperationalError) -> bool:
    """A lock could not be had in time: 55P03 there, "database is locked" here."""
    return _sqlstate(error) == _LOCK_NOT_AVAILABLE or "database is locked" in str(error)


def is_deadlock(error: OperationalError) -> bool:
    """PostgreSQL chose this transaction to give way; SQLite has one writer and no deadlocks."""
    return _sqlstate(error) == _DEADLOCK_DETECTED


@contextmanager
def short_transaction() -> Iterator[None]:
    """A transaction that turns a lock time-out into `Busy`: nothing was changed."""
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        if is_lock_timeout(error):
            raise Busy from error
        raise


def repeated_on_deadlock(verb: Callable[P, R]) -> Callable[P, R]:
    """Run a whole transaction again when the database broke a deadlock by ending it.

    Only for functions that open the outermost transaction themselves.
    """

    @wraps(verb)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, DEADLOCK_TRIES + 1):
            try:
                return verb(*args, **kwargs)
            except OperationalError as error:
                if not is_deadlock(error) or attempt == DEADLOCK_TRIES:
                    raise
        raise AssertionError("unreachable")

    return wrapper


def identity() -> str:
    """Which database this is, which tables, which of the server's timelines: another one after
    every restoring of a dump, into whichever database, after a recovery to a point in time and when
    a replica takes over. The same after a restart, a `VACUUM FULL` and every migration.

    "" on SQLite, where a database is a file that anybody may copy.
    """
    if not is_postgresql():
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, d.oid, 'orders_order'::regclass::oid,"
            " left(pg_walfile_name(pg_current_wal_lsn()), 8)"
            " FROM pg_control_system(), pg_database d WHERE datname = current_database()"
        )
        return "/".join(str(number) for number in cursor.fetchone())


def keep_from_growing(table: str) -> None:
    """Wait for those who are adding rows to `table`; others wait until this transaction ends.

    On SQLite a transaction is alone anyway.
    """
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")


def next_number(table: str) -> int:
    """The number that the next new row of `table` is given, unless others are faster."""
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            sequence = cursor.fetchone()[0]
            cursor.execute(f"SELECT last_value + is_called::int FROM {sequence}")
        else:
            cursor.execute("SELECT seq + 1 FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    return int(row[0]) if row else 1


def raise_next_number(table: str, number: int) -> None:
    """Let the next new row of `table` have at least this number, inside a transaction.

    Numbers only rise: whoever adds rows at this moment is waited for, and waits. On PostgreSQL a
    sequence does not go back with its transaction. Nobody waits where it is high enough already.
    """
    if next_number(table) >= number:
        return
    keep_from_growing(table)
    if next_number(table) < number:
        _set_next_number(table, number)


def _set_next_number(table: str, number: int) -> None:
    with connection.cursor() as cursor:
        if is_postgresql():
            sequence = "setval(pg_get_serial_sequence(%s, 'id'), %s, false)"
            cursor.execute(f"SELECT {sequence}", [table, number])
            return
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, number - 1])


def insist(write: Callable[[], R], what: str) -> R:
    """Write down what cannot be heard a second time, such as a provider's answer: tried again while
    the database is away or a lock is held, for about ten seconds. Then the last error is raised.
    """
    for pause in INSISTING_PAUSES:
        try:
            return write()
        except (OperationalError, InterfaceError, Busy) as error:
            log.warning("sql.not_written", what=what, error=type(error).__name__)
            connection.close()
            time.sleep(pause)
    return write()


# ── Writing many rows ────────────────────────────────────────────────────────────────────────


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


# ── Searching ────────────────────────────────────────────────────────────────────────────────


def prefix_range(prefix: str) -> tuple[str, str]:
    """Bounds `low <= column < high` that hold exactly the texts beginning with `prefix`."""
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


def begins_with(column: str, prefix: str) -> Q:
    """Rows whose text begins so, case and all, in the form that each database has an index for.

    PostgreSQL's pattern index answers LIKE; SQLite's LIKE looks past capitals and needs a range.
    """
    if is_postgresql():
        return Q(**{f"{column}__startswith": prefix})
    low, high = prefix_range(prefix)
    return Q(**{f"{column}__gte": low, f"{column}__lt": high})


COMMON = 10_000
"""Rows with some words, beyond which they are met soon by walking from the newest on."""


def with_words(rows: QuerySet[M], column: str, text: str) -> QuerySet[M]:
    """Rows whose `column` holds a word that begins so, for each word of the text; by newest id.

    PostgreSQL has an index of the words, which serves rare ones; SQLite looks through, and inside
    of words too.
    """
    words = re.findall(r"\w+", text)[:10]
    if not is_postgresql():
        for word in words:
            rows = rows.filter(**{f"{column}__icontains": word})
        return rows
    table, sought = rows.model._meta.db_table, [" & ".join(f"{word}:*" for word in words)]
    fits = f"to_tsvector('simple', {table}.{column}) @@ to_tsquery('simple', %s)"
    hits = f"SELECT id FROM {table} WHERE {fits}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({hits} LIMIT {COMMON + 1}) AS found", sought)
        is_common = cursor.fetchone()[0] > COMMON
    if is_common:  # written so that no index is chosen for it
        return rows.extra(where=[f"CASE WHEN {fits} THEN true ELSE false END"], params=sought)
    ids = f"WITH hit AS MATERIALIZED ({hits}) SELECT id FROM hit"
    return rows.extra(where=[f"{table}.id IN ({ids})"], params=sought)


# ── Speed at any price ───────────────────────────────────────────────────────────────────────


def forget_durability() -> None:
    """Stop waiting for the disk on this connection: only to fill a demo that is begun anew if it
    breaks off. PostgreSQL does not need it."""
    if not is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")


# ── Append-only tables ───────────────────────────────────────────────────────────────────────


def trigger_names(table: str) -> list[str]:
    """The triggers that keep rows of `table` from being changed or deleted."""
    verbs = ["update", "delete"] + (["truncate"] if is_postgresql() else [])
    return [f"{table}_no_{verb}" for verb in verbs]


def missing_triggers() -> list[str]:
    """Append-only triggers that should be in the database and are not, or do not act there."""
    wanted = {name for table in APPEND_ONLY for name in trigger_names(table)}
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute(
                "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " JOIN pg_proc p ON p.oid = t.tgfoid AND p.prosrc LIKE '%RAISE EXCEPTION%'"
                " WHERE t.tgenabled IN ('O', 'A') AND n.nspname = ANY(current_schemas(false))"
            )
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'"
            )
        present = {row[0] for row in cursor.fetchall()}
    return sorted(wanted - present)


def _install_append_only(table: str) -> Iterable[str]:
    if not is_postgresql():
        for verb in ("update", "delete"):
            name = f"{table}_no_{verb}"
            yield f"DROP TRIGGER IF EXISTS {name}"
            yield (
                f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    yield (
        "CREATE OR REPLACE FUNCTION orders_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for verb in ("update", "delete", "truncate"):
        name = f"{table}_no_{verb}"
        each = "STATEMENT" if verb == "truncate" else "ROW"
        yield (
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {verb.upper()} ON {table}"
            f" FOR EACH {each} EXECUTE FUNCTION orders_append_only()"
        )
        yield f"ALTER TABLE {table} ENABLE TRIGGER {name}"


def _tune(table: str) -> Iterable[str]:
    if is_postgresql():
        # Room in each page lets a polled row be rewritten in place (heap-only update).
        yield f"ALTER TABLE {table} SET (fillfactor = 80)"


def after_migrate(*, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Triggers, storage settings and the rows that always exist.

    Runs after each `migrate` and `flush`: SQLite drops triggers when a table is rebuilt.
    """
    if using != DEFAULT_DB_ALIAS:
        return
    tables = set(connection.introspection.table_names())
    if not {*APPEND_ONLY, "orders_order", "orders_panel", "orders_account"} <= tables:
        return  # migrated backwards
    with connection.cursor() as cursor:
        for table in APPEND_ONLY:
            for statement in _install_append_only(table):
                cursor.execute(statement)
        for statement in _tune("orders_order"):
            cursor.execute(statement)
        cursor.execute(
            "INSERT INTO orders_account (kind) SELECT k.kind FROM"
            " (SELECT 'sales' AS kind UNION SELECT 'cash' UNION SELECT 'adjustments'"
            " UNION SELECT 'opening') k"
            " WHERE NOT EXISTS (SELECT 1 FROM orders_account a WHERE a.kind = k.kind)"
        )
    from django.apps import apps

    panels = apps.get_model("orders", "Panel").objects
    panels.get_or_create(pk=1)
    panels.filter(pk=1, home="").update(home=identity())
