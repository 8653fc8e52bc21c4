"""`FIELD_KEYS` lost the key that sealed a provider's: nothing is begun, and nothing is lost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings

from orders import refills, rounds
from orders.enums import HoldReason, OrderStatus, ProviderHold
from orders.models import Order, Panel, ProviderState, Submission
from orders.submission import why_held
from tests.support import factories
from tests.support.simulator import RunningSimulator

Waiting = Callable[..., Order]


@pytest.fixture
def lost_key(waiting: Waiting, settings: LazySettings) -> Callable[[], Any]:
    """Takes the field key away; what it returns puts it back."""
    kept = list(settings.FIELD_KEYS)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    return lambda: setattr(settings, "FIELD_KEYS", kept)


def test_every_job_runs_and_nothing_is_begun(
    waiting: Waiting,
    lost_key: Callable[[], Any],
    simulator: RunningSimulator,
    moment: datetime,
) -> None:
    order = waiting()
    sold = (order.customer, order.service)
    running = factories.order(*sold, status=OrderStatus.IN_PROGRESS)
    done = factories.order(*sold, status=OrderStatus.COMPLETED, finished_at=moment)
    done.service.offer.refill = True
    done.service.offer.save()
    refills.request(done, by=factories.admin().user, now=moment)

    rounds.run_once(moment)

    order.refresh_from_db()
    running.refresh_from_db()
    assert order.status == OrderStatus.WAITING
    assert running.status == OrderStatus.IN_PROGRESS
    assert not Submission.objects.exists()
    assert simulator.counts() == {"services": 1}, "only the one that set the service up"
    hold = why_held(order, Panel.objects.get(), moment)
    assert hold and hold.reason == HoldReason.PROVIDER_KEY and "FIELD_KEYS" in hold.detail


def test_a_held_provider_is_not_probed_with_a_key_that_cannot_be_read(
    waiting: Waiting,
    lost_key: Callable[[], Any],
    simulator: RunningSimulator,
    moment: datetime,
) -> None:
    order = waiting()
    ProviderState.objects.update(hold=ProviderHold.DOWN, probe_after=moment)

    rounds.run_once(moment)

    assert simulator.counts() == {"services": 1}, "only the one that set the service up"
    order.refresh_from_db()
    assert order.status == OrderStatus.WAITING


def test_once_the_key_is_back_the_order_is_sent(
    waiting: Waiting,
    lost_key: Callable[[], Any],
    simulator: RunningSimulator,
    moment: datetime,
) -> None:
    order = waiting()
    rounds.run_once(moment)
    lost_key()

    rounds.run_once(moment)

    order.refresh_from_db()
    assert order.upstream_id
    assert len(simulator.log()) == 1
