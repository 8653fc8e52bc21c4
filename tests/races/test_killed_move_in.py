"""A process killed with -9 while a file comes in: the next one goes on, nothing comes in twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from orders import ledger_check, moving_in, rounds
from orders.enums import ImportKind
from orders.models import Account, ApiKey, Arrival, Customer, ImportFile, ImportLine, Transfer
from tests.orders.moving_in.conftest import customers_csv
from tests.support import factories

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
ROWS = 150


def begun() -> ImportFile:
    by = factories.owner().user
    rows = [f"c{n}@shop.example,C{n},,1.25,20,key-of-client-{n:04}" for n in range(ROWS)]
    now = timezone.now()
    content = customers_csv(*rows)
    file = moving_in.keep(ImportKind.CUSTOMERS, "many.csv", content, by=by, now=now)
    return moving_in.start(file, moving_in.preview(file, by=by).fingerprint, by=by, now=now)


def run_once_in_a_process() -> subprocess.Popen[bytes]:
    values = connection.settings_dict
    where = f"{values['HOST'] or 'localhost'}:{values['PORT'] or 5432}/{values['NAME']}"
    url = f"postgres://{values['USER']}:{values['PASSWORD']}@{where}"
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_once"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def kill_past(lines: int, file: ImportFile) -> int:
    """Let a process work until so many lines are done, kill it; how far it really came."""
    process = run_once_in_a_process()
    give_up = time.monotonic() + 60
    try:
        while ImportFile.objects.get(pk=file.pk).lines_done < lines:
            assert process.poll() is None, f"it ended before: {process.communicate()}"
            assert time.monotonic() < give_up
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return ImportFile.objects.get(pk=file.pk).lines_done


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="one process writes at a time")
def test_a_killed_process_leaves_whole_lines_and_the_next_one_goes_on() -> None:
    file = begun()
    for lines in (1, 40, 41, 90):
        done = kill_past(lines, file)
        assert lines <= done < ROWS
        came = ImportLine.objects.filter(file=file).exclude(fate="").count()
        assert came == done == Customer.objects.count() == Transfer.objects.count()
        assert moving_in.go_on(timezone.now(), seconds=0).lines == 0  # its lease still holds
        ImportFile.objects.update(leased_until=timezone.now())

    assert "1 files ended" in str(rounds.AT_ONCE["orders.move_in"](timezone.now()))
    file.refresh_from_db()
    assert file.counts == {"added": ROWS, "keys": ROWS}
    assert Transfer.objects.count() == Arrival.objects.count() == ApiKey.objects.count() == ROWS
    assert Account.objects.aggregate(all=Sum("balance"))["all"] == ROWS * 1.25
    assert not ledger_check.check()
