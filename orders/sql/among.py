"""Rows by many numbers at once. To PostgreSQL they are one value, not as many parameters, which
takes less time than all the rest of a query."""

import json
from collections.abc import Collection
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from orders.sql import queries
from orders.sql.databases import is_postgresql
from orders.sql.rows import array

M = TypeVar("M", bound=Model)


def is_among() -> str:
    """The condition that what stands before it is one of the numbers in a value."""
    return "= ANY(%s::bigint[])" if is_postgresql() else "IN (SELECT value FROM json_each(%s))"


def as_one_value(numbers: Collection[int]) -> str:
    """Numbers as the value of that condition."""
    return array(numbers) if is_postgresql() else json.dumps(list(numbers))


def among(rows: QuerySet[M], numbers: Collection[int], name: str = "id") -> QuerySet[M]:
    """The rows with one of these numbers, their own or in the column of that name."""
    column = f"{rows.model._meta.db_table}.{name}"
    return rows.extra(where=[f"{column} {is_among()}"], params=[as_one_value(numbers)])


def hold(model: type[Model], numbers: Collection[int]) -> None:
    """Keep everybody from these rows until the transaction ends, also from writing others that
    refer to them; locked in the order of their numbers. On SQLite a transaction is alone anyway."""
    if not is_postgresql():
        return
    rows = f"SELECT FROM {model._meta.db_table} AS named WHERE id {is_among()} ORDER BY id"
    lock = queries.row_lock(model, "named", "UPDATE")
    with connection.cursor() as cursor:
        # Counted there: nobody here needs to read them.
        cursor.execute(f"SELECT count(*) FROM ({rows}{lock}) AS held", [as_one_value(numbers)])
