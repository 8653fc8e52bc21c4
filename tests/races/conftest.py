"""What the races are about: orders in any status, and ones that wait to be sent somewhere."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from orders.catalog import syncing
from orders.enums import OrderStatus
from orders.models import Order
from tests.orders.catalog.conftest import Upstream
from tests.support import factories
from tests.support.simulator import RunningSimulator

DEADLINE = 2


@pytest.fixture
def order_of() -> Callable[..., Order]:
    """Makes orders of one client for one service: `order_of(status=...)`."""
    service, buyer = factories.service(), factories.customer(balance="1000")
    return lambda **more: factories.order(buyer, service, **more)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Upstream:
    """The catalog that every reading of the test finds."""
    said = Upstream()
    monkeypatch.setattr(syncing, "read_from", lambda provider, question, **_: question(said))
    return said


@pytest.fixture
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def waiting(upstream: RunningSimulator) -> Callable[..., Order]:
    """Makes orders that wait to be sent to the simulator: `waiting("fault-timeout-after")`."""
    row = next(
        row
        for row in upstream.call("services")
        if row["type"] == "Default" and int(row["min"]) <= 100 and int(row["max"]) >= 1000
    )
    provider = factories.provider(
        url=upstream.url, key=upstream.key, total_timeout=DEADLINE, read_timeout=DEADLINE
    )
    rate = Decimal(str(row["rate"]))
    offer = factories.offer(provider, upstream_id=str(row["service"]), rate=rate)
    service, client = factories.service(offer), factories.customer(balance="1000")

    def make(word: str = "x") -> Order:
        link = f"https://instagram.com/p/{word}"
        return factories.order(
            client,
            service,
            status=OrderStatus.WAITING,
            link=link,
            details={"link": link, "quantity": 1000},
            price=rate * 2,
            expected_charge_upstream=rate,
            expected_cost=rate,
        )

    return make
