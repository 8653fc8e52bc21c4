"""A customer's program and another customer's, on limits that nobody has used yet."""

from collections.abc import Iterator

import pytest

from orders.models import Service
from panel.api import limits
from tests.support import factories
from tests.support.programs import Program, program_of


@pytest.fixture(autouse=True)
def _nobody_has_called() -> Iterator[None]:
    limits.forget()
    yield
    limits.forget()


@pytest.fixture
def program(db: None) -> Program:
    return program_of(factories.customer("Casa Verde", balance="50"))


@pytest.fixture
def stranger(db: None) -> Program:
    """Another customer's program."""
    return program_of(factories.customer("Somebody Else", balance="50"))


@pytest.fixture
def followers(db: None) -> Service:
    return factories.service(factories.offer(least=50, dripfeed=True))
