"""What a migrated database needs beside its tables."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps as django_apps
from django.db import DEFAULT_DB_ALIAS, connection

from orders.sql.databases import identity, is_postgresql
from orders.sql.triggers import APPEND_ONLY, install


def _tune(table: str) -> Iterable[str]:
    if is_postgresql():
        # Room in each page lets a polled row be rewritten in place (heap-only update).
        yield f"ALTER TABLE {table} SET (fillfactor = 80)"
        # Only what runs has a tier, only what waits a hold: a planner that takes them for
        # independent expects next to nothing, and sorts thousands where it could walk fifty.
        yield (
            "CREATE STATISTICS IF NOT EXISTS order_standing (mcv)"
            f" ON status, tier, hold FROM {table}"
        )


def after_migrate(*, using: str = DEFAULT_DB_ALIAS, apps: Any = None, **_: Any) -> None:
    """Triggers, storage settings and the rows that always exist. `apps` are the models as they are
    after this `migrate`, which may have gone backwards; `flush` names none.

    Runs after each `migrate` and `flush`: SQLite drops triggers when a table is rebuilt.
    """
    if using != DEFAULT_DB_ALIAS:
        return
    tables = set(connection.introspection.table_names())
    if not {*APPEND_ONLY, "orders_order", "orders_panel", "orders_account"} <= tables:
        return  # migrated backwards
    with connection.cursor() as cursor:
        for table in APPEND_ONLY:
            for statement in install(table):
                cursor.execute(statement)
        for statement in _tune("orders_order"):
            cursor.execute(statement)
        cursor.execute(
            "INSERT INTO orders_account (kind) SELECT k.kind FROM"
            " (SELECT 'sales' AS kind UNION SELECT 'cash' UNION SELECT 'adjustments'"
            " UNION SELECT 'opening') k"
            " WHERE NOT EXISTS (SELECT 1 FROM orders_account a WHERE a.kind = k.kind)"
        )
    _panel((apps or django_apps).get_model("orders", "Panel"))


def _panel(model: Any) -> None:
    model.objects.get_or_create(pk=1)
    if "home" in {field.name for field in model._meta.get_fields()}:
        model.objects.filter(pk=1, home="").update(home=identity())
