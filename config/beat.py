"""Celery's scheduler, which also leaves a sign of life in the database.

Without it a silent timetable and silent workers could not be told apart.
"""

import time
from typing import Any

import structlog
from celery.beat import PersistentScheduler
from django.db import close_old_connections
from django.utils import timezone

SIGN_EVERY = 15.0
"""Seconds."""

log = structlog.get_logger(__name__)


class Scheduler(PersistentScheduler):
    """The timetable as ever; each few ticks are written down."""

    _next_sign = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Hand out what is due; returns the seconds until the next tick."""
        wait = super().tick(*args, **kwargs)
        if time.monotonic() >= self._next_sign:
            self._next_sign = time.monotonic() + SIGN_EVERY
            leave_a_sign()
        return wait


def leave_a_sign() -> None:
    """Never raises: a database that is away must not stop the timetable."""
    from orders import machinery  # only when the app registry is ready

    try:
        close_old_connections()
        machinery.ticked(timezone.now())
    except Exception as error:
        log.warning("beat.no_sign", error=type(error).__name__)
