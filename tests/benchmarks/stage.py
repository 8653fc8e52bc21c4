"""Databases for a benchmark, on the server that DATABASE_URL names: made, copied, dropped again.

Django's connection speaks to whichever was opened last, so that the product runs as it is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connection

PREFIX = f"bench_{os.getpid()}"


@contextmanager
def database(name: str, *, like: str = "") -> Iterator[str]:
    """A database of our own, the one that Django speaks to meanwhile; dropped at the end.

    It has every table and no row, or is a copy of the database `like`, which nobody may be using.
    Yields its name.
    """
    made = f"{PREFIX}_{name}"
    connection.close()
    with _admin() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")
        strategy = _copying(cursor) if like else ""
        cursor.execute(f"CREATE DATABASE {made} TEMPLATE {like or _empty()}{strategy}")
    try:
        with speaking_to(made):
            yield made
    finally:
        with _admin() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")


@contextmanager
def speaking_to(name: str) -> Iterator[None]:
    """Django speaks to this database meanwhile."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def url() -> str:
    """Of the database that Django speaks to now, for a process that is started."""
    values = connection.settings_dict
    who = f"{values['USER']}:{values['PASSWORD']}" if values["PASSWORD"] else values["USER"]
    return f"postgres://{who}@{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"


def environment(**more: str) -> dict[str, str]:
    """Of a process that works on the same database with the same secrets."""
    from django.conf import settings

    keys = ",".join(settings.FIELD_KEYS)
    named = {"DATABASE_URL": url(), "FIELD_KEYS": keys, "SECRET_KEY": settings.SECRET_KEY}
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **named, **more}


@contextmanager
def unhurried() -> Iterator[Any]:
    """A cursor whose statements may take long: for planting."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        try:
            yield cursor
        finally:
            cursor.execute("RESET statement_timeout")


_made: list[str] = []


def _empty() -> str:
    """The database with every table and no row, migrated once a run."""
    if not _made:
        name = f"{PREFIX}_empty"
        with _admin() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        _made.append(name)
        with speaking_to(name):
            call_command("migrate", verbosity=0)
    return _made[0]


def clear() -> None:
    """Drop what is kept for the whole run."""
    while _made:
        with _admin() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {_made.pop()} WITH (FORCE)")


def _copying(cursor: Any) -> str:
    """A large database is copied file by file, not through the log; from PostgreSQL 15 on one has
    to say so."""
    cursor.execute("SHOW server_version_num")
    return " STRATEGY file_copy" if int(cursor.fetchone()[0]) >= 150_000 else ""


@contextmanager
def _admin() -> Iterator[Any]:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        yield cursor
