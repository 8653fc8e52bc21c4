"""Halfpenny as its own upstream: an order goes from panel B to A's API and on to the provider.

Two installations with a database each, and A's own web process between them.
"""

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.panels import Panel
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.slow

PARTLY = "https://instagram.com/p/fault-partial"


@pytest.fixture
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator(process=True, minutes=0.02, services=12) as running:
        yield running


@pytest.fixture
def a(upstream: RunningSimulator, tmp_path: Path) -> Panel:
    """The panel that buys from the provider, and sells to B."""
    panel = Panel(tmp_path / "a")
    panel.run("migrate", "-v0")
    panel.said("add_provider", "Bulkhaus", "--url", upstream.url, "--key", upstream.key)
    panel.said("sync_catalog")
    return panel


@pytest.fixture
def b(tmp_path: Path) -> Panel:
    panel = Panel(tmp_path / "b")
    panel.run("migrate", "-v0")
    return panel


def wallet(panel: Panel) -> Decimal:
    ((units,),) = panel.rows("SELECT balance FROM orders_account WHERE kind = 'wallet'")
    return Decimal(units).scaleb(-8)


def order_of(panel: Panel) -> dict[str, Any]:
    return dict(panel.said("show_order", "1"))


def test_an_order_travels_through_two_panels_and_is_partly_delivered(
    a: Panel, b: Panel, upstream: RunningSimulator
) -> None:
    account = a.said("add_customer", "b@reseller.example", "--balance", "20", "--api-key")
    with a.served() as origin:
        url = f"{origin}/api/v2"
        b.said("add_provider", "Panel A", "--url", url, "--key", account["api_key"])
        b.said("sync_catalog")
        b.said("add_customer", "ola@example.com", "--balance", "30")
        ((service, bought_as, least),) = b.rows(
            "SELECT s.id, o.upstream_id, o.least FROM orders_service s"
            " JOIN orders_offer o ON o.id = s.offer_id"
            " WHERE o.service_type = 'default' AND o.least <= 500 AND o.rate < 10000000000"
            " ORDER BY s.id LIMIT 1"
        )
        quantity = max(least, 500)
        words = ("--link", PARTLY, "--quantity", str(quantity))
        placed = b.said("place_order", "ola@example.com", str(service), *words)
        theirs = _until_partial(b, a)
    ours = order_of(a)

    # One order of each, joined by its number, and the terms that A shows are those B keeps.
    (bought,) = upstream.log()
    assert theirs["upstream_id"] == str(ours["order"])
    assert ours["upstream_id"] == str(bought["order"])
    assert (ours["link"], ours["service"]) == (PARTLY, int(bought_as))
    assert (ours["status"], theirs["status"]) == ("partial", "partial")
    assert 0 < ours["remains"] == theirs["remains"] < quantity
    assert ours["start_count"] == theirs["start_count"]

    # Each keeps what it is owed: A's charge to B is B's cost, the provider's to A is A's.
    charged = Decimal(ours["price"]) - Decimal(ours["refunded"])
    assert Decimal(theirs["expected_charge_upstream"]) == Decimal(ours["price"])
    assert Decimal(theirs["charge_upstream"]) == charged
    share = Decimal(ours["remains"]) / quantity
    for order in (ours, theirs):
        owed = Decimal(order["price"]) * share
        assert 0 <= Decimal(order["refunded"]) - owed < Decimal("1e-8")
    assert wallet(a) == 20 - charged
    paid = Decimal(theirs["price"]) - Decimal(theirs["refunded"])
    assert wallet(b) == 30 - paid
    assert Decimal(theirs["price"]) == Decimal(placed["price"])
    assert Decimal(theirs["profit"]) == paid - charged > 0
    for panel in (a, b):
        panel.said("check_ledger")

    # The key is in no log of A's.
    assert account["api_key"] not in (a.var / "web.log").read_text()


def _until_partial(b: Panel, a: Panel) -> dict[str, Any]:
    """Let both work until B knows the end."""
    end = time.monotonic() + 120
    while True:
        b.said("run_once")
        order = order_of(b)
        if order["status"] == "partial" or time.monotonic() > end:
            return order
        a.said("run_once")
