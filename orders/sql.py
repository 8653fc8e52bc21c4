"""Every fork between PostgreSQL and SQLite, and the few statements the ORM has no word for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction
from django.db.models import Q

from orders.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")

APPEND_ONLY = ("orders_transfer", "orders_auditentry")
DEADLOCK_TRIES = 4

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

    apps.get_model("orders", "Panel").objects.get_or_create(pk=1)
