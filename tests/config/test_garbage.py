"""A worker's processes leave alone what they began with."""

import gc
import os
import subprocess
import sys
from pathlib import Path

from config import garbage

ROOT = Path(__file__).resolve().parents[2]
WORKER = (
    "from config.celery import app; app.loader.import_default_modules();"
    "from celery.signals import worker_process_init; worker_process_init.send(sender=None)"
)
TELL = "import gc; print(gc.get_freeze_count(), *gc.get_threshold(), gc.isenabled())"


def test_what_is_there_is_left_alone_and_rings_are_still_found() -> None:
    before = gc.get_threshold()
    try:
        garbage.settle()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() == (garbage.NEW_OBJECTS, *before[1:])
        ring: list[object] = []
        ring.append(ring)
        del ring
        assert gc.collect() >= 1
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def test_a_workers_process_settles_once_it_has_begun() -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"{WORKER}; {TELL}"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    count, newest, _, _, is_on = told.stdout.split()[-5:]
    assert int(count) > 50_000
    assert int(newest) == garbage.NEW_OBJECTS
    assert is_on == "True"
