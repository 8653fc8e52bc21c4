"""Reading many rows as plain tuples, amounts and moments converted column by column."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import starmap
from typing import Any, TypeVar

from django.db.models import DateTimeField, F, Field, Func, QuerySet

from orders.money import QUANTUM, MoneyField
from orders.sql.databases import is_postgresql

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
