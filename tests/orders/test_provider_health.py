"""Rest for a provider that does not answer."""

from datetime import timedelta

import pytest

from orders import provider_health
from orders.models import Provider, ProviderState
from orders.upstream.errors import ReadFailed
from tests.support import factories

NOW = factories.NOW
TIMEOUT = ReadFailed("timeout")


@pytest.fixture
def provider(db: None) -> Provider:
    return factories.provider()


def state(provider: Provider) -> ProviderState:
    return ProviderState.objects.get(pk=provider.pk)


def test_one_failure_is_no_rest(provider: Provider) -> None:
    provider_health.failed(provider.pk, TIMEOUT, NOW)
    found = state(provider)
    assert (found.failures, found.rested_until, found.last_failure_at) == (1, None, NOW)
    assert found.last_failure == "It did not answer in time."


def test_rests_grow_up_to_a_quarter_of_an_hour(provider: Provider) -> None:
    rests = []
    for _ in range(12):
        provider_health.failed(provider.pk, TIMEOUT, NOW)
        until = state(provider).rested_until
        rests.append(int((until - NOW).total_seconds()) if until else 0)
    assert rests[:7] == [0, 0, 30, 60, 120, 240, 480]
    assert rests[-1] == 900


def test_an_answer_ends_the_rest(provider: Provider) -> None:
    for _ in range(5):
        provider_health.failed(provider.pk, TIMEOUT, NOW)
    rested = Provider.objects.select_related("state").get(pk=provider.pk)
    assert provider_health.resting(rested, NOW)
    assert not provider_health.resting(rested, NOW + timedelta(hours=1))
    provider_health.answered(provider.pk, NOW + timedelta(minutes=3))
    found = state(provider)
    assert (found.failures, found.rested_until) == (0, None)
    assert found.last_answer_at == NOW + timedelta(minutes=3)


def test_answers_close_together_are_noted_once(provider: Provider) -> None:
    provider_health.answered(provider.pk, NOW)
    provider_health.answered(provider.pk, NOW + timedelta(seconds=1))
    assert state(provider).last_answer_at == NOW


def test_a_rate_limit_slows_without_rest(provider: Provider) -> None:
    error = ReadFailed("error", text="Rate limit exceeded")
    provider_health.rate_limited(provider.pk, error, NOW)
    found = state(provider)
    assert (found.failures, found.rested_until) == (0, None)
    assert found.slowed_until
    assert found.slowed_until > NOW
    assert found.last_failure == "It answered: “Rate limit exceeded”."
