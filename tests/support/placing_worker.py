"""A worker process for the race tests: places the lines of many orders, and stops itself (SIGSTOP)
when it comes by one place for the nth time.

Run as `python -m tests.support.placing_worker PLACE TIMES` with the test's database in the
environment.
"""

import os
import signal
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def stop_at(owner: Any, name: str, times: int, *, after: bool) -> None:
    """Let the named function stop this process the nth time, before it runs or after."""
    original, seen = getattr(owner, name), 0

    def stopping(*args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == times and not after:
            os.kill(os.getpid(), signal.SIGSTOP)
        found = original(*args, **kwargs)
        if seen == times and after:
            os.kill(os.getpid(), signal.SIGSTOP)
        return found

    setattr(owner, name, stopping)


def main(place: str, times: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from orders import mass_orders, placement
    from orders.models import MassLine

    places: dict[str, tuple[Any, str, bool]] = {
        "before-order": (placement, "place", False),
        "after-order": (placement, "place", True),
        "before-result": (MassLine, "save", False),
        "after-result": (MassLine, "save", True),
    }
    owner, name, after = places[place]
    stop_at(owner, name, times, after=after)
    mass_orders.carry_out(timezone.now())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
