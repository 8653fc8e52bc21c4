"""A client with money who orders many at once, and short ways to do it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from orders import mass_orders
from orders.models import Customer, MassOrder, Service
from tests.support import factories
from tests.support.factories import NOW

LATER = NOW + timedelta(minutes=1)
Keep = Callable[..., MassOrder]


@pytest.fixture
def casa(db: None) -> Customer:
    return factories.customer("Casa Verde", balance="100", signs_in=True)


@pytest.fixture
def service(db: None) -> Service:
    """Followers at 1.30 per 1000, 10 to 10,000."""
    return factories.service()


def checked(draft: MassOrder) -> mass_orders.Check:
    source = mass_orders.read(draft.text)
    return mass_orders.check(draft.customer, source, by=draft.made_by)


def confirmed(draft: MassOrder, *, overlapping: bool = False) -> MassOrder:
    """Looked at and confirmed."""
    seen = checked(draft).fingerprint
    return mass_orders.confirm(draft, seen, by=draft.made_by, now=NOW, overlapping=overlapping)


@pytest.fixture
def keep(casa: Customer) -> Keep:
    """Keeps a text of the client's: `keep("12 | link | 1000", …)`."""
    assert casa.user is not None
    by = casa.user
    return lambda *lines: mass_orders.keep(casa, "\n".join(lines), by=by, now=NOW)
