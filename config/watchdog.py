"""Ends what a supervisor leaves behind when it dies without a chance to tidy up (kill -9).

Runs as a process of its own: `python config/watchdog.py`. Its standard input is a pipe held open
by the supervisor, which writes "+GROUP" for each process group it starts and "-GROUP" for each
that has ended. The end of the input means that the supervisor is gone.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 5.0


def living(groups: Iterable[int]) -> list[int]:
    """Those process groups that still have a member."""
    return [group for group in groups if send(group, 0)]


def send(group: int, number: int) -> bool:
    """Signal a whole group; false when there is no such group any more."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(groups: Iterable[int], grace: float = GRACE_SECONDS) -> None:
    """Ask the groups to end, wait, then make them."""
    remaining = [group for group in groups if send(group, signal.SIGTERM)]
    deadline = time.monotonic() + grace
    while (remaining := living(remaining)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in remaining:
        send(group, signal.SIGKILL)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    end(groups)


if __name__ == "__main__":
    main()
