"""Every fork between PostgreSQL and SQLite, and the few statements the ORM has no word for.

`transactions` are short and say so when a lock cannot be had; `rows` writes many at once, `reading`
reads them; `queries` are written out; `among` finds many; `numbers` are those of new rows;
`searching` finds texts; `triggers` keep tables append-only; `migrated` is what a database needs
beside its tables.
"""

from orders.sql.among import among, as_one_value, hold
from orders.sql.databases import forget_durability, identity, is_postgresql
from orders.sql.migrated import after_migrate
from orders.sql.numbers import keep_from_growing, next_number, raise_next_number
from orders.sql.queries import Query
from orders.sql.reading import Reading, bare_rows
from orders.sql.rows import array, insert_all, insert_rows, unnest, update_rows, upsert_rows
from orders.sql.searching import begins_with, prefix_range, with_words
from orders.sql.transactions import (
    insist,
    is_deadlock,
    is_lock_timeout,
    repeated_on_deadlock,
    short_transaction,
    take_turns,
)
from orders.sql.triggers import APPEND_ONLY, missing_triggers, trigger_names

__all__ = [
    "APPEND_ONLY",
    "Query",
    "Reading",
    "after_migrate",
    "among",
    "array",
    "as_one_value",
    "bare_rows",
    "begins_with",
    "forget_durability",
    "hold",
    "identity",
    "insert_all",
    "insert_rows",
    "insist",
    "is_deadlock",
    "is_lock_timeout",
    "is_postgresql",
    "keep_from_growing",
    "missing_triggers",
    "next_number",
    "prefix_range",
    "raise_next_number",
    "repeated_on_deadlock",
    "short_transaction",
    "take_turns",
    "trigger_names",
    "unnest",
    "update_rows",
    "upsert_rows",
    "with_words",
]
