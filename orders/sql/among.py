"""Rows by many numbers at once."""

from collections.abc import Collection
from typing import TypeVar

from django.db.models import Model, QuerySet

from orders.sql.databases import is_postgresql
from orders.sql.rows import array

M = TypeVar("M", bound=Model)


def among(rows: QuerySet[M], numbers: Collection[int]) -> QuerySet[M]:
    """Those with one of these numbers. To PostgreSQL they are one value, not as many parameters,
    which takes less time than all the rest of the query."""
    if not is_postgresql():
        return rows.filter(pk__in=numbers)
    column = f"{rows.model._meta.db_table}.{rows.model._meta.pk.column}"
    return rows.extra(where=[f"{column} = ANY(%s::bigint[])"], params=[array(numbers)])
