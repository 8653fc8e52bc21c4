"""Writing what became of many services: one statement, however many they are."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from orders import sql
from orders.models import Service
from orders.money import to_units

CASTS = {
    "offer_id": "bigint",
    "name": "varchar",
    "category_id": "bigint",
    "description": "text",
    "position": "integer",
    "refill_days": "smallint",
    "is_visible": "boolean",
    "accepted_cost": "bigint",
    "pause": "varchar",
    "paused_at": "timestamptz",
    "pause_detail": "varchar",
    "fallback_id": "bigint",
    "fallback_cost": "bigint",
}
"""The columns that change, with their types in SQL."""

_COLUMNS = {"offer": "offer_id", "category": "category_id", "fallback": "fallback_id"}


def rewrite(services: Iterable[Service], fields: Sequence[str]) -> None:
    """Write these fields of services that are there, as they now stand in memory.

    The ORM's own bulk update spells out a case a row and column, which takes seconds for hundreds.
    """
    columns = [_COLUMNS.get(name, name) for name in fields]
    rows = [(row.pk, *_stored(row, columns)) for row in services]
    casts = [CASTS[column] for column in columns]
    sql.update_rows(Service._meta.db_table, columns, rows, casts=casts)


def _stored(service: Service, columns: Sequence[str]) -> Iterator[Any]:
    for column in columns:
        value = getattr(service, column)
        if isinstance(value, Decimal):
            value = to_units(value)
        elif isinstance(value, datetime):
            value = connection.ops.adapt_datetimefield_value(value)
        yield value
