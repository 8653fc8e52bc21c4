"""That the statement for the commonest news does what `consequence` decides, and nothing else."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from orders import progress
from orders.enums import OrderStatus
from orders.models import Customer, Event, Movement, Order, Service, Transfer
from orders.progress import Report, applying
from tests.support import factories

NOW = factories.NOW
LATER = NOW + timedelta(minutes=5)
S = OrderStatus

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only there is it one statement"),
]

WAYS: dict[str, tuple[Any, ...]] = {
    "status": (S.IN_PROGRESS, S.IN_PROGRESS, S.PENDING, S.COMPLETED, S.PARTIAL, S.FAILED),
    "upstream_status": ("In progress", "In progress", "in progress", "Pending", ""),
    "remains": (500, 500, None),
    "start_count": (7, None),
    "charge_upstream": (Decimal(1), Decimal(1), Decimal("1.5"), None),
    "cost": (Decimal(1), Decimal(1), None),
    "flag": ("", "", "", "Provider says “x”.", "looked at"),
    "refund_unknown": (False, False, False, True),
    "changed_at": (NOW, NOW, LATER + timedelta(seconds=1)),
    "status_at": (NOW, NOW, LATER + timedelta(seconds=1)),
    "tier": (1, 2, 3, 4),
}
SAID: dict[str, tuple[Any, ...]] = {
    "status_word": ("In progress", "In progress", "in progress", "Pending", "Completed", "Odd"),
    "charge": (Decimal("1.00"), Decimal(1), Decimal("1.000000001"), Decimal(-1), None),
    "currency": ("USD", "usd", "", "EUR"),
    "start_count": (7, 8, None),
    "remains": (400, 500, 0, -5, None),
    "remains_raw": ("",),
    "asked_at": (LATER,),
    "trouble": ("", "", "", "", "", "Incorrect order ID"),
    "odd": ("", "", "", "", "Provider is odd."),
}


def mostly_plain(
    chance: random.Random, ways: dict[str, tuple[Any, ...]], most_odd: int
) -> dict[str, Any]:
    """The first value of each, but for a few."""
    odd = chance.sample(sorted(ways), chance.randint(0, most_odd))
    return {
        name: chance.choice(values) if name in odd else values[0] for name, values in ways.items()
    }


def outcome(report: Report) -> tuple[Any, ...]:
    """What is in the database after this report, which is then forgotten."""
    with transaction.atomic():
        applied = progress.apply([report], now=LATER)
        order = Order.objects.values().get(pk=report.order_id)
        rows = [
            list(model._default_manager.order_by("pk").values_list(*columns))
            for model, columns in (
                (Event, ("kind", "status", "data", "detail")),
                (Transfer, ("reference", "amount")),
                (Movement, ("kind", "amount")),
            )
        ]
        transaction.set_rollback(True)
    return applied, order, rows


@pytest.mark.slow
def test_one_statement_and_the_rules_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    buyer, service = factories.customer(balance="1000"), factories.service()
    chance, moved_on = random.Random(7), 0
    for _ in range(400):
        order = placed(buyer, service, mostly_plain(chance, WAYS, 2))
        report = Report(order.pk, **mostly_plain(chance, SAID, 3))
        moved = applying.move_on([report], LATER)
        Order.objects.filter(pk=order.pk).update(**one(order))
        quick = outcome(report)
        with monkeypatch.context() as patch:
            patch.setattr(applying, "move_on", lambda *_: set())
            assert quick == outcome(report), (one(order), report)
        moved_on += len(moved)
    assert 50 < moved_on < 350


def placed(buyer: Customer, service: Service, fields: dict[str, Any]) -> Order:
    return factories.order(buyer, service, paid=False, **fields)


def one(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in WAYS}


@pytest.fixture
def running() -> Callable[..., Order]:
    def make(**fields: Any) -> Order:
        values = {"status": S.IN_PROGRESS, "upstream_status": "In progress", "remains": 500}
        money = {"charge_upstream": Decimal(1), "cost": Decimal(1), "start_count": 5}
        return factories.order(**values | money | fields)

    return make


def test_new_figures_are_written_without_a_look_at_the_row(
    running: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = running(tier=3)
    monkeypatch.setattr(applying, "consequence", lambda *_: pytest.fail("it was looked at"))
    news = Report(order.pk, "In progress", Decimal(1), "USD", 5, 400, "", LATER)
    assert progress.apply([news], now=LATER).changed == 1
    order.refresh_from_db()
    assert (order.remains, order.tier, order.changed_at) == (400, 1, LATER)


def test_figures_that_came_late_are_not(running: Callable[..., Order]) -> None:
    order = running(changed_at=LATER)
    news = Report(order.pk, "In progress", Decimal(1), "USD", 5, 400, "", NOW)
    assert progress.apply([news], now=LATER).changed == 0
    order.refresh_from_db()
    assert order.remains == 500
