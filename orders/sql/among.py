"""Rows by many numbers at once."""

from collections.abc import Collection
from typing import TypeVar

from django.db.models import Model, QuerySet

from orders.sql.databases import is_postgresql
from orders.sql.rows import array

M = TypeVar("M", bound=Model)


def among(rows: QuerySet[M], numbers: Collection[int], name: str = "id") -> QuerySet[M]:
    """Those with one of these numbers, their own or in the column of that name. To PostgreSQL they
    are one value, not as many parameters, which takes less time than all the rest of the query."""
    if not is_postgresql():
        return rows.filter(**{f"{name}__in": numbers})
    column = f"{rows.model._meta.db_table}.{name}"
    return rows.extra(where=[f"{column} = ANY(%s::bigint[])"], params=[array(numbers)])
