from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.enums import OrderStatus
from orders.models import Order, Provider, Service
from tests.support import factories
from tests.support.simulator import RunningSimulator


@pytest.fixture
def bulkhaus(simulator: RunningSimulator, db: None) -> Provider:
    """A provider behind the simulator, with time enough to answer on a busy machine."""
    return factories.provider(
        "Bulkhaus",
        url=simulator.url,
        key=simulator.key,
        connect_timeout=20,
        read_timeout=20,
        total_timeout=20,
    )


@pytest.fixture
def followers(simulator: RunningSimulator, bulkhaus: Provider) -> Service:
    """A service of the simulator's own catalog, bought at its own rate."""
    row = next(
        row
        for row in simulator.call("services")
        if row["type"] == "Default" and int(row["min"]) <= 100 and int(row["max"]) >= 1000
    )
    offer = factories.offer(
        bulkhaus,
        upstream_id=str(row["service"]),
        rate=Decimal(str(row["rate"])),
        least=int(row["min"]),
        most=int(row["max"]),
    )
    return factories.service(offer)


@pytest.fixture
def waiting(followers: Service) -> Callable[..., Order]:
    """Makes paid orders that wait to be sent: `waiting("fault-timeout-after")`."""
    client = factories.customer(balance="1000")
    serial = iter(range(1000))

    def make(word: str = "", **fields: object) -> Order:
        if "timeout" in word:  # it will not answer, and is not waited for
            Provider.objects.update(read_timeout=1, total_timeout=1)
        link = f"https://instagram.com/p/{next(serial)}-{word}"
        rate = followers.offer.rate
        values = {
            "link": link,
            "quantity": 1000,
            "details": {"link": link, "quantity": 1000},
            "expected_charge_upstream": rate,
            "expected_cost": rate,
            "price": rate * 2,
            # Real too, like `moment`: else it has been waiting for too long one day.
            "waiting_since": timezone.now(),
        }
        return factories.order(client, followers, status=OrderStatus.WAITING, **values | fields)

    return make


@pytest.fixture
def moment() -> datetime:
    """The real now: leases and the simulator's faults live in it."""
    return timezone.now()


@pytest.fixture
def later(moment: datetime) -> Callable[..., datetime]:
    """`later(minutes=5)`: a moment after `moment`."""
    return lambda **span: moment + timedelta(**span)
