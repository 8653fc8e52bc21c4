"""Short transactions, and what is done when a lock cannot be had."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from orders.errors import Busy
from orders.sql.databases import is_postgresql

log = structlog.get_logger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
DEADLOCK_TRIES = 4
INSISTING_PAUSES = (0.2, 1, 3, 6)
"""Seconds between the tries to write something down."""
_LOCK_NOT_AVAILABLE = "55P03"
_DEADLOCK_DETECTED = "40P01"


def _sqlstate(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", "") or ""


def is_lock_timeout(error: OperationalError) -> bool:
    """A lock could not be had in time: 55P03 there, "database is locked" here."""
    return _sqlstate(error) == _LOCK_NOT_AVAILABLE or "database is locked" in str(error)


def is_deadlock(error: OperationalError) -> bool:
    """PostgreSQL chose this transaction to give way; SQLite has one writer and no deadlocks."""
    return _sqlstate(error) == _DEADLOCK_DETECTED


@contextmanager
def short_transaction() -> Iterator[None]:
    """A transaction that turns a lock time-out into `Busy`: nothing was changed."""
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        if is_lock_timeout(error):
            raise Busy from error
        raise


def repeated_on_deadlock(verb: Callable[P, R]) -> Callable[P, R]:
    """Run a whole transaction again when the database broke a deadlock by ending it.

    Only for functions that open the outermost transaction themselves.
    """

    @wraps(verb)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, DEADLOCK_TRIES + 1):
            try:
                return verb(*args, **kwargs)
            except OperationalError as error:
                if not is_deadlock(error) or attempt == DEADLOCK_TRIES:
                    raise
        raise AssertionError("unreachable")

    return wrapper


def take_turns(about: str) -> None:
    """Until this transaction ends nobody else gets past here about the same. For what no row stands
    for yet; it is waited for like a row's lock. On SQLite a transaction is alone anyway."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [about])


def insist(write: Callable[[], R], what: str) -> R:
    """Write down what cannot be heard a second time, such as a provider's answer: tried again while
    the database is away or a lock is held, for about ten seconds. Then the last error is raised.
    """
    for pause in INSISTING_PAUSES:
        try:
            return write()
        except (OperationalError, InterfaceError, Busy) as error:
            log.warning("sql.not_written", what=what, error=type(error).__name__)
            connection.close()
            time.sleep(pause)
    return write()
