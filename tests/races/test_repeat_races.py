"""A repeat with the same key against a person's decision, and against another repeat.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from orders import review
from orders.enums import Decision, OrderStatus, SubmissionOutcome
from orders.errors import StateChanged
from orders.models import Order, Submission
from orders.review import deciding
from orders.submission import claims, repeating
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
READ_AS_LOST = after(repeating, "_is_held")
"""The repeat has seen that nobody knows what became of it; the write comes next."""


@pytest.fixture
def lost() -> Submission:
    provider = factories.provider(idempotency_field="request_id")
    service = factories.service(factories.offer(provider))
    buyer = factories.customer(balance="10")
    order = factories.order(buyer, service, status=OrderStatus.UNCONFIRMED)
    return Submission.objects.create(
        order=order,
        provider=provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN,
        claimed_at=NOW,
        expires_at=NOW,
        idempotency_key="k" * 32,
        account_version=provider.account_version,
        repeat_after=NOW,
    )


def repeat(lost: Submission) -> claims.Claim | None:
    with transaction.atomic():
        return repeating._claim(lost.pk, NOW + timedelta(minutes=1), False)


def decide(lost: Submission) -> Any:
    ruling = review.Ruling(Decision.GIVE_UP, "It is not there.", factories.owner().user)
    return review.decide(lost.order, ruling, now=NOW)


def both_happened(lost: Submission) -> bool:
    """Refunded, and on its way to be bought."""
    order = Order.objects.get(pk=lost.order_id)
    return order.refunded > 0 and order.status == OrderStatus.SENDING


def test_nobody_decides_while_it_is_asked_for_again(lost: Submission) -> None:
    claim, decided = race(lambda: repeat(lost), lambda: decide(lost), at=[READ_AS_LOST, None])
    assert isinstance(claim, claims.Claim) and isinstance(decided, StateChanged)
    assert not both_happened(lost)


def test_without_the_locks_it_is_given_back_and_asked_for_again(
    lost: Submission, guards: Guards
) -> None:
    guards.lift_row_locks(Order, Submission)
    race(lambda: repeat(lost), lambda: decide(lost), at=[READ_AS_LOST, None])
    order = Order.objects.get(pk=lost.order_id)
    standing = Submission.objects.get(pk=lost.pk)
    assert standing.outcome == SubmissionOutcome.OPEN and order.refunded > 0


def test_what_a_person_decided_is_not_asked_for_again(lost: Submission) -> None:
    decided, claim = race(
        lambda: decide(lost), lambda: repeat(lost), at=[after(deciding, "_record"), None]
    )
    assert claim is None and not isinstance(decided, Exception)
    assert not both_happened(lost)


def test_of_two_workers_one_repeats(lost: Submission) -> None:
    found = race(lambda: repeat(lost), lambda: repeat(lost), at=[READ_AS_LOST, None])
    assert [isinstance(one, claims.Claim) for one in found] == [True, False]


def test_without_the_locks_two_workers_repeat(lost: Submission, guards: Guards) -> None:
    guards.lift_row_locks(Order, Submission)
    found = race(lambda: repeat(lost), lambda: repeat(lost), at=[READ_AS_LOST, None])
    assert [isinstance(one, claims.Claim) for one in found] == [True, True]
