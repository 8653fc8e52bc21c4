"""Changing what may not be changed: the tests' hand in the till."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from orders import sql
from orders.models import Account, Transfer


def lift_append_only() -> None:
    """Take the append-only triggers away, as nobody but a test may."""
    connection.check_constraints()  # PostgreSQL alters no table with deferred checks pending
    with connection.cursor() as cursor:
        for table in sql.APPEND_ONLY:
            for name in sql.trigger_names(table):
                on_table = f" ON {table}" if sql.is_postgresql() else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


@contextmanager
def without_triggers() -> Iterator[None]:
    """Lift the triggers and put them back, so that only what was done meanwhile can be found."""
    lift_append_only()
    yield
    connection.check_constraints()
    sql.after_migrate()


def transfer(row: Transfer, **values: object) -> None:
    """Rewrite columns of a transfer behind the ledger's back."""
    with without_triggers():
        assert Transfer.objects.filter(pk=row.pk).update(**values) == 1


def delete_transfer(row: Transfer) -> None:
    """Make a transfer disappear behind the ledger's back."""
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_transfer WHERE id = %s", [row.pk])


def wallet(account: Account, **values: object) -> None:
    """Rewrite columns of a wallet behind the ledger's back."""
    assert Account.objects.filter(pk=account.pk).update(**values) == 1
