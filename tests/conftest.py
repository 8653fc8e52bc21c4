"""What every test gets: a clean cache and a doorbell that has forgotten old silences."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management.commands import flush
from django.db import connections

from orders import doorbell, sql

pytest_plugins = ["tests.support.pretend", "tests.support.simulator"]


@pytest.fixture(autouse=True)
def _nothing_left_of_the_test_before() -> None:
    cache.clear()
    doorbell.forget_silence()


@pytest.fixture(autouse=True, scope="session")
def _flush_may_empty_append_only_tables() -> Iterator[None]:
    """Tests that commit are cleaned up by `flush`, which the append-only triggers refuse.

    Only here are they lifted; `post_migrate`, which follows every flush, puts them back.
    """
    handle = flush.Command.handle

    def handle_without_triggers(self: flush.Command, **options: Any) -> None:
        on_table = " ON {}" if sql.is_postgresql(options["database"]) else ""
        with connections[options["database"]].cursor() as cursor:
            for table in sql.APPEND_ONLY:
                for name in sql.trigger_names(table):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table.format(table)}")
        handle(self, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", handle_without_triggers)
        yield


@pytest.fixture
def now() -> datetime:
    """A fixed moment for verbs that take `now`."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
