"""An upgrade does not close the panel: no migration locks what grows, or breaks who still runs."""

from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader

from orders.migrating import AddIndexOnline, RemoveIndexOnline
from tests.support.migration_rules import dangers

WRITTEN_BEFORE_THE_FIRST_RELEASE = "0026"
"""These make an empty database; no installation runs them beside a panel at work."""


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


def test_no_migration_since_the_first_release_closes_the_panel(loader: MigrationLoader) -> None:
    assert [
        danger
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if app == "orders" and name[:4] > WRITTEN_BEFORE_THE_FIRST_RELEASE
        for danger in dangers(migration, loader.project_state((app, name), at_end=False))
    ] == []


def planted(*found: Any, **more: Any) -> Migration:
    migration = type("Migration", (Migration,), {"operations": list(found), **more})
    return migration("0099_planted", "orders")


ON_DAY = models.Index(fields=["finished_at"], name="planted_by_day")

BAD: dict[str, tuple[Any, str]] = {
    "an index": (operations.AddIndex("order", ON_DAY), "writers wait"),
    "an index online, in a transaction": (AddIndexOnline("order", ON_DAY), "outside"),
    "an index taken away": (operations.RemoveIndex("order", "order_by_day"), "writers wait"),
    "a field that must be there": (
        operations.AddField("order", "colour", models.CharField(max_length=9, default="")),
        "db_default",
    ),
    "a field with an index": (
        operations.AddField("order", "colour", models.IntegerField(null=True, db_index=True)),
        "its index",
    ),
    "a check": (
        operations.AddConstraint(
            "event", models.CheckConstraint(condition=models.Q(pk__gt=0), name="planted")
        ),
        "NOT VALID",
    ),
    "another type": (
        operations.AlterField("order", "quantity", models.DecimalField(max_digits=9)),
        "written anew",
    ),
    "no longer null": (
        operations.AlterField("order", "remains", models.BigIntegerField()),
        "written anew",
    ),
    "shorter text": (
        operations.AlterField("order", "flag", models.CharField(max_length=9)),
        "written anew",
    ),
    "a field taken away": (operations.RemoveField("order", "flag"), "second_step"),
    "a table taken away": (operations.DeleteModel("Event"), "second_step"),
    "another name": (operations.RenameField("order", "flag", "mark"), "old name"),
    "rows changed": (operations.RunPython(operations.RunPython.noop), "atomic = False"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_dangerous_is_refused(what: str, loader: MigrationLoader) -> None:
    operation, word = BAD[what]
    state = loader.project_state()
    (said,) = dangers(planted(operation), state)
    assert word in said


def test_what_is_harmless_is_not(loader: MigrationLoader) -> None:
    colour = models.CharField(max_length=9, db_default="")
    found = [
        operations.AddField("order", "colour", colour),
        operations.AddField("order", "weight", models.IntegerField(null=True)),
        operations.AddField("panel", "colour", models.CharField(max_length=9, default="")),
        operations.AlterField("order", "flag", models.CharField(max_length=900, blank=True)),
        operations.CreateModel("Colour", [("id", models.BigAutoField(primary_key=True))]),
        operations.AddIndex("colour", models.Index(fields=["id"], name="planted_of_colour")),
    ]
    assert list(dangers(planted(*found), loader.project_state())) == []
    online = planted(AddIndexOnline("order", ON_DAY), atomic=False)
    assert list(dangers(online, loader.project_state())) == []
    gone = planted(operations.RemoveField("order", "flag"), second_step="Nothing reads it.")
    assert list(dangers(gone, loader.project_state())) == []


@pytest.mark.django_db(transaction=True)
def test_an_index_is_built_and_taken_away_online(loader: MigrationLoader) -> None:
    state = loader.project_state()
    for operation in (
        AddIndexOnline("order", ON_DAY),
        RemoveIndexOnline("order", "planted_by_day"),
    ):
        after = state.clone()
        operation.state_forwards("orders", after)
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("orders", editor, state, after)
        state = after
        there = "planted_by_day" in _indexes()
        assert there == isinstance(operation, AddIndexOnline)


def _indexes() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "orders_order"))
