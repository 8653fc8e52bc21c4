"""System checks of the engine: what `manage.py check` finds wrong before anything runs."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

from orders import sql


@register(Tags.database, deploy=True)
def database_stands_the_load(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SQLite has one writer at a time; it is for the demo and development."""
    if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
        return []
    return [
        Warning(
            "The database is SQLite, which lets one process write at a time.",
            hint="Set DATABASE_URL to a PostgreSQL database.",
            id="orders.W001",
        )
    ]


@register(Tags.database)
def ledger_is_append_only(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Runs with every `migrate`, so before each start, and with `check --database default`.

    A warning: an error would keep `migrate` from putting the triggers back.
    """
    if "default" not in (databases or ()):
        return []
    if not set(sql.APPEND_ONLY) <= set(connection.introspection.table_names()):
        return []  # not migrated yet
    return [
        Warning(
            f"The trigger {name} is missing or switched off: booked transfers could be changed.",
            hint="Find out who did it, run `manage.py migrate` and then `check_ledger`.",
            id="orders.W002",
        )
        for name in sql.missing_triggers()
    ]
