"""One submission is sent once: two workers, two clicks, a worker killed, a worker that stalls."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from orders import ledger_check, placement, submission
from orders.enums import OrderStatus, SubmissionOutcome
from orders.models import Order, Provider, Submission
from orders.submission import claims
from tests.races.conftest import DEADLINE
from tests.support import factories
from tests.support.simulator import ROOT, RunningSimulator
from tests.support.threads import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def worker(place: str = "nowhere") -> subprocess.Popen[bytes]:
    """A process that sends what waits in this test's database."""
    values = connection.settings_dict
    address = f"postgres://{values['USER']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.stalling_worker", place],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": address, "FIELD_KEYS": ",".join(settings.FIELD_KEYS)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.05)


def is_stopped(process: subprocess.Popen[bytes]) -> bool:
    with open(f"/proc/{process.pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


def expire(order: Order) -> None:
    Submission.objects.filter(order=order).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_of_many_workers_that_claim_one_order_one_gets_it(
    waiting: Callable[..., Order],
) -> None:
    order, now = waiting(), timezone.now()
    found = at_once(*[lambda: claims.claim(order.pk, now)] * 6)

    assert len([claim for claim in found if claim is not None]) == 1
    assert Submission.objects.filter(order=order).count() == 1


def test_many_senders_at_once_buy_each_order_once(
    waiting: Callable[..., Order], upstream: RunningSimulator
) -> None:
    orders = [waiting(str(number)) for number in range(12)]
    now = timezone.now()
    at_once(*[lambda: submission.submit_due(now)] * 4)

    bought = sorted(entry["link"] for entry in upstream.log())
    assert bought == sorted(order.link for order in orders)


def test_two_clicks_make_one_order(waiting: Callable[..., Order]) -> None:
    like = waiting()
    fields = {"link": "https://instagram.com/twice", "quantity": 1000}
    by = factories.staff(sees_all_customers=True).user

    def click() -> placement.Placed:
        return placement.place(
            like.customer,
            like.service_id,
            fields,
            by=by,
            now=timezone.now(),
            client_key="one-form",
        )

    placed = at_once(*[click] * 5)

    assert len({each.order.pk for each in placed}) == 1
    assert [each.is_new for each in placed].count(True) == 1
    assert Order.objects.filter(client_key="one-form").count() == 1
    assert list(ledger_check.check()) == []


def test_a_worker_killed_between_claim_and_answer_leaves_one_add_and_no_second(
    waiting: Callable[..., Order], upstream: RunningSimulator
) -> None:
    order = waiting("fault-timeout-after")
    Provider.objects.update(read_timeout=60, total_timeout=60)  # it is killed before it gives up
    process = worker()
    try:
        wait_until(lambda: bool(upstream.log()))
    finally:
        process.kill()
        process.wait()
    order.refresh_from_db()
    assert order.status == OrderStatus.SENDING

    expire(order)
    submission.expire_claims(timezone.now())
    submission.submit_due(timezone.now())

    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED
    assert len(upstream.log()) == 1
    assert order.refunded == 0


@pytest.mark.parametrize(
    "place", ["after-claim", "before-request", "before-connect", "before-last-check"]
)
def test_a_worker_that_stalls_before_the_last_check_does_not_send_when_it_wakes(
    place: str, waiting: Callable[..., Order], upstream: RunningSimulator
) -> None:
    order = waiting()
    process = worker(place)
    try:
        wait_until(lambda: is_stopped(process))
        time.sleep(DEADLINE + 0.5)
        expire(order)
        assert submission.expire_claims(timezone.now()) == 1
        os.kill(process.pid, signal.SIGCONT)
        process.wait(timeout=120)
    finally:
        process.kill()
        process.wait()

    order.refresh_from_db()
    assert upstream.log() == []
    assert order.status == OrderStatus.WAITING, "known not to have been sent"
    assert Submission.objects.get(order=order).outcome == SubmissionOutcome.NOT_SENT


def test_a_canceled_order_is_not_sent_and_a_claimed_one_not_canceled(
    waiting: Callable[..., Order],
) -> None:
    from orders import cancellations

    for _ in range(5):
        order = waiting()
        at_once(
            lambda order=order: claims.claim(order.pk, timezone.now()),
            lambda order=order: cancellations.cancel_waiting(order, by=None, now=timezone.now()),
        )
        order.refresh_from_db()
        claimed = Submission.objects.filter(order=order).exists()
        assert claimed == (order.status == OrderStatus.SENDING)
        assert claimed == (order.refunded == 0)
