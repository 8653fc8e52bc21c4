"""`show_order` says why an order waits: its own reason, or its provider's."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from orders.enums import HoldReason, OrderStatus, ProviderHold
from orders.models import ProviderState
from tests.support import factories

pytestmark = pytest.mark.django_db


def shown(number: int, *words: str) -> str:
    out = StringIO()
    call_command("show_order", str(number), *words, stdout=out)
    return out.getvalue().strip()


def test_the_providers_hold_is_said() -> None:
    order = factories.order(status=OrderStatus.WAITING)
    ProviderState.objects.update(hold=ProviderHold.FUNDS, hold_detail="Not enough funds")

    assert "held: provider funds (Not enough funds)" in shown(order.pk)
    values = json.loads(shown(order.pk, "--json"))
    assert (values["hold"], values["hold_detail"]) == ("provider_funds", "Not enough funds")


def test_the_orders_own_hold_comes_first() -> None:
    order = factories.order(
        status=OrderStatus.WAITING, hold=HoldReason.STAFF, hold_detail="asks the client"
    )
    ProviderState.objects.update(hold=ProviderHold.FUNDS)

    assert "held: staff (asks the client)" in shown(order.pk)


def test_rates_that_were_not_read_lately_hold_it() -> None:
    order = factories.order(status=OrderStatus.WAITING)
    ProviderState.objects.update(catalog_read_at=factories.NOW - timedelta(days=2))

    assert "held: stale cost" in shown(order.pk)


def test_an_order_that_is_not_held_says_nothing_of_it() -> None:
    assert "held" not in shown(factories.order(status=OrderStatus.IN_PROGRESS).pk)
