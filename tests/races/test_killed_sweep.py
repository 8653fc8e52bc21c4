"""A sweep killed with -9 while it asks: nothing half done, and the next one goes on."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from orders import ledger_check, polling
from orders.enums import OrderStatus
from orders.models import Order, Sweep, Transfer
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]


def order_at(simulator: RunningSimulator) -> Order:
    """An order that the simulator has and has canceled."""
    row = next(row for row in simulator.call("services") if row["type"] == "Default")
    link = "https://instagram.com/p/1"
    added = simulator.call("add", service=row["service"], link=link, quantity=row["min"])
    simulator.set_order(added["order"], status="Canceled")
    bulkhaus = factories.provider("Bulkhaus", url=simulator.url, key=simulator.key)
    long_ago = timezone.now() - timedelta(hours=1)
    return factories.order(
        of=factories.service(factories.offer(bulkhaus)),
        upstream_id=str(added["order"]),
        status_at=long_ago,
        changed_at=long_ago,
    )


def poll_in_a_process() -> subprocess.Popen[bytes]:
    """`poll_once` on this test's own database, in a process that can be killed."""
    values = connection.settings_dict
    where = f"{values['HOST'] or 'localhost'}:{values['PORT'] or 5432}/{values['NAME']}"
    url = f"postgres://{values['USER']}:{values['PASSWORD']}@{where}"
    return subprocess.Popen(
        [sys.executable, "manage.py", "poll_once"],
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


def wait_until_it_asks(simulator: RunningSimulator, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 120
    while not Sweep.objects.filter(token__isnull=False).exists():
        assert process.poll() is None, f"it ended before it asked: {process.communicate()}"
        assert time.monotonic() < give_up
        time.sleep(0.05)
    time.sleep(0.5)


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="one process writes at a time")
def test_a_killed_sweep_leaves_nothing_half_done_and_is_replaced(
    simulator: RunningSimulator,
) -> None:
    order = order_at(simulator)
    simulator.faults(latency={"next": 1, "action": "status", "ms": 8000})
    process = poll_in_a_process()
    try:
        wait_until_it_asks(simulator, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    order.refresh_from_db()
    assert (order.status, order.refunded) == (OrderStatus.PENDING, 0)
    assert polling.poll_once(order.provider_id, timezone.now()).state == "busy"
    Sweep.objects.update(expires_at=timezone.now())
    assert polling.poll_once(order.provider_id, timezone.now()).changed == 1
    order.refresh_from_db()
    assert (order.status, order.refunded) == (OrderStatus.CANCELED, Decimal("1.3"))
    assert Transfer.objects.filter(order=order, kind="refund").count() == 1
    assert not ledger_check.check()
