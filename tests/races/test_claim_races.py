"""Who gets a waiting order: two workers, a worker that slept, a person who cancels or holds it.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Q
from django.utils import timezone

from orders import cancellations, review, submission
from orders.enums import Decision, HoldReason, OrderStatus, SubmissionOutcome
from orders.errors import StateChanged
from orders.models import Offer, Order, Provider, Submission, Transfer
from orders.submission import claims, gate
from orders.upstream import wire
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, before, race
from tests.support.simulator import RunningSimulator

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
ANY = ~Q(pk=None)
READ_AS_WAITING = after(gate, "order_hold")
"""The claim has seen that the order waits and may go; the update comes next."""


# ── Two workers claim one order ──────────────────────────────────────────────────────────────


def claimed_by_two(order: Order) -> list[claims.Claim]:
    found = race(
        lambda: claims.claim(order.pk, NOW), lambda: claims.claim(order.pk, NOW), at=READ_AS_WAITING
    )
    assert not [one for one in found if isinstance(one, Exception)], found
    return [claim for claim in found if claim is not None]


def test_of_two_workers_one_claims_an_order(order_of: Callable[..., Order]) -> None:
    """Both guards: the update's condition and the index of standing submissions."""
    assert len(claimed_by_two(order_of(status=OrderStatus.WAITING))) == 1


def test_the_condition_alone_lets_one_worker_claim(
    guards: Guards, order_of: Callable[..., Order]
) -> None:
    guards.drop("one_standing_submission_per_order")
    assert len(claimed_by_two(order_of(status=OrderStatus.WAITING))) == 1


def test_the_index_alone_lets_one_worker_claim(
    order_of: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "due", lambda now: ANY)
    assert len(claimed_by_two(order_of(status=OrderStatus.WAITING))) == 1


def test_without_condition_and_index_two_workers_claim(
    guards: Guards, order_of: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    guards.drop("one_standing_submission_per_order")
    monkeypatch.setattr(claims, "due", lambda now: ANY)
    assert len(claimed_by_two(order_of(status=OrderStatus.WAITING))) == 2


# ── A stalled worker wakes ───────────────────────────────────────────────────────────────────


def bought_after_a_sleep(order: Order, upstream: RunningSimulator, seconds: float) -> list[str]:
    """A worker sleeps right before the last check; meanwhile its claim runs out, a person has the
    order sent anew, and that is done. Then it wakes. The outcomes of both."""
    by = factories.admin().user
    Provider.objects.update(total_timeout=60, read_timeout=60)  # a slow machine is no sleep

    def goes_on_without_it() -> str:
        Submission.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert submission.expire_claims(timezone.now()) == 1
        seen_at = factories.seen(order, by, timezone.now())
        ruling = review.Ruling(Decision.SEND_ANEW, "It is not there", by, seen_at=seen_at)
        review.decide(Order.objects.get(pk=order.pk), ruling, now=timezone.now())
        sent = submission.submit_order(order.pk, timezone.now())
        assert len(upstream.log()) == 1
        slept.seconds = seconds
        return sent

    slept = _Slept()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "time", slept)
        return race(
            lambda: submission.submit_order(order.pk, timezone.now()),
            goes_on_without_it,
            at=[before(wire.Attempt, "check_in_time"), None],
        )


class _Slept:
    """The wire's clock, which a test may put forward."""

    seconds = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.seconds


def test_a_worker_that_slept_past_its_claim_sends_nothing(
    waiting: Callable[..., Order], upstream: RunningSimulator
) -> None:
    order = waiting()
    slept, second = bought_after_a_sleep(order, upstream, seconds=121)
    assert (slept, second) == (SubmissionOutcome.DISMISSED, SubmissionOutcome.CREATED)
    assert len(upstream.log()) == 1


