"""Lines of an order's history. Written in the transaction that made them true."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from orders import news, sql
from orders.enums import EventKind
from orders.models import Event
from orders.news import Line


def line(
    order_id: int,
    kind: EventKind,
    at: datetime,
    *,
    status: str = "",
    person_id: int | None = None,
    detail: str = "",
    **data: Any,
) -> Line:
    """An unwritten line; `detail` is for staff and may hold the provider's words."""
    return Line(order_id, at, kind, status, person_id, detail[:500], data)


def write(lines: Iterable[Line]) -> list[int]:
    """Save lines in one statement, and the e-mails that they are news for; returns their ids."""
    found = list(lines)
    numbers = sql.insert_rows(Event, Line._fields, found)
    news.of_lines(numbers, found)
    return numbers


def note(order_id: int, kind: EventKind, at: datetime, **more: Any) -> None:
    """Write one line."""
    write([line(order_id, kind, at, **more)])
