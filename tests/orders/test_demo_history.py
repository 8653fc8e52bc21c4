"""The demo's weeks leave nothing unexplained but what was bought outside on purpose."""

from datetime import timedelta

import pytest

from orders import balances, reconcile
from orders.management.demo.cast import Cast, hire
from orders.management.demo.history import STRETCH, TOP_UP, History
from orders.management.demo.levers import Levers
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

BEGIN = factories.NOW


@pytest.mark.parametrize("minutes", [1, 30, 80, 90, 200])
def test_a_top_up_is_explained_wherever_the_day_that_is_compared_begins(
    simulator: RunningSimulator, minutes: int
) -> None:
    provider = factories.provider(url=simulator.url, key=simulator.key)
    simulator.set_balance("100")
    history = History(provider, Cast(*hire(BEGIN), []), Levers(simulator.url), print)
    balances.read_balance(provider, BEGIN - STRETCH)
    history.keep_provider_in_funds(BEGIN)
    for stretch in range(1, 4):
        reading = balances.read_balance(provider, BEGIN + stretch * STRETCH)
    assert reading is not None and reading.amount == 100 + TOP_UP
    last = balances.read_balance(provider, BEGIN + timedelta(days=1, minutes=minutes))
    assert last is not None
    span = reconcile.unexplained(provider, last.answered_at)
    assert span.opening is not None and not span.is_over
