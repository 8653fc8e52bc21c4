"""The main job by operator commands alone, against the simulator in a process of its own."""

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from orders.models import Order
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db


@pytest.fixture
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator(process=True, minutes=0.02) as running:
        yield running


def said(command: str, *words: str) -> Any:
    """What a command prints for programs."""
    out = StringIO()
    call_command(command, *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def run_until_ended(number: int) -> dict[str, Any]:
    end = time.monotonic() + 30
    while True:
        said("run_once")
        order = said("show_order", str(number))
        if order["status"] in ("completed", "partial", "canceled") or time.monotonic() > end:
            return dict(order)
        time.sleep(0.5)


@pytest.fixture
def panel(upstream: RunningSimulator) -> RunningSimulator:
    said("add_provider", "Bulkhaus", "--url", upstream.url, "--key", upstream.key)
    said("sync_catalog")
    said("add_customer", "ola@example.com", "--balance", "50")
    return upstream


def place(link: str = "https://instagram.com/casaverde") -> dict[str, Any]:
    service = next(
        row
        for row in Order._meta.get_field("service").related_model.objects.select_related("offer")
        if row.offer.service_type == "default" and row.offer.least <= 100 and row.offer.rate < 10
    )
    return dict(
        said(
            "place_order",
            "ola@example.com",
            str(service.pk),
            *("--link", link, "--quantity", str(max(service.offer.least, 100))),
        )
    )


def test_an_order_goes_from_command_to_completed_with_the_charge_of_the_providers_log(
    panel: RunningSimulator,
) -> None:
    placed = place()
    order = run_until_ended(placed["order"])

    (bought,) = panel.log()
    assert order["status"] == "completed"
    assert Decimal(order["charge_upstream"]) == Decimal(bought["charge"])
    balance = said("check_ledger")
    assert balance is not None
    row = Order.objects.select_related("customer__wallet").get(pk=placed["order"])
    assert row.customer.wallet.balance == Decimal(50) - Decimal(placed["price"])
    assert row.cost == row.expected_cost
    assert Decimal(order["profit"]) == row.price - row.cost


def test_a_partial_order_gives_back_exactly_its_undelivered_share(
    panel: RunningSimulator,
) -> None:
    placed = place("https://instagram.com/p/fault-partial")
    order = run_until_ended(placed["order"])

    row = Order.objects.select_related("customer__wallet").get(pk=placed["order"])
    assert order["status"] == "partial"
    assert row.remains
    assert row.delivery_total
    assert row.refunded >= row.price * row.remains / row.delivery_total
    assert row.refunded - row.price * row.remains / row.delivery_total < Decimal("1e-8")
    assert row.customer.wallet.balance == Decimal(50) - row.price + row.refunded
    said("check_ledger")


def test_a_repeat_with_the_same_client_key_places_nothing_new(panel: RunningSimulator) -> None:
    service = str(place()["order"] and Order.objects.get().service_id)
    words = ("--link", "https://instagram.com/b", "--quantity", "100", "--client-key", "k-1")
    first = said("place_order", "ola@example.com", service, *words)
    again = said("place_order", "ola@example.com", service, *words)

    assert first["order"] == again["order"]
    assert (first["is_new"], again["is_new"]) == (True, False)


def test_what_cannot_be_done_is_one_plain_line(panel: RunningSimulator) -> None:
    with pytest.raises(CommandError, match="no customer fits"):
        said("place_order", "nobody@example.com", "1", "--link", "https://x.com/a")
    with pytest.raises(CommandError, match="there is no order 999"):
        said("show_order", "999")
