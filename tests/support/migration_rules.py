"""Which operations of a migration cannot run beside the panel at work, and what to do instead.

While a migration runs, the release before it serves: it must go on reading and writing. And no
statement may hold a lock on a table that grows for longer than a moment.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from orders.migrating import AddIndexOnline, RemoveIndexOnline

SMALL = frozenset(
    {"panel", "provider", "providerstate", "staff", "category", "paymentmethod", "alertsettings"}
    | {"reportstate", "heartbeat", "sweep"}
)
"""Tables of a few rows: locking one of them is over before anybody notices."""

Rule = Callable[[Any, ProjectState, bool], str]


def dangers(migration: Migration, before: ProjectState) -> Iterator[str]:
    """What is wrong with a migration, in sentences. `before` is the state that it begins with.

    `second_step = "why nothing uses it any more"` on the class lets it take things away.
    """
    state, made = before.clone(), set[str]()
    allowed = bool(getattr(migration, "second_step", ""))
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        elif _model(operation) not in made:
            for kinds, rule in RULES:
                if isinstance(operation, kinds) and (said := rule(operation, state, allowed)):
                    yield f"{migration.name}: {operation.describe()}: {said}"
        if isinstance(operation, operations.RunPython | operations.RunSQL) and migration.atomic:
            yield f"{migration.name}: rows are changed in one transaction; set atomic = False"
        if isinstance(operation, AddIndexOnline | RemoveIndexOnline) and migration.atomic:
            yield f"{migration.name}: an index is built online outside of transactions only"
        operation.state_forwards(migration.app_label, state)


def _model(operation: Operation) -> str:
    return str(getattr(operation, "model_name_lower", getattr(operation, "name_lower", "")))


def _takes_away(operation: Any, state: ProjectState, allowed: bool) -> str:
    if allowed:
        return ""
    return "the release before still uses it; take it away one release later, as a second_step"


def _renames(operation: Any, state: ProjectState, allowed: bool) -> str:
    return "the release before knows the old name; add the new one, copy, take the old one away"


def _index(operation: Any, state: ProjectState, allowed: bool) -> str:
    if isinstance(operation, AddIndexOnline | RemoveIndexOnline) or _model(operation) in SMALL:
        return ""
    return "writers wait until it is done; use orders.migrating's operation"


def _constraint(operation: Any, state: ProjectState, allowed: bool) -> str:
    if _model(operation) in SMALL:
        return ""
    return "every row is checked under a lock; add it NOT VALID and validate it afterwards"


def _new_field(operation: Any, state: ProjectState, allowed: bool) -> str:
    field = operation.field
    if isinstance(field, models.ManyToManyField) or _model(operation) in SMALL:
        return ""
    if not field.null and field.db_default is models.NOT_PROVIDED:
        return "the release before writes rows without it; null=True, or db_default"
    if field.db_index or field.unique:
        return "its index is built under a lock; add the field without, the index online"
    return ""


def _altered_field(operation: Any, state: ProjectState, allowed: bool) -> str:
    if _model(operation) in SMALL:
        return ""
    key = ("orders", operation.model_name_lower)
    old = state.models[key].fields[operation.name]
    was, becomes = (_column(each) for each in (old, operation.field))
    if was != becomes and not _is_wider_text(old, operation.field):
        return "the whole table is written anew or checked; add a column, copy, change over"
    if (operation.field.db_index or operation.field.unique) and not (old.db_index or old.unique):
        return "its index is built under a lock; add it online"
    return ""


def _column(field: Any) -> tuple[Any, bool]:
    if isinstance(field, models.ForeignKey):
        return "reference", field.null
    return field.db_type(connection), field.null


def _is_wider_text(old: Any, new: Any) -> bool:
    """PostgreSQL makes a varchar longer without looking at a row."""
    if not (type(old) is type(new) is models.CharField) or old.null != new.null:
        return False
    return bool(new.max_length is None or (old.max_length and old.max_length <= new.max_length))


RULES: tuple[tuple[tuple[type[Operation], ...], Rule], ...] = (
    ((operations.RemoveField, operations.DeleteModel), _takes_away),
    (
        (operations.RenameField, operations.RenameModel, operations.AlterModelTable),
        _renames,
    ),
    ((operations.AddIndex, operations.RemoveIndex), _index),
    ((operations.AddConstraint,), _constraint),
    ((operations.AddField,), _new_field),
    ((operations.AlterField,), _altered_field),
)
