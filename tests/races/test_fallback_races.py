"""A move to the fallback against a claim, a cancel and another move.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from orders import cancellations, submission
from orders.enums import EventKind, OrderStatus, ProviderHold
from orders.models import Event, Order, ProviderState, Service, Submission
from orders.submission import claims, falling_back, gate
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
READ_AS_WAITING = after(gate, "order_hold")
JUDGED = after(falling_back, "where_to")
"""The move has seen that nobody can have the order; the write comes next."""


@dataclass
class Case:
    """An order whose provider is out, and where it may go."""

    order: Order
    first: Any
    second: Any

    def move(self) -> bool:
        return falling_back._try(self.order.pk, NOW)

    def claim(self) -> claims.Claim | None:
        """By the prober, who alone sends to a provider that is held."""
        return claims.claim(self.order.pk, NOW, probing=True)

    @property
    def is_torn(self) -> bool:
        """Whether a sending goes to one provider while the order stands at the other."""
        self.order.refresh_from_db()
        sent = Submission.objects.filter(order=self.order, outcome="open")
        return sent.exclude(provider=self.order.provider_id).exists()


@pytest.fixture
def case(order_of: Callable[..., Order]) -> Case:
    order = order_of(status=OrderStatus.WAITING)
    spare = factories.offer(factories.provider())
    Service.objects.filter(pk=order.service_id).update(fallback=spare)
    ProviderState.objects.filter(provider=order.provider).update(
        hold=ProviderHold.DOWN, held_since=NOW - timedelta(hours=1)
    )
    return Case(order, order.provider, spare.provider)


# ── The claim has read the order; then it is moved ───────────────────────────────────────────


def test_a_claim_does_not_send_to_the_provider_that_the_order_left(case: Case) -> None:
    claim, moved = race(case.claim, case.move, at=[READ_AS_WAITING, None])
    assert (claim, moved) == (None, True)
    assert not case.is_torn
    assert case.order.provider == case.second


def test_without_the_offer_in_its_condition_a_claim_sends_where_the_order_was(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "as_read", lambda order: Q(pk=order.pk))
    claim, moved = race(case.claim, case.move, at=[READ_AS_WAITING, None])
    assert isinstance(claim, claims.Claim) and moved is True
    assert case.is_torn


# ── The move has judged the order; then it is claimed ────────────────────────────────────────


def test_a_move_that_has_judged_the_order_keeps_a_claim_waiting(case: Case) -> None:
    moved, claim = race(case.move, case.claim, at=[JUDGED, None])
    assert (moved, claim) == (True, None)
    assert not case.is_torn
    assert case.order.provider == case.second


def test_without_the_orders_lock_a_claimed_order_is_moved(case: Case, guards: Guards) -> None:
    guards.lift_row_locks(Order)
    moved, claim = race(case.move, case.claim, at=[JUDGED, None])
    assert moved is True and isinstance(claim, claims.Claim)
    assert case.is_torn


def test_what_was_claimed_is_not_moved(case: Case) -> None:
    claim, moved = race(case.claim, case.move, at=[after(claims, "_submission"), None])
    assert isinstance(claim, claims.Claim) and moved is False
    assert not case.is_torn
    assert case.order.provider == case.first


# ── Two moves, and a cancel ──────────────────────────────────────────────────────────────────


def moves(case: Case) -> int:
    return Event.objects.filter(order=case.order, kind=EventKind.FELL_BACK).count()


def test_of_two_moves_one_is_made(case: Case) -> None:
    assert race(case.move, case.move, at=[JUDGED, None]) == [True, False]
    assert moves(case) == 1


def test_without_the_orders_lock_it_is_moved_twice(case: Case, guards: Guards) -> None:
    guards.lift_row_locks(Order)
    assert race(case.move, case.move, at=[JUDGED, None]) == [True, True]
    assert moves(case) == 2


def test_a_cancel_that_waits_for_a_move_still_cancels(case: Case) -> None:
    def cancel() -> object:
        return cancellations.cancel_waiting(case.order, by=None, now=NOW)

    moved, _ = race(case.move, cancel, at=[JUDGED, None])
    case.order.refresh_from_db()
    assert moved is True
    assert (case.order.status, case.order.refunded) == (OrderStatus.CANCELED, case.order.price)
    assert submission.fall_back(NOW).moved == 0


def test_without_the_orders_lock_a_canceled_order_waits_again(case: Case, guards: Guards) -> None:
    def cancel() -> object:
        return cancellations.cancel_waiting(case.order, by=None, now=NOW)

    guards.lift_row_locks(Order)
    race(case.move, cancel, at=[JUDGED, None])
    case.order.refresh_from_db()
    assert case.order.status == OrderStatus.WAITING
