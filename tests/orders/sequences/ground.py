"""The machine below all rules: its clock, its people, its choice of rows, and what always holds."""

import copy
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import FunctionType
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from orders import ledger_check
from orders.errors import Declined
from orders.models import Order, Submission
from tests.orders.sequences import money_laws, order_laws, run_laws
from tests.orders.sequences.past import Scene
from tests.orders.sequences.picture import Picture

PLACES = st.integers(min_value=0, max_value=200)
"""Which of the rows that fit is taken."""


def named(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
    """The same rule under a name of its own, to be drawn more often."""
    assert isinstance(rule, FunctionType)
    return FunctionType(rule.__code__, rule.__globals__, name)


class Ground(RuleBasedStateMachine):
    """One house at the moment that the scene ends with; undone when the example is over."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.before = transaction.savepoint()
        self.scene = copy.deepcopy(scene)
        self.now = self.scene.now
        self.picture = Picture.taken(since=self.scene.last_event)

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.before)

    # ── Time and choice ──

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**(span or {"seconds": 5}))
        return self.now

    def number(self) -> str:
        """One that nothing else has."""
        return self.scene.number()

    def one_of(self, place: int, **fits: Any) -> Order | None:
        return self.some(Order, place, **fits)

    def is_any(self, status: str) -> bool:
        return any(order.status == status for order in self.picture.orders.values())

    def some(self, model: Any, place: int, **fits: Any) -> Any:
        numbers = list(model.objects.filter(**fits).order_by("pk").values_list("pk", flat=True))
        return model.objects.get(pk=numbers[place % len(numbers)]) if numbers else None

    def tried(self, verb: Callable[[], Any]) -> Any:
        """What a verb declines is no mistake; the laws see that nothing changed by half."""
        with suppress(Declined):
            return verb()

    def fresh(self, order: Order) -> Any:
        return Order.objects.select_related("provider__state", "offer", "service").get(pk=order.pk)

    def sending(self, pk: int) -> Submission:
        return Submission.objects.get(pk=pk)

    # ── What always holds ──

    @invariant()
    def every_law_holds(self) -> None:
        before, self.picture = self.picture, Picture.taken(since=self.picture.last_event)
        for law in (*money_laws.LAWS, *order_laws.LAWS, *run_laws.LAWS):
            law(before, self.picture)
        if len(self.picture.transfers) % 8 == 0:
            assert ledger_check.check() == []
