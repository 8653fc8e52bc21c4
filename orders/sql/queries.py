"""Queries that are written out, for models that are read together."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, DecimalField, Model

from orders.sql.databases import is_postgresql

Convert = Callable[[Any], Any]


class Query:
    """Rows of models by a statement that is always the same. For what is read all the time:
    composing it anew costs the ORM several times the CPU of asking and reading it.

    In the statement `{name}` stands for all columns of a model, and `name` for its table. The rows
    of the one that `locks` names are held, on PostgreSQL, until the transaction ends.
    """

    def __init__(self, statement: str, *, locks: str = "", **models: type[Model]):
        self._statement, self._locks, self._models = statement, locks, models

    def rows(self, *values: Any) -> list[Any]:
        """Of each row its models, in the order in which they were named to the query; None for
        one of an outer join that is not there. Without models, the row as it came."""
        with connection.cursor() as cursor:
            cursor.execute(self._text + self._lock(), values)
            found = cursor.fetchall()
        return list(map(self._made, found)) if self._models else found

    def first(self, *values: Any) -> Any:
        """The first row, if there is one."""
        return next(iter(self.rows(*values)), None)

    def _lock(self) -> str:
        return row_lock(self._models[self._locks], self._locks) if self._locks else ""

    @cached_property
    def _text(self) -> str:
        columns = {
            name: ", ".join(f'{name}."{field.column}"' for field in model._meta.concrete_fields)
            for name, model in self._models.items()
        }
        return self._statement.format(**columns)

    @cached_property
    def _makers(self) -> list["_Maker"]:
        return [_Maker(model) for model in self._models.values()]

    def _made(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        left = iter(row)
        return tuple([maker(left) for maker in self._makers])


def row_lock(model: type[Model], name: str, how: str = "NO KEY UPDATE") -> str:
    """What holds the rows of a table in a query. NO KEY: inserting a row that refers to one of them
    must not wait. On SQLite a transaction is alone anyway."""
    return f" FOR {how} OF {name}" if is_postgresql() else ""


class _Maker:
    """Makes instances of one model out of the columns of a row."""

    def __init__(self, model: type[Model]):
        fields = model._meta.concrete_fields
        self._model, self._names = model, [field.attname for field in fields]
        self._key = fields.index(model._meta.pk)
        self._steps = [
            (place, convert) for place, field in enumerate(fields) if (convert := step(field))
        ]

    def __call__(self, left: Any) -> Model | None:
        """Takes its columns of those that are left."""
        values = [next(left) for _ in self._names]
        if values[self._key] is None:
            return None
        for place, step in self._steps:
            if (value := values[place]) is not None:
                values[place] = step(value)
        return self._model.from_db(connection.alias, self._names, values)


def step(field: Any) -> Convert | None:
    """What makes the model's value of a column's, where the database does not give just that."""
    if hasattr(field, "from_db_value"):
        return lambda value: field.from_db_value(value, None, connection)
    if is_postgresql():
        return None
    if isinstance(field, DateTimeField):
        return moment
    if isinstance(field, DecimalField):
        least = Decimal(1).scaleb(-field.decimal_places)
        return lambda value: Decimal(str(value)).quantize(least)
    return None


def moment(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)
