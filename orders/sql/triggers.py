"""Append-only tables: rows that no statement changes or deletes."""

from collections.abc import Iterable

from django.db import connection

from orders.sql.databases import is_postgresql

APPEND_ONLY = ("orders_transfer", "orders_auditentry", "orders_movement")


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


def install(table: str) -> Iterable[str]:
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
