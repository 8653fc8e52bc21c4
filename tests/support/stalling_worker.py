"""A worker process for the race tests: sends what waits, and stops itself (SIGSTOP) at one place.

Run as `python -m tests.support.stalling_worker PLACE` with the test's database in the environment.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def stop_before(owner: Any, name: str) -> None:
    """Let the named function stop this process once, before it does anything."""
    original: Callable[..., Any] = getattr(owner, name)

    def stopped(*args: Any, **kwargs: Any) -> Any:
        setattr(owner, name, original)
        os.kill(os.getpid(), signal.SIGSTOP)
        return original(*args, **kwargs)

    setattr(owner, name, stopped)


def main(place: str) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from orders import service_types, submission
    from orders.upstream import connections, wire
    from orders.upstream.client import Client

    places: dict[str, tuple[Any, str]] = {
        "after-claim": (service_types, "parameters"),
        "before-request": (Client, "add"),
        "before-connect": (connections, "_connect"),
        "before-last-check": (wire.Attempt, "check_in_time"),
    }
    if place in places:
        stop_before(*places[place])
    submission.submit_due(timezone.now())


if __name__ == "__main__":
    main(sys.argv[1])
