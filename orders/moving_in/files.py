"""Both kinds of file under one hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from orders.enums import ImportKind
from orders.models import User
from orders.moving_in import customers, services
from orders.moving_in.customer_rows import CustomerRows, read_customers
from orders.moving_in.plans import Report
from orders.moving_in.service_rows import ServiceRows, read_services

Rows = ServiceRows | CustomerRows


def _nothing() -> None:
    """The panel's row is lock enough."""


@dataclass(frozen=True)
class File:
    """How a kind of file is read, taken up again, looked at and written."""

    read: Callable[[bytes], Any]
    take_up: Callable[[Any], Any]
    take_up_one: Callable[[Any, frozenset[int]], Any]
    look: Callable[..., Any]
    write: Callable[..., None]
    lock: Callable[[], None] = _nothing


FILES = {
    ImportKind.SERVICES: File(
        read_services,
        ServiceRows.from_json,
        ServiceRows.one,
        services.look,
        services.write,
        services.lock,
    ),
    ImportKind.CUSTOMERS: File(
        read_customers, CustomerRows.from_json, CustomerRows.one, customers.look, customers.write
    ),
}


def look_at(kind: ImportKind, rows: Rows, *, by: User | None) -> Report:
    """What the rows would do now; nothing is written. Raises `NotAllowed`."""
    report: Report = FILES[kind].look(rows, by=by).report
    return report
