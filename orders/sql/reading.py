"""Reading many rows as plain tuples: amounts and moments converted column by column, or bare."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import starmap
from typing import Any, TypeVar

from django.db import connection
from django.db.models import DateTimeField, F, Field, Func, Model, QuerySet

from orders.money import QUANTUM, MoneyField
from orders.sql.databases import is_postgresql
from orders.sql.rows import array

T = TypeVar("T")


class _Units(Func):
    """An amount as it is stored."""

    template = "%(expressions)s"
    output_field: Any = Field()  # of a whole number Django would make one, value by value


class _InUtc(Func):
    """A moment without its zone, which psycopg reads in C; with one, Django reads it in Python."""

    template = "(%(expressions)s AT TIME ZONE 'UTC')"
    output_field: Any = DateTimeField()


def read_rows(rows: QuerySet[Any], columns: Sequence[str], make: Callable[..., T]) -> list[T]:
    """What `values_list` of these columns of the model brings, `make` called with each row's; for
    hundreds of rows several times as quick."""
    steps = [_step(rows.model._meta.get_field(name)) for name in columns]
    asked = [
        name if step is None else step[0](F(name))
        for name, step in zip(columns, steps, strict=True)
    ]
    found = rows.values_list(*asked)
    if not any(steps):
        return list(starmap(make, found))
    told = [
        values if step is None else [None if value is None else step[1](value) for value in values]
        for step, values in zip(steps, zip(*found, strict=True), strict=False)
    ]
    return list(map(make, *told)) if told else []


def _step(field: Any) -> tuple[type[Func], Callable[[Any], Any]] | None:
    """How a column is asked for, and what is made of its values."""
    if isinstance(field, MoneyField):
        return _Units, _amount
    if isinstance(field, DateTimeField) and is_postgresql():
        return _InUtc, _moment
    return None


def _amount(units: int) -> Decimal:
    return units * QUANTUM


def _moment(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)


def bare_rows(
    model: type[Model], columns: Sequence[str], numbers: Collection[int], same: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """These columns of the rows with one of these numbers whose other columns hold what `same`
    says; all of it as the database keeps it (amounts in units). For what is asked so often that
    composing the query would be most of its cost."""
    kept = "".join(f" AND {column} = %s" for column in same)
    is_one = "= ANY(%s::bigint[])" if is_postgresql() else "IN (SELECT value FROM json_each(%s))"
    given = array(numbers) if is_postgresql() else json.dumps(list(numbers))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {model._meta.db_table} WHERE id {is_one}{kept}",
            [given, *same.values()],
        )
        return cursor.fetchall()
