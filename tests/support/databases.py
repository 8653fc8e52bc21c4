"""Databases of their own on the test's PostgreSQL, for what needs a whole one: a panel in
production's shape, a dump and what it is restored into."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connection
from psycopg import sql

from tests.support.servers import postgresql_programs


@dataclass(frozen=True)
class Database:
    """One database, reached as the tests reach theirs."""

    name: str

    @property
    def url(self) -> str:
        """As `DATABASE_URL` has it."""
        return self.url_with(_server("PASSWORD"))

    def url_with(self, password: str) -> str:
        """The same with a password, where the server asks for none; else with the one it asks."""
        secret = quote(_server("PASSWORD") or password, safe="")
        server = f"{_host()}:{_port()}"
        return f"postgres://{_server('USER')}{secret and ':'}{secret}@{server}/{self.name}"

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """What one statement finds, or does."""
        with self.connected() as own:
            cursor = own.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def connected(self) -> psycopg.Connection[Any]:
        """A connection of its own, which commits when it is left."""
        return _connect(self.name)


@contextmanager
def fresh_database(like: Database | None = None) -> Iterator[Database]:
    """A database, empty or a copy of one that nobody is connected to; dropped afterwards whoever
    is still connected."""
    name = f"halfpenny_{secrets.token_hex(6)}"
    with _connect("postgres", autocommit=True) as server:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        template = sql.Identifier(like.name if like else "template1")
        server.execute(create.format(sql.Identifier(name), template))
        try:
            yield Database(name)
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            server.execute(drop.format(sql.Identifier(name)))


def _connect(name: str, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=_host(),
        port=_port(),
        user=_server("USER"),
        password=_server("PASSWORD"),
        dbname=name,
        autocommit=autocommit,
    )


def _server(name: str) -> str:
    return str(connection.settings_dict[name] or "")


def _host() -> str:
    return _server("HOST") or "127.0.0.1"


def _port() -> str:
    return _server("PORT") or "5432"


def program(name: str) -> str:
    """One of PostgreSQL's own programs, of the version that its server has."""
    found = postgresql_programs() / name
    return str(found) if found.exists() else shutil.which(name) or name
