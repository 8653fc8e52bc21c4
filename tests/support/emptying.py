"""Emptying the database after a test that has committed.

Django's `flush` truncates every table, a hundred of them, whether it has rows or not, and writes
content types and permissions anew: on PostgreSQL that took longer than most races. This deletes
from the tables that have rows, and leaves what no test changes.
"""

from typing import Any

from django.core.management.commands import flush
from django.db import connections, transaction

from orders import sql
from orders.reports import marks

KEPT = frozenset({"django_content_type", "auth_permission"})
"""Written by `migrate`, and by nothing else."""


def empty(command: flush.Command, *, database: str, **options: Any) -> None:
    """In place of `flush.Command.handle`.

    The append-only triggers would refuse it: only here are they lifted. What `migrate` leaves is
    put back afterwards, whatever the test has taken away.
    """
    filled = _filled(database)
    with transaction.atomic(using=database), connections[database].cursor() as cursor:
        on_table = " ON {}" if sql.is_postgresql(database) else ""
        for table in filled & set(sql.APPEND_ONLY):
            for name in sql.trigger_names(table):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table.format(table)}")
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")
    with transaction.atomic(using=database):
        sql.after_migrate(using=database)
        marks.install(using=database)


def _filled(database: str) -> set[str]:
    """The tables that have rows."""
    tables = connections[database].introspection.django_table_names(only_existing=True)
    looks = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in {*tables} - KEPT]
    with connections[database].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        return {row[0] for row in cursor.fetchall()}
