"""The statements of one placement, recorded from the verb and sent again by psycopg alone.

The baseline of placing: the same statements with the same locks in the same order, one round trip
each, and no Django, no price and no rule between them. What one order's statements say of it
(customer, wallet, link, key, its own number, the balance) is put in anew for each.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.json import Jsonb

Params = Sequence[Any]

_LOCKED_WALLET = "FOR NO KEY UPDATE OF wallet"
_NUMBERS = re.compile(r"\{-?\d+(,-?\d+)*\}")


@dataclass(frozen=True)
class Sale:
    """What is different from one order to the next."""

    customer: int
    wallet: int
    word: str
    """Of its link and its key; found nowhere else in the statements."""


@dataclass(frozen=True)
class Recorded:
    """One sale's statements: those before the transaction, and those inside."""

    sale: Sale
    order: int
    price: int
    balance_after: int
    before: list[tuple[str, Params]]
    inside: list[tuple[str, Params]]


def record(place: Callable[[], int], sale: Sale) -> Recorded:
    """Listen to one placement; `place` returns the order's number."""
    heard: list[tuple[bool, str, Params]] = []

    def listen(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        heard.append((connection.in_atomic_block, statement, tuple(params or ())))
        return execute(statement, params, many, context)

    with connection.execute_wrapper(listen):
        order = place()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT amount, balance_after FROM orders_transfer WHERE order_id = %s", [order]
        )
        price, balance_after = cursor.fetchone()
    before = [(statement, params) for inside, statement, params in heard if not inside]
    inside = [(statement, params) for inside, statement, params in heard if inside]
    return Recorded(sale, order, price, balance_after, before, inside)


def connect(url: str) -> Any:
    """As Django connects: parameters are put into the statement here, nothing is prepared."""
    return psycopg.connect(
        url, autocommit=True, cursor_factory=psycopg.ClientCursor, prepare_threshold=None
    )


def send(server: Any, script: Recorded, sale: Sale) -> int:
    """Place one order by its statements; returns its number."""
    put = _Putting(script, sale)
    cursor = server.cursor()
    for statement, params in script.before:
        _run(cursor, statement, put(params))
    with server.transaction():
        for statement, params in script.inside:
            rows = _run(cursor, statement, put(params))
            if statement.startswith("INSERT INTO orders_order "):
                put.order(rows[0][0])
            elif statement.endswith(_LOCKED_WALLET):
                names = [column.name for column in cursor.description]
                put.balance(rows[0][names.index("balance")])
    return put.number


def _run(cursor: Any, statement: str, params: Params) -> list[tuple[Any, ...]]:
    """All rows, fetched; none of a statement that brings none."""
    cursor.execute(statement, params)
    return list(cursor.fetchall()) if cursor.description else []


class _Putting:
    """Puts one sale's values in place of the recorded one's."""

    def __init__(self, script: Recorded, sale: Sale):
        self.script, self.number = script, 0
        self.numbers = {script.sale.customer: sale.customer, script.sale.wallet: sale.wallet}
        self.words = [(script.sale.word, sale.word)]

    def order(self, number: int) -> None:
        self.number = number
        self.numbers[self.script.order] = number
        self.words.append((f":{self.script.order}:", f":{number}:"))

    def balance(self, before: int) -> None:
        self.numbers[self.script.balance_after] = before - self.script.price

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list | tuple):
            return [self(one) for one in value]
        if isinstance(value, Jsonb) and isinstance(value.obj, dict):
            return Jsonb({key: self(one) for key, one in value.obj.items()})
        if type(value) is int:
            return self.numbers.get(value, value)
        return value

    def _text(self, text: str) -> str:
        """Arrays are sent as PostgreSQL writes them: "{17,18}"."""
        if _NUMBERS.fullmatch(text):
            numbers = (int(one) for one in text[1:-1].split(","))
            return "{" + ",".join(str(self.numbers.get(one, one)) for one in numbers) + "}"
        for old, new in self.words:
            text = text.replace(old, new)
        return text
