"""Which database this is."""

from django.db import DEFAULT_DB_ALIAS, connection, connections


def is_postgresql(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether this database is PostgreSQL (the other one is SQLite)."""
    return connections[using].vendor == "postgresql"


def identity() -> str:
    """Which database this is, which tables, which of the server's timelines: another one after
    every restoring of a dump, into whichever database, after a recovery to a point in time and when
    a replica takes over. The same after a restart, a `VACUUM FULL` and every migration.

    "" on SQLite, where a database is a file that anybody may copy.
    """
    if not is_postgresql():
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, d.oid, 'orders_order'::regclass::oid,"
            " left(pg_walfile_name(pg_current_wal_lsn()), 8)"
            " FROM pg_control_system(), pg_database d WHERE datname = current_database()"
        )
        return "/".join(str(number) for number in cursor.fetchone())


def forget_durability() -> None:
    """Stop waiting for the disk on this connection: only to fill a demo that is begun anew if it
    breaks off. PostgreSQL does not need it."""
    if not is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
