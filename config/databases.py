"""The database: PostgreSQL by its address, or a SQLite file under `var/`."""

from pathlib import Path
from typing import Any

import environ


def configure(env: environ.Env, var: Path) -> dict[str, Any]:
    """Django's DATABASES."""
    database = env.db("DATABASE_URL") if env.str("DATABASE_URL", "") else _sqlite(env, var)
    if "postgresql" in database["ENGINE"]:
        _tune(env, database)
    return {"default": database}


def _sqlite(env: environ.Env, var: Path) -> dict[str, Any]:
    var.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(var / "halfpenny.sqlite3"),
        "OPTIONS": {
            # Without IMMEDIATE a transaction that first reads and then writes fails at once when
            # another one writes, whatever the time-out.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: a claim is on disk before anything is sent, even if the power fails.
            "init_command": "PRAGMA journal_mode=WAL;"
            f" PRAGMA synchronous={env.str('SQLITE_SYNCHRONOUS', default='FULL')}",
        },
    }


def _tune(env: environ.Env, database: dict[str, Any]) -> None:
    # A lock that cannot be had soon becomes "busy for a moment, nothing was charged".
    limits = {"lock_timeout": "5s", "statement_timeout": env.str("STATEMENT_TIMEOUT", "60s")}
    # Compiling a report's query takes longer than the query: a quarter of a second, each time.
    limits["jit"] = "off"
    database.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    database.setdefault("OPTIONS", {}).update(
        options=" ".join(f"-c {name}={value}" for name, value in limits.items()),
        connect_timeout=5,
        application_name="halfpenny",
    )
