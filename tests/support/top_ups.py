"""Ways to pay, a customer, and a gateway over HTTP."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from orders import topups
from orders.enums import PaymentKind
from orders.models import Customer, PaymentMethod
from tests.support import factories
from tests.support.checkout import KEY, SECRET, Standin, standing_in


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", balance="1", signs_in=True)


@pytest.fixture
def bank() -> PaymentMethod:
    return topups.add_method(
        kind=PaymentKind.MANUAL,
        by=None,
        now=factories.NOW,
        name="Bank transfer",
        instructions="Pay to NO93 8601 1117 947 and quote {reference}.",
        least=Decimal(5),
    )


@pytest.fixture
def gateway(settings: Any) -> Iterator[Standin]:
    with standing_in() as standin:
        settings.CHECKOUT_URL = standin.url
        yield standin


@pytest.fixture
def card(gateway: Standin) -> PaymentMethod:
    return topups.add_method(
        kind=PaymentKind.CHECKOUT,
        by=None,
        now=factories.NOW,
        name="Card",
        least=Decimal(2),
        fee_percent=Decimal("2.9"),
        fee_fixed=Decimal("0.30"),
        key=KEY,
        secret=SECRET,
    )
