"""The numbers that new rows are given."""

from django.db import connection

from orders.sql.databases import is_postgresql


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
