"""The catalog is believable, whole and always the same."""

from decimal import Decimal

from orders.upstream.simulator.catalog import generate, spell
from orders.upstream.simulator.kinds import KINDS

from .conftest import Provider


def test_three_hundred_services_of_all_types_in_a_dozen_categories() -> None:
    services = generate(300, seed=1).values()
    assert len(services) == 300
    assert {service.kind for service in services} == set(KINDS)
    assert 12 <= len({service.category for service in services}) <= 16
    assert len({service.name for service in services}) == 300


def test_rates_are_believable_with_at_most_five_places() -> None:
    rates = [service.rate for service in generate(10_000, seed=1).values()]
    assert min(rates) >= Decimal("0.02")
    assert max(rates) <= 60
    assert max(-rate.as_tuple().exponent for rate in rates) == 5


def test_ten_thousand_services_hold_the_same_first_three_hundred() -> None:
    small, large = generate(300, seed=1), generate(10_000, seed=1)
    assert len(large) == 10_000
    assert len({service.name for service in large.values()}) == 10_000
    assert all(large[number] == service for number, service in small.items())


def test_the_seed_decides() -> None:
    assert generate(50, seed=1) == generate(50, seed=1)
    assert generate(50, seed=1) != generate(50, seed=2)


def test_services_are_listed_as_the_reference_writes_them(provider: Provider) -> None:
    row = provider.call("services")[0]
    assert row["service"] == 101
    assert isinstance(row["rate"], str)
    assert isinstance(row["min"], str)
    assert isinstance(row["refill"], bool)
    assert row["type"] == "Default"


def test_an_average_time_is_spelled_out() -> None:
    assert spell(95) == "1 hour 35 minutes"
    assert spell(2881) == "2 days 1 minute"
