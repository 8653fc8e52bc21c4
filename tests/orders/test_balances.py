"""Reading what is left on each provider's account."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from orders import catalog, providers, rate
from orders.connections import stored_balance
from orders.enums import SyncOutcome
from orders.models import BalanceReading, ProviderState
from tests.support import factories
from tests.support.factories import NOW
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

KEY = "planted-upstream-key-7f2c"


@pytest.fixture
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator(key=KEY, services=5, balance=Decimal("1182.44061")) as running:
        yield running


def test_balances_are_read_and_kept_as_a_series(upstream: RunningSimulator) -> None:
    provider = factories.provider(url=upstream.url, key=KEY)
    silent = factories.provider(url="http://127.0.0.1:9/api/v2")

    assert providers.read_balances(NOW) == 1
    upstream.set_balance("7.5")
    assert providers.read_balances(NOW + timedelta(minutes=1)) == 1

    readings = BalanceReading.objects.order_by("at").values_list("provider", "amount", "currency")
    assert list(readings) == [
        (provider.pk, Decimal("1182.44061"), "USD"),
        (provider.pk, Decimal("7.5"), "USD"),
    ]
    provider.state.refresh_from_db()
    assert provider.state.balance == Decimal("7.5")
    assert provider.state.balance_at == provider.state.last_answer_at
    silent.state.refresh_from_db()
    assert (silent.state.balance, silent.state.failures) == (None, 2)


def test_a_provider_at_rest_is_not_asked(upstream: RunningSimulator) -> None:
    factories.provider(url=upstream.url, key=KEY)
    ProviderState.objects.update(rested_until=NOW + timedelta(seconds=1))

    assert providers.read_balances(NOW) == 0
    assert upstream.counts() == {}


def test_a_reading_in_another_currency_is_kept_but_is_not_the_balance(
    upstream: RunningSimulator,
) -> None:
    provider = factories.provider(url=upstream.url, key=KEY, currency="EUR")

    assert providers.read_balances(NOW) == 1

    provider.state.refresh_from_db()
    assert provider.state.balance is None
    assert BalanceReading.objects.get().currency == "USD"


def test_a_provider_that_asks_to_slow_down_is_slowed_and_not_rested(
    upstream: RunningSimulator,
) -> None:
    provider = factories.provider(url=upstream.url, key=KEY)
    upstream.faults(rate_limit=1)

    assert providers.read_balances(NOW) == 0

    provider.state.refresh_from_db()
    assert provider.state.slowed_until > NOW
    assert (provider.state.failures, provider.state.rested_until) == (0, None)


def test_without_a_turn_nobody_is_called(
    upstream: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = factories.provider(url=upstream.url, key=KEY)
    monkeypatch.setattr(rate, "allow", lambda *_, **__: False)

    run = catalog.sync(provider, now=NOW)

    assert providers.read_balances(NOW) == 0
    assert upstream.counts() == {}
    assert (run.outcome, run.detail) == (
        SyncOutcome.FAILED,
        "Other calls to this provider came first. Try again in a minute.",
    )
    provider.state.refresh_from_db()
    assert provider.state.failures == 0


def test_a_balance_that_does_not_fit_is_cut_and_never_flattered() -> None:
    assert stored_balance(Decimal("1.234567899")) == Decimal("1.23456789")
    assert stored_balance(Decimal("-1.234567891")) == Decimal("-1.23456790")
