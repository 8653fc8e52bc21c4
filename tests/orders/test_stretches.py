"""Movements in many stretches at once, against the same worked out one by one."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from orders.enums import MovementKind
from orders.models import BalanceReading, Movement, Provider
from orders.money import ZERO
from orders.reconcile.spans import Sums, summed
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
MINUTE = timedelta(minutes=1)


@pytest.fixture
def random() -> Random:
    return Random(6)


def reading(provider: Provider, minute: int, took: int) -> BalanceReading:
    at = NOW + minute * MINUTE
    return BalanceReading.objects.create(
        provider=provider, at=at, answered_at=at + timedelta(seconds=took), amount=Decimal(100)
    )


def movement(provider: Provider, random: Random) -> Movement:
    # On whole and half minutes, so that many lie exactly on a reading or its answer.
    at = NOW + random.randint(-4, 90) * MINUTE / 2
    return Movement.objects.create(
        provider=provider,
        kind=random.choice([MovementKind.CHARGE, MovementKind.RETURN]),
        amount=-Decimal(random.randint(1, 999)),
        begun_at=at - random.randint(0, 4) * MINUTE / 2,
        at=at,
        recorded_at=at,
    )


@pytest.mark.parametrize("readings", [2, 3, 4, 7, 12])
def test_each_movement_counts_in_its_stretch_and_at_its_edge(random: Random, readings: int):
    providers = [factories.provider("One"), factories.provider("Other")]
    minutes = random.sample(range(45), readings)
    cuts = {
        each.pk: [reading(each, minute, random.choice([0, 30, 60])) for minute in sorted(minutes)]
        for each in providers
    }
    moved = [movement(each, random) for _ in range(40) for each in providers]
    found = summed(cuts)
    for provider_id, row in cuts.items():
        for number, left in enumerate(row):
            right = row[number + 1].at if number + 1 < len(row) else NOW + timedelta(days=1)
            within = [
                each
                for each in moved
                if each.provider_id == provider_id and left.at < each.at <= right
            ]
            at_edge = sum((-each.amount for each in within if each.begun_at <= left.until), ZERO)
            sums = found.get((provider_id, number), Sums())
            assert sums.explained == sum((each.amount for each in within), ZERO)
            assert sums.at_the_edge == at_edge
    assert any(sums.at_the_edge for sums in found.values())
