"""Lines of an order's history. Written in the transaction that made them true."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from orders import news, sql
from orders.enums import EventKind
from orders.models import Event


def event(
    order_id: int,
    kind: EventKind,
    at: datetime,
    *,
    status: str = "",
    person_id: int | None = None,
    detail: str = "",
    **data: Any,
) -> Event:
    """An unsaved line; `detail` is for staff and may hold the provider's words."""
    return Event(
        order_id=order_id,
        kind=kind,
        at=at,
        status=status,
        person_id=person_id,
        detail=detail[:500],
        data=data,
    )


def write(events: Iterable[Event]) -> None:
    """Save lines in one statement, and the e-mails that they are news for."""
    news.of_events(sql.insert_all(list(events)))


def note(order_id: int, kind: EventKind, at: datetime, **more: Any) -> None:
    """Write one line."""
    write([event(order_id, kind, at, **more)])
