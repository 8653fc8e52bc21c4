"""Rows that are written many at once, as they are read back."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection

from orders import history, sql
from orders.enums import EventKind
from orders.models import Event
from orders.news import Line
from tests.support import factories

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ODD = ("", "NULL", "None", 'say "hi"', "back\\slash", '\\"', "{a,b}", ",", "'", "日本", "a\nb")


@pytest.mark.django_db
def test_odd_words_come_back_as_they_were() -> None:
    order = factories.order()
    lines = [
        history.line(order.pk, EventKind.NOTE, NOW, detail=odd, word=odd, left=place or None)
        for place, odd in enumerate(ODD)
    ]
    numbers = sql.insert_rows(Event, Line._fields, lines)
    found = Event.objects.in_bulk(numbers)
    told = [(found[number].detail, found[number].data) for number in numbers]
    assert told == [(line.detail, line.data) for line in lines]


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([], "{}"),
        ([1, None, -2], "{1, NULL, -2}"),
        ([True, None], '{"True",NULL}'),
        (["a", None], '{"a",NULL}'),
        (["None", "NULL"], '{"None","NULL"}'),
        ([EventKind.STATUS, 'a"b\\'], '{"status","a\\"b\\\\"}'),
        ([NOW], '{"2026-11-23 12:00:00+00:00"}'),
    ],
)
def test_an_array(values: list[object], written: str) -> None:
    assert sql.array(values) == written


@pytest.mark.parametrize(
    ("column", "given", "values"),
    [
        ([7, 7, 7], "array_fill(%s::bigint, ARRAY[%s])", ["7", 3]),
        ([None, None], "array_fill(%s::bigint, ARRAY[%s])", [None, 2]),
        ([EventKind.STATUS] * 2, "array_fill(%s::bigint, ARRAY[%s])", ["status", 2]),
        ([7, 7, 8], "%s::bigint[]", ["{7, 7, 8}"]),
        ([8, 7, 8], "%s::bigint[]", ["{8, 7, 8}"]),
        ([7], "%s::bigint[]", ["{7}"]),
        ([], "%s::bigint[]", ["{}"]),
    ],
)
def test_a_value_that_a_whole_column_has_is_sent_once(
    column: list[object], given: str, values: list[object]
) -> None:
    assert sql.unnest([column], ["bigint"]) == (f"unnest({given})", values)


@pytest.mark.django_db
def test_columns_of_one_value_and_of_many_come_together_as_they_were() -> None:
    if not sql.is_postgresql():
        pytest.skip("a table of PostgreSQL's")
    columns = [[1, 2, 3], ["a,b", None, '"'], [None] * 3, [NOW] * 3, [True] * 3]
    casts = ["bigint", "varchar", "bigint", "timestamptz", "boolean"]
    given, values = sql.unnest(map(iter, columns), casts)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {given}", values)
        assert cursor.fetchall() == list(zip(*columns, strict=True))


@pytest.mark.django_db
def test_a_nul_is_refused_and_divides_nothing() -> None:
    if not sql.is_postgresql():
        pytest.skip("SQLite keeps it")
    order = factories.order()
    lines = [history.line(order.pk, EventKind.NOTE, NOW, detail=odd) for odd in ("a\0b", "c")]
    with pytest.raises((DataError, ValueError), match="NUL"):
        sql.insert_rows(Event, Line._fields, lines)
