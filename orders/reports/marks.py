"""The triggers that mark as stale: a day by whatever changes its sums, a customer by being given
to another member; in the same transaction.

A mark is a row of its own, so those who change orders never wait for each other, and one that is
committed late is still there for the next run. Nothing is marked by what changes no sum: a report
of remains, a slower pace.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection

from orders import sql

# What the sums are made of (`orders.reports.sums`).
_COLUMNS = (
    "status",
    "cost",
    "charge_upstream",
    "refunded",
    "price",
    "expected_cost",
    "expected_charge_upstream",
    "service_id",
    "provider_id",
    "customer_id",
    "placed_by_id",
    "managed_by_id",
    "markup_of_id",
)


@dataclass(frozen=True)
class Mark:
    """A trigger: after `verb` on `table`, if `when`, rows of marks are `left`."""

    name: str
    table: str
    verb: str
    left: str
    when: str = ""


def _stale(at: str) -> str:
    """The day of this moment is."""
    return f"INSERT INTO orders_stalemoment (at) VALUES ({at});"


_MOVED = (
    "INSERT INTO orders_movedclient (customer_id, staff_id, is_spread)"
    " SELECT NEW.id, m.id, FALSE FROM"
    " (SELECT OLD.manager_id AS id UNION SELECT NEW.manager_id) m WHERE m.id IS NOT NULL;"
)
_OF_ORDER = "(SELECT placed_at FROM orders_order WHERE id = NEW.order_id)"
MARKS = (
    Mark("orders_order_placed_mark", "orders_order", "INSERT", _stale("NEW.placed_at")),
    Mark(
        "orders_order_changed_mark",
        "orders_order",
        f"UPDATE OF {', '.join(_COLUMNS)}",
        _stale("NEW.placed_at"),
        " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _COLUMNS),
    ),
    Mark(
        "orders_transfer_moved_mark",
        "orders_transfer",
        "INSERT",
        _stale("NEW.at"),
        "NEW.kind IN ('order', 'refund')",
    ),
    Mark("orders_refill_asked_mark", "orders_refill", "INSERT", _stale(_OF_ORDER)),
    Mark(
        "orders_customer_moved_mark",
        "orders_customer",
        "UPDATE OF manager_id",
        _MOVED,
        "OLD.manager_id IS DISTINCT FROM NEW.manager_id",
    ),
)


_TABLES = {"orders_stalemoment", "orders_movedclient"}


def install(*, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Put the triggers in place, after each `migrate`: SQLite drops them with a rebuilt table."""
    tables = set(connection.introspection.table_names())
    if using != DEFAULT_DB_ALIAS or not tables >= _TABLES:
        return  # migrated backwards
    with connection.cursor() as cursor:
        for mark in MARKS:
            for statement in _statements(mark):
                cursor.execute(statement)


def lift(*, using: str = DEFAULT_DB_ALIAS, plan: Sequence[tuple[Any, bool]] = (), **_: Any) -> None:
    """Take them away before a `migrate` that they would stand in the way of: SQLite looks at them
    whenever it rebuilds a table, and backwards the tables go that they write into."""
    goes_back = any(backwards for _, backwards in plan)
    if using != DEFAULT_DB_ALIAS or not plan or (sql.is_postgresql() and not goes_back):
        return
    with connection.cursor() as cursor:
        for mark in MARKS:
            if sql.is_postgresql():
                cursor.execute(f"DROP TRIGGER IF EXISTS {mark.name} ON {mark.table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS {mark.name}_fn()")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {mark.name}")


def missing() -> list[str]:
    """Triggers that should be there and are not."""
    with connection.cursor() as cursor:
        if sql.is_postgresql():
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        present = {row[0] for row in cursor.fetchall()}
    return sorted({mark.name for mark in MARKS} - present)


def _statements(mark: Mark) -> Iterator[str]:
    when = f" WHEN ({mark.when})" if mark.when else ""
    if not sql.is_postgresql():
        yield f"DROP TRIGGER IF EXISTS {mark.name}"
        # SQLite compares nulls so with IS NOT, which every version of it knows.
        plain = when.replace("IS DISTINCT FROM", "IS NOT")
        yield (
            f"CREATE TRIGGER {mark.name} AFTER {mark.verb} ON {mark.table} FOR EACH ROW{plain}"
            f" BEGIN {mark.left} END"
        )
        return
    function = f"{mark.name}_fn"
    yield (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {mark.left} RETURN NULL; END $$"
    )
    yield (
        f"CREATE OR REPLACE TRIGGER {mark.name} AFTER {mark.verb} ON {mark.table}"
        f" FOR EACH ROW{when} EXECUTE FUNCTION {function}()"
    )
    yield f"ALTER TABLE {mark.table} ENABLE TRIGGER {mark.name}"
