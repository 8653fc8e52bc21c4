"""The doorbell: asks a worker to look now, after the transaction has committed.

The rows are the queue. A ring carries no work and may be lost: the periodic jobs find what a lost
ring left. So ringing never raises, never blocks for long and is never retried.
"""

import time
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from structlog.contextvars import get_contextvars

log = structlog.get_logger(__name__)

QUIET_SECONDS = 10.0
"""After a failed ring nobody tries again for this long, so that a dead broker slows nobody."""

_quiet_until = 0.0


def ring(task_name: str, *args: object) -> None:
    """Send the task called `task_name` once the transaction around this call has committed.

    `args` must be plain JSON values (ids). Outside a transaction it is sent at once; a
    transaction that is rolled back sends nothing.
    """
    transaction.on_commit(partial(_send, task_name, args), robust=True)


def forget_silence() -> None:
    """Try again at once, whatever the last ring met."""
    global _quiet_until
    _quiet_until = 0.0


def _send(task_name: str, args: tuple[object, ...]) -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        # Whose request it was stands in the lines of the job, too.
        headers = {"rung_by": get_contextvars().get("request_id")}
        current_app.send_task(
            task_name, args=args, headers=headers, retry=False, ignore_result=True
        )
    except Exception as error:  # whatever the broker's library raises: a ring may always be lost
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("doorbell.not_heard", task=task_name, error=type(error).__name__)
