"""How often a worker's process looks for rings of objects that nobody needs any more.

The web looks as Python has it: its pages and its API were measured, and won nothing that is sure.
"""

import gc
from typing import Any

from celery.signals import worker_process_init

NEW_OBJECTS = 20_000
"""More objects so many than were let go of, and the young ones are looked through."""


def settle() -> None:
    """Leave alone for good what is there by now: code, models, settings; look through what comes
    later more seldom.

    Python's own measure is 700 objects. Whoever reads rows by the thousand makes more of them all
    the time, none in a ring: looking took a tenth of the CPU of a sweep.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


def settle_children() -> None:
    """The same in each process of this worker's pool, once it has begun."""
    worker_process_init.connect(_in_a_child, weak=False)


def _in_a_child(**_: Any) -> None:
    settle()
