"""Reading many rows as plain tuples: amounts and moments converted column by column, or bare."""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import DateTimeField, Field, Model

from orders.money import QUANTUM, MoneyField
from orders.sql import queries
from orders.sql.among import as_one_value, is_among
from orders.sql.databases import is_postgresql

T = TypeVar("T")


class Reading(Generic[T]):
    """Rows of one model, `make` called with the values of these columns, by a query that is
    composed once; for hundreds of rows several times as quick as `values_list`.

    `where` is what follows the table's name, its values as `%s`; `{among}` stands there for being
    one of many numbers (`as_one_value`).
    """

    def __init__(
        self, model: type[Model], columns: Sequence[str], make: Callable[..., T], where: str
    ):
        self._model, self._names, self._make, self._where = model, columns, make, where

    def rows(self, *values: Any) -> list[T]:
        with connection.cursor() as cursor:
            cursor.execute(self._text, values)
            found = cursor.fetchall()
        columns = zip(self._steps, zip(*found, strict=True), strict=False)
        told = [_taken(step, values) if step else values for step, values in columns]
        return list(map(self._make, *told)) if told else []

    @cached_property
    def _fields(self) -> list["Field[Any, Any]"]:
        fields: list[Any] = [self._model._meta.get_field(name) for name in self._names]
        return fields

    @cached_property
    def _text(self) -> str:
        columns = ", ".join(map(_asked, self._fields))
        where = self._where.format(among=is_among())
        return f"SELECT {columns} FROM {self._model._meta.db_table} {where}"

    @cached_property
    def _steps(self) -> list[queries.Convert | None]:
        return list(map(_step, self._fields))


def _asked(field: "Field[Any, Any]") -> str:
    if isinstance(field, DateTimeField) and is_postgresql():
        # Without its zone psycopg reads it in C.
        return f"({field.column} AT TIME ZONE 'UTC')"
    return str(field.column)


def _step(field: "Field[Any, Any]") -> queries.Convert | None:
    """What makes the value of what is asked for."""
    if isinstance(field, MoneyField):
        return _amount
    return queries.moment if isinstance(field, DateTimeField) else queries.step(field)


def _taken(step: queries.Convert, values: Sequence[Any]) -> list[Any]:
    return [None if value is None else step(value) for value in values]


def _amount(units: int) -> Decimal:
    return units * QUANTUM


def bare_rows(
    model: type[Model], columns: Sequence[str], numbers: Collection[int], same: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """These columns of the rows with one of these numbers whose other columns hold what `same`
    says; all of it as the database keeps it (amounts in units). For what is asked so often that
    composing the query would be most of its cost."""
    kept = "".join(f" AND {column} = %s" for column in same)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {model._meta.db_table} WHERE id {is_among()}{kept}",
            [as_one_value(numbers), *same.values()],
        )
        return cursor.fetchall()
