"""A thread of each web process that looks after the machinery once a minute.

Silent workers cannot say that they are silent; and at night nobody opens a page that could. It has
a database connection of its own, delays no request, and nothing that goes wrong in it reaches one.
"""

import random
import threading
import time
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection
from django.utils import timezone

log = structlog.get_logger(__name__)

PACE = 60.0
"""Seconds from one look to the next."""

FIRST_AFTER = 10.0


@dataclass(frozen=True)
class Look:
    """What was seen, and when by the monotonic clock."""

    machinery: dict[str, Any] | None
    at: float


_last: Look | None = None
_thread: threading.Thread | None = None
_lock = threading.Lock()
_dismissed = threading.Event()


def start() -> None:
    """Start this process's watchman, once. To be called in the process that serves requests: a
    thread does not outlive a fork."""
    global _thread
    with _lock:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_keep_watch, name="watchman", daemon=True)
            _thread.start()


def last_seen() -> dict[str, Any]:
    """How the machinery was when this process last looked; None before the first look."""
    if _last is None:
        return {"machinery": None, "looked_seconds_ago": None}
    return {
        "machinery": _last.machinery,
        "looked_seconds_ago": int(time.monotonic() - _last.at),
    }


def look() -> None:
    """One look, and one turn at the alerts. Never raises."""
    global _last
    from orders import alerts, vitals  # the app registry is ready by now

    try:
        _last = Look(vitals.vitals(timezone.now()).as_json(), time.monotonic())
        result = alerts.watch(timezone.now())
        log.debug("watchman.looked", result=result)
    except Exception as error:
        _last = Look(None, time.monotonic())
        log.warning("watchman.saw_nothing", error=type(error).__name__)
    finally:
        _let_go()


def _let_go() -> None:
    """A connection that is used once a minute is not kept."""
    try:
        connection.close()
    except Exception as error:
        log.warning("watchman.connection", error=type(error).__name__)


def _keep_watch() -> None:
    # Processes that start together do not come by together.
    wait = FIRST_AFTER + random.uniform(0, FIRST_AFTER)
    while not _dismissed.wait(wait):
        look()
        wait = PACE + random.uniform(-5, 5)
