"""A reassessment reads few services, and finds what it would find among all of them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q

from orders import rules
from orders.catalog import pauses
from orders.enums import MarkupKind, PauseReason, PriceLevel
from orders.models import Provider, Service
from orders.money import QUANTUM, round_up
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db

THRESHOLD = Decimal("12.34")
ACCEPTED = [*map(Decimal, ("0", "0.00000001", "0.00000007", "1", "123.45678901", "8765432101.2"))]
EVERYONE = Q(pk__isnull=False)


@pytest.fixture
def dear() -> Provider:
    terms = {"exchange_rate": Decimal("1.23456789"), "factor": Decimal("1.015")}
    return factories.provider(**terms)


def test_no_service_that_moves_is_left_out(dear: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for accepted in ACCEPTED:
        for rate in _around(accepted, dear):
            _service(dear, rate, accepted)
    for pause in PauseReason:
        for gone in (None, NOW):
            for rate in (Decimal("0.1"), Decimal(2)):
                _service(dear, rate, Decimal(1), pause=pause, retired_at=gone)
    special = {"type_changed": _some(dear, 7), "returned": _some(dear, 5)}

    for more in ({}, special):
        found = _moved(dear, **more)
        with monkeypatch.context() as patch:
            patch.setattr(pauses, "suspects", lambda *_: EVERYONE)
            assert found == _moved(dear, **more)
        assert len(found) > 10


@pytest.mark.parametrize("level", [PriceLevel.SERVICE, PriceLevel.CATEGORY, PriceLevel.PANEL])
def test_whose_price_is_fixed_is_looked_at(dear: Provider, level: PriceLevel) -> None:
    service = _service(dear, Decimal(1), Decimal(2))
    scope = {PriceLevel.SERVICE: {"service": service}, PriceLevel.PANEL: {}}.get(
        level, {"category": service.category}
    )
    rules.set_markup(level, MarkupKind.FIXED_RATE, Decimal("1.32"), None, NOW, "test", **scope)
    dear.factor = Decimal("1.1")

    assert _moved(dear) == {service.pk: PauseReason.BELOW_FLOOR}


def test_what_surely_stays_is_not_read(dear: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for pause in (PauseReason.NONE, PauseReason.STAFF, PauseReason.GONE, PauseReason.TYPE_CHANGED):
        _service(dear, Decimal(1), Decimal("1.2"), pause=pause)
    risen = _service(dear, Decimal(2), Decimal("1.2"))
    read: list[int] = []
    facts = pauses._facts

    def looked_at(services: Any) -> list[Any]:
        found = facts(services)
        read.extend(each.id for each in found)
        return found

    monkeypatch.setattr(pauses, "_facts", looked_at)

    assert _moved(dear) == {risen.pk: PauseReason.COST_ROSE}
    assert set(read) == {risen.pk}


def _around(accepted: Decimal, provider: Provider) -> Iterator[Decimal]:
    """Rates whose cost stands right below, at and above the threshold over what was accepted."""
    per_rate = provider.exchange_rate * provider.factor
    limit = round_up(accepted * (100 + THRESHOLD) / 100 / per_rate)
    for units in range(-2, 3):
        yield max(limit + units * QUANTUM, Decimal(0))


def _service(provider: Provider, rate: Decimal, accepted: Decimal, **fields: Any) -> Service:
    offer = factories.offer(provider, rate=rate, retired_at=fields.pop("retired_at", None))
    return factories.service(offer, accepted_cost=accepted, **fields)


def _some(provider: Provider, every: int) -> set[int]:
    return set(provider.offers.order_by("pk").values_list("pk", flat=True)[::every])


def _moved(provider: Provider, **which: Any) -> dict[int, str]:
    """The pauses that a reassessment would write; they are taken back."""
    before = dict(Service.objects.values_list("pk", "pause"))
    with transaction.atomic():
        pauses.reassess(provider, THRESHOLD, now=NOW, **which)
        after = dict(Service.objects.values_list("pk", "pause"))
        transaction.set_rollback(True)
    return {pk: pause for pk, pause in after.items() if pause != before[pk]}
