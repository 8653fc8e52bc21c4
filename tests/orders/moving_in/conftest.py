"""Files with few words."""

from collections.abc import Callable

import pytest

from orders.models import Offer, Provider
from tests.support import factories


@pytest.fixture
def bulk() -> Provider:
    factories.panel_prices()
    return factories.provider("Bulk")


@pytest.fixture
def offer(bulk: Provider) -> Callable[..., Offer]:
    """Makes offers of Bulk at 1.00: `offer("11")`."""
    return lambda upstream_id, **more: factories.offer(bulk, upstream_id=upstream_id, **more)


def services_csv(*rows: str) -> bytes:
    return "\n".join(["number,provider,upstream id,name,category,price", *rows]).encode()


def customers_csv(*rows: str) -> bytes:
    return "\n".join(["email,name,phone,balance,markup,api key", *rows]).encode()
