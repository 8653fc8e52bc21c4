"""What a piece of code wrote, so that a test reads no other table to see which rows changed."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, models

from orders.models import StaleMoment

READING = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")

TABLES = {model._meta.db_table: model for model in apps.get_app_config("orders").get_models()}


@dataclass
class Written:
    """The statements that may have changed rows: all but plain reading and savepoints."""

    statements: list[str] = field(default_factory=list)

    @property
    def models(self) -> list[type[models.Model]]:
        """Those whose tables they name, and the one that triggers write to whatever is written."""
        named = {name for said in self.statements for name in re.findall(r"\borders_\w+", said)}
        told = named & TABLES.keys()
        if told:
            told.add(StaleMoment._meta.db_table)
        return [TABLES[name] for name in sorted(told)]


@contextmanager
def writing() -> Iterator[Written]:
    """The statements within."""
    found = Written()

    def watch(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        if not str(sql).lstrip("( ").startswith(READING):
            found.statements.append(str(sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield found