def test_without_the_last_check_a_worker_that_slept_buys_a_second_time(
    waiting: Callable[..., Order], upstream: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even then the order keeps its one id, and the other one raises the alarm."""
    monkeypatch.setattr(wire.Attempt, "check_in_time", lambda attempt: None)
    order = waiting()
    # Its clock stays, so that it still reads its answer.
    bought_after_a_sleep(order, upstream, seconds=0)
    assert len(upstream.log()) == 2
    order.refresh_from_db()
    late = Submission.objects.get(order=order, number=1)
    assert late.late_upstream_id not in ("", order.upstream_id)
    assert late.late_upstream_id in order.flag


# ── Canceling against claiming ───────────────────────────────────────────────────────────────

CANCELED = after(cancellations, "_give_all_back")


def claim_then_cancel(order: Order) -> list[object]:
    return race(
        lambda: claims.claim(order.pk, NOW),
        lambda: cancellations.cancel_waiting(order, by=None, now=NOW),
        at=[after(claims, "_submission"), CANCELED],
    )


def cancel_then_claim(order: Order) -> list[object]:
    """The claim has read that the order waits; then it is canceled."""
    return race(
        lambda: claims.claim(order.pk, NOW),
        lambda: cancellations.cancel_waiting(order, by=None, now=NOW),
        at=[READ_AS_WAITING, None],
    )


def refunded(order: Order) -> Decimal:
    found = Transfer.objects.filter(order=order, kind="refund").values_list("amount", flat=True)
    return sum(found, Decimal(0))


def test_what_was_claimed_is_not_canceled(order_of: Callable[..., Order]) -> None:
    order = order_of(status=OrderStatus.WAITING)
    claim, canceled = claim_then_cancel(order)
    assert claim is not None
    assert isinstance(canceled, StateChanged)
    assert refunded(order) == 0


def test_without_its_condition_a_claimed_order_is_refunded_and_sent(
    order_of: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancellations, "_still_waiting", lambda pk: Order.objects.filter(pk=pk))
    order = order_of(status=OrderStatus.WAITING)
    claim, _ = claim_then_cancel(order)
    assert isinstance(claim, claims.Claim)
    assert refunded(order) == order.price


def test_what_was_canceled_is_not_claimed(order_of: Callable[..., Order]) -> None:
    order = order_of(status=OrderStatus.WAITING)
    claim, canceled = cancel_then_claim(order)
    assert (claim, canceled) == (None, order.price)


def test_without_its_condition_a_canceled_order_is_claimed(
    order_of: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "due", lambda now: ANY)
    order = order_of(status=OrderStatus.WAITING)
    claim, canceled = cancel_then_claim(order)
    assert isinstance(claim, claims.Claim)
    assert canceled == refunded(order) == order.price


def test_an_order_canceled_twice_at_once_is_refunded_once(order_of: Callable[..., Order]) -> None:
    order = order_of(status=OrderStatus.WAITING)
    first, second = race(
        lambda: cancellations.cancel_waiting(order, by=None, now=NOW),
        lambda: cancellations.cancel_waiting(order, by=None, now=NOW),
        at=CANCELED,
    )
    assert first == refunded(order) == order.price
    assert isinstance(second, StateChanged)


# ── A person's hold against the machine's ────────────────────────────────────────────────────


def held_while_a_worker_looks(order: Order) -> Order:
    """A worker has found that the cost rose; before it writes that down, a person holds the order
    for a reason of their own."""
    Offer.objects.filter(pk=order.offer_id).update(rate=Decimal(9))
    by = factories.admin().user
    race(
        lambda: claims.claim(order.pk, NOW),
        lambda: submission.hold(order, by=by, now=NOW, reason="Wrong link"),
        at=[READ_AS_WAITING, None],
    )
    return Order.objects.get(pk=order.pk)


def test_a_persons_hold_stands_against_the_machines(order_of: Callable[..., Order]) -> None:
    order = held_while_a_worker_looks(order_of(status=OrderStatus.WAITING))
    assert (order.hold, order.hold_detail) == (HoldReason.STAFF, "Wrong link")


def test_without_the_condition_the_machine_lifts_a_persons_hold(
    order_of: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the cost falls again, the order would be sent although a person holds it."""
    monkeypatch.setattr(claims, "due", lambda now: Q(status=OrderStatus.WAITING))
    order = held_while_a_worker_looks(order_of(status=OrderStatus.WAITING))
    assert order.hold == HoldReason.PRICE
