"""A worker that is asked to stop finishes what it has in hand, also where everybody is asked.

Celery's leader stops taking tasks on SIGTERM and waits for its children. Compose asks the leader
alone; systemd, as it comes, and a shell's `kill` of a group ask the children too, and those would
die in the middle of a task: an order would be cut off between its request and its answer.
"""

import os
import signal
import threading
from types import FrameType
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_process_init

LEAVES_AFTER = 1.0
"""Seconds in which a child that was asked tells its leader how the task went."""

_asked = False


def protect() -> None:
    """Let the children of this process's pool end between tasks only."""
    worker_process_init.connect(_in_a_child, weak=False)


def _in_a_child(**_: Any) -> None:
    task_prerun.connect(_begun, weak=False)
    task_postrun.connect(_done, weak=False)


def _begun(**_: Any) -> None:
    signal.signal(signal.SIGTERM, _later)


def _later(number: int, frame: FrameType | None) -> None:
    global _asked
    _asked = True


def _done(**_: Any) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if _asked:
        # Where the leader stops too it has sent this child home by then.
        leave = threading.Timer(LEAVES_AFTER, os.kill, (os.getpid(), signal.SIGTERM))
        leave.daemon = True
        leave.start()
