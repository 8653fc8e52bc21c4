"""A delivery in runs from the order to its end, with the pretend provider: what is sent, how it is
followed, what comes back to the last digit."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from orders import cancellations, ledger_check, placement, submission
from orders.enums import DripLimit, OrderStatus
from orders.errors import FieldErrors, OutsideLimits
from orders.models import Customer, Movement, Order, Provider, Service
from orders.money import round_up
from tests.support import factories
from tests.support.simulator import RunningSimulator

S = OrderStatus
NOW = factories.NOW
TERMS = {"link": "https://instagram.com/p/slow", "quantity": "200", "runs": "5", "interval": "60"}


@pytest.fixture
def service(simulator: RunningSimulator, db: None) -> Service:
    bulkhaus = factories.provider("Bulkhaus", url=simulator.url, key=simulator.key)
    simulator.set_clock(NOW)
    row = next(
        row
        for row in simulator.call("services")
        if row["type"] == "Default" and row["cancel"] and int(row["min"]) <= 100
    )
    terms = {"upstream_id": str(row["service"]), "rate": Decimal(str(row["rate"]))}
    return factories.service(factories.offer(bulkhaus, dripfeed=True, **terms))


def placed(buyer: Customer, service: Service, **changes: str) -> Order:
    fields: dict[str, Any] = TERMS | changes
    order = placement.place(buyer, service.pk, fields, by=None, now=NOW).order
    submission.submit_due(NOW)
    order.refresh_from_db()
    return order


def test_an_order_in_runs_goes_from_the_form_to_its_end(
    simulator: RunningSimulator,
    service: Service,
    buyer: Customer,
    at: Callable[..., datetime],
) -> None:
    before = Decimal(simulator.call("balance")["balance"])
    order = placed(buyer, service)
    assert (order.quantity, order.runs) == (200, 5)
    assert (order.billable, order.delivery_total) == (1000, 1000)
    assert order.price == order.rate
    (sent,) = simulator.log()
    assert sent["params"] == TERMS | {"service": service.offer.upstream_id}

    at(minutes=1)
    assert order.children.count() == 1
    at(hours=2, minutes=1)
    order.refresh_from_db()
    assert order.children.count() == 3
    assert (order.status, order.refunded) == (S.IN_PROGRESS, 0)
    assert 400 <= (order.remains or 0) < 1000

    second = order.children.get(number=2)
    simulator.set_order(second.upstream_id, status="Partial", remains=77)
    at(days=10)
    at(days=10, hours=1)
    order.refresh_from_db()
    assert order.children.count() == 5
    assert (order.status, order.remains) == (S.PARTIAL, 77)
    assert order.refunded == round_up(order.price * 77 / 1000)
    assert buyer.wallet.balance == 1000 - order.price + order.refunded

    # Ours and the provider's books tell the same.
    after = Decimal(simulator.call("balance")["balance"])
    movements = sum(Movement.objects.values_list("amount", flat=True))
    assert order.charge_upstream is not None
    assert before - after == order.charge_upstream == -movements
    assert not ledger_check.check()

    # A run that is taken back later comes back too.
    third = order.children.get(number=3)
    simulator.set_order(third.upstream_id, status="Canceled")
    at(days=11)
    order.refresh_from_db()
    assert order.refunded == round_up(order.price * 277 / 1000)
    assert not ledger_check.check()


def test_an_order_in_runs_is_canceled_and_what_did_not_come_is_paid_back(
    simulator: RunningSimulator,
    service: Service,
    buyer: Customer,
    at: Callable[..., datetime],
) -> None:
    order = placed(buyer, service)
    now = at(hours=1, minutes=30)
    cancellations.request(order, by=None, now=now)
    cancellations.send_requested(now)
    at(days=10)
    order.refresh_from_db()
    assert order.status == S.PARTIAL
    told = simulator.call("status", order=order.upstream_id)
    assert told["status"] == "Canceled"
    runs = [simulator.call("status", order=one) for one in told["orders"]]
    came = sum(200 - int(run["remains"]) for run in runs)
    assert 0 < came < 1000
    assert order.remains == 1000 - came
    assert order.refunded == round_up(order.price * (1000 - came) / 1000)
    assert not ledger_check.check()


def test_limits_are_those_of_the_providers_profile(service: Service, buyer: Customer) -> None:
    for drip_limit, fails in ((DripLimit.PER_RUN, False), (DripLimit.TOTAL, True)):
        Provider.objects.update(drip_limit=drip_limit)
        many = TERMS | {"quantity": "5000", "runs": "3"}  # up to 10,000 at once
        if fails:
            with pytest.raises(OutsideLimits):
                placement.place(buyer, service.pk, many, by=None, now=NOW, overlap_ok=True)
        else:
            placement.place(buyer, service.pk, many, by=None, now=NOW, overlap_ok=True)


@pytest.mark.parametrize(
    ("changes", "field"), [({"interval": ""}, "interval"), ({"runs": ""}, "runs")]
)
def test_runs_and_interval_are_asked_for_together(
    changes: dict[str, str], field: str, service: Service, buyer: Customer
) -> None:
    with pytest.raises(FieldErrors) as refused:
        placement.place(buyer, service.pk, TERMS | changes, by=None, now=NOW)
    assert refused.value.errors.keys() == {field}
    assert not Order.objects.exists()
