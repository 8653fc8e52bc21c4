"""What people decide about an order, against the machine and against each other.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from orders import progress, proposals, review
from orders.enums import Decision, EventKind, OrderStatus, SubmissionOutcome
from orders.errors import StateChanged
from orders.models import Event, Order, Submission, Transfer, User
from orders.progress import Report, applying
from orders.review import acts, deciding
from orders.submission import answers
from orders.upstream.errors import Exchange
from orders.upstream.replies import Added
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import Place, after, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
S = OrderStatus
REFERENCE = "orders_transfer_reference_key"
ANSWER = Added("777", None, "", Exchange(200, '{"order": 777}', 14, 900, True))

ANSWER_LOCKED = after(answers, "lock")
CASE_LOCKED = after(deciding, "choices")
REPORT_LOCKED = after(applying, "_read")


@pytest.fixture
def admin() -> User:
    return factories.admin().user


@pytest.fixture
def unconfirmed(order_of: Callable[..., Order]) -> Order:
    order = order_of(status=S.UNCONFIRMED)
    Submission.objects.create(
        order=order,
        provider=order.provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN,
        claimed_at=NOW,
        expires_at=NOW,
    )
    return order


def deciding(order: Order, decision: Decision, by: User, **more: Any) -> Callable[[], Order]:
    if decision in review.ON_EVIDENCE:
        more["seen_at"] = factories.seen(order, by, NOW)
    ruling = review.Ruling(decision, "Seen in their panel", by, **more)
    return lambda: review.decide(order, ruling, now=NOW)


def refunded(order: Order) -> Decimal:
    found = Transfer.objects.filter(order=order, kind="refund").values_list("amount", flat=True)
    return sum(found, Decimal(0))


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


# ── A late id against a decision ─────────────────────────────────────────────────────────────


def decision_and_late_id(order: Order, admin: User) -> list[Any]:
    """The decision comes first."""
    return race(
        deciding(order, Decision.GIVE_UP, admin),
        lambda: answers.record(order.submissions.get().pk, ANSWER, NOW),
        at=[CASE_LOCKED, ANSWER_LOCKED],
    )


def late_id_and_decision(order: Order, admin: User) -> list[Any]:
    """The id comes first."""
    return race(
        lambda: answers.record(order.submissions.get().pk, ANSWER, NOW),
        deciding(order, Decision.GIVE_UP, admin),
        at=[ANSWER_LOCKED, CASE_LOCKED],
    )


def test_an_id_after_the_decision_is_kept_apart(unconfirmed: Order, admin: User) -> None:
    decided, outcome = decision_and_late_id(unconfirmed, admin)
    assert (decided.status, outcome) == (S.CANCELED, SubmissionOutcome.DISMISSED)
    order = fresh(unconfirmed)
    assert (order.status, order.upstream_id) == (S.CANCELED, None)
    assert "777" in order.flag
    assert unconfirmed.submissions.get().late_upstream_id == "777"


def test_a_decision_after_the_id_is_told_that_it_came(unconfirmed: Order, admin: User) -> None:
    outcome, decided = late_id_and_decision(unconfirmed, admin)
    assert outcome == SubmissionOutcome.CREATED
    assert isinstance(decided, StateChanged)
    assert (fresh(unconfirmed).status, refunded(unconfirmed)) == (S.PENDING, 0)


def test_without_the_orders_lock_what_was_refunded_runs(
    guards: Guards, unconfirmed: Order, admin: User
) -> None:
    """Both won: the client has the money back and the followers."""
    guards.lift_row_locks()
    decided, outcome = decision_and_late_id(unconfirmed, admin)
    assert (decided.status, outcome) == (S.CANCELED, SubmissionOutcome.CREATED)
    assert fresh(unconfirmed).status == S.PENDING
    assert refunded(unconfirmed) == unconfirmed.price


# ── Two decisions at once ────────────────────────────────────────────────────────────────────


def two_decisions(order: Order, admin: User) -> list[Any]:
    return race(
        deciding(order, Decision.GIVE_UP, admin),
        deciding(order, Decision.SEND_ANEW, admin),
        at=CASE_LOCKED,
    )


def test_of_two_decisions_about_one_case_one_is_carried_out(
    unconfirmed: Order, admin: User
) -> None:
    first, second = two_decisions(unconfirmed, admin)
    assert first.status == S.CANCELED
    assert isinstance(second, StateChanged)
    assert fresh(unconfirmed).status == S.CANCELED


def test_the_submission_alone_lets_one_decision_through(
    guards: Guards, unconfirmed: Order, admin: User
) -> None:
    """A decision settles the one sending that nobody knows about; a second one finds none."""
    guards.lift_row_locks(Order)
    first, second = two_decisions(unconfirmed, admin)
    assert first.status == S.CANCELED
    assert isinstance(second, Submission.DoesNotExist)
    assert fresh(unconfirmed).status == S.CANCELED


def test_the_lock_alone_lets_one_decision_through(
    guards: Guards, unconfirmed: Order, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "_settle", lambda *_: None)
    first, second = two_decisions(unconfirmed, admin)
    assert first.status == S.CANCELED
    assert isinstance(second, StateChanged)


def test_without_lock_and_submission_a_refunded_order_is_sent_anew(
    guards: Guards, unconfirmed: Order, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    guards.lift_row_locks()
    monkeypatch.setattr(acts, "_settle", lambda *_: None)
    first, second = two_decisions(unconfirmed, admin)
    assert (first.status, second.status) == (S.CANCELED, S.WAITING)
    assert fresh(unconfirmed).status == S.WAITING
    assert refunded(unconfirmed) == unconfirmed.price


# ── Two orders taken up under one id ─────────────────────────────────────────────────────────


def one_id_for_two(admin: User, order_of: Callable[..., Order]) -> list[Any]:
    orders = [order_of(status=S.UNCONFIRMED) for _ in range(2)]
    for order in orders:
        Submission.objects.create(
            order=order,
            provider=order.provider,
            number=1,
            outcome=SubmissionOutcome.UNKNOWN,
            claimed_at=NOW,
            expires_at=NOW,
        )
    calls = (deciding(order, Decision.FOUND, admin, upstream_id="777") for order in orders)
    return race(*calls, at=after(acts, "_settle"))


def test_an_upstream_id_belongs_to_one_order(admin: User, order_of: Callable[..., Order]) -> None:
    first, second = one_id_for_two(admin, order_of)
    assert first.upstream_id == "777"
    assert "already has this id" in str(second)


def test_without_the_index_one_upstream_id_serves_two_orders(
    guards: Guards, admin: User, order_of: Callable[..., Order]
) -> None:
    guards.drop("upstream_id_once_per_provider")
    found = one_id_for_two(admin, order_of)
    assert [order.upstream_id for order in found] == ["777", "777"]


# ── A poll's refund against a person's ───────────────────────────────────────────────────────


def canceled(order: Order) -> Report:
    return Report(order.pk, "Canceled", Decimal(0), "USD", 5, 1000, "", NOW)


def poll_and_person(order: Order, admin: User) -> list[Any]:
    return race(
        lambda: progress.apply([canceled(order)], now=NOW),
        deciding(order, Decision.REFUND, admin),
        at=[REPORT_LOCKED, CASE_LOCKED],
    )


def person_and_poll(order: Order, admin: User) -> list[Any]:
    return race(
        deciding(order, Decision.REFUND, admin),
        lambda: progress.apply([canceled(order)], now=NOW),
        at=[CASE_LOCKED, REPORT_LOCKED],
    )


def test_a_persons_refund_after_the_polls_is_told_so(
    order_of: Callable[..., Order], admin: User
) -> None:
    """Both guards: the order's lock with a second reading, and the refund's reference."""
    order = order_of(status=S.FAILED)
    applied, decided = poll_and_person(order, admin)
    assert applied.refunds == 1
    assert isinstance(decided, StateChanged)
    assert refunded(order) == order.price


def test_a_polls_refund_after_a_persons_does_nothing(
    order_of: Callable[..., Order], admin: User
) -> None:
    order = order_of(status=S.FAILED)
    decided, applied = person_and_poll(order, admin)
    assert (decided.status, applied.refunds) == (S.CANCELED, 0)
    assert refunded(order) == order.price


@pytest.mark.parametrize("both", [poll_and_person, person_and_poll])
def test_the_reference_alone_lets_one_refund_in(
    guards: Guards,
    order_of: Callable[..., Order],
    admin: User,
    both: Callable[[Order, User], list[Any]],
) -> None:
    guards.lift_row_locks()
    order = order_of(status=S.FAILED)
    results = both(order, admin)
    assert any(isinstance(one, IntegrityError) or getattr(one, "failed", 0) for one in results)
    assert refunded(order) == order.price


@pytest.mark.parametrize("both", [poll_and_person, person_and_poll])
def test_the_lock_alone_lets_one_refund_in(
    guards: Guards,
    order_of: Callable[..., Order],
    admin: User,
    both: Callable[[Order, User], list[Any]],
) -> None:
    guards.drop(REFERENCE)
    order = order_of(status=S.FAILED)
    both(order, admin)
    assert refunded(order) == order.price


@pytest.mark.parametrize("both", [poll_and_person, person_and_poll])
def test_without_lock_and_reference_both_refund(
    guards: Guards,
    order_of: Callable[..., Order],
    admin: User,
    both: Callable[[Order, User], list[Any]],
) -> None:
    guards.lift_row_locks()
    guards.drop(REFERENCE)
    order = order_of(status=S.FAILED)
    both(order, admin)
    assert refunded(order) == 2 * order.price


# ── Proposals ────────────────────────────────────────────────────────────────────────────────


def proposed_twice(order: Order) -> int:
    by = factories.staff(sees_all_customers=True, decides_reviews=True).user
    ruling = review.Ruling(Decision.REFUND, "Too much for me", by)

    def propose() -> None:
        proposals.propose(order, ruling, now=NOW)

    assert race(propose, propose, at=after(proposals, "standing")) == [None, None]
    return Event.objects.filter(order=order, kind=EventKind.PROPOSED).count()


def test_a_decision_proposed_twice_at_once_stands_once(order_of: Callable[..., Order]) -> None:
    assert proposed_twice(order_of(status=S.FAILED)) == 1


def test_without_the_orders_lock_it_is_proposed_twice(
    guards: Guards, order_of: Callable[..., Order]
) -> None:
    guards.lift_row_locks()
    assert proposed_twice(order_of(status=S.FAILED)) == 2


def confirmed_by_two(order: Order, at: Place) -> list[Any]:
    """Two admins read the same proposal and make the decision."""
    by = factories.staff(sees_all_customers=True, decides_reviews=True).user
    proposals.propose(order, review.Ruling(Decision.REFUND, "Too much for me", by), now=NOW)
    admins = [factories.admin(name).user for name in ("Ada", "Abel")]
    return race(*(deciding(order, Decision.REFUND, admin) for admin in admins), at=at)


def test_of_two_admins_who_confirm_a_proposal_one_refunds(order_of: Callable[..., Order]) -> None:
    order = order_of(status=S.FAILED)
    first, second = confirmed_by_two(order, CASE_LOCKED)
    assert first.status == S.CANCELED
    assert isinstance(second, StateChanged)
    assert refunded(order) == order.price


def test_the_lock_alone_lets_one_admin_refund(
    guards: Guards, order_of: Callable[..., Order]
) -> None:
    guards.drop(REFERENCE)
    order = order_of(status=S.FAILED)
    _, second = confirmed_by_two(order, CASE_LOCKED)
    assert isinstance(second, StateChanged)
    assert refunded(order) == order.price


def test_the_reference_alone_lets_one_admin_refund(
    guards: Guards, order_of: Callable[..., Order]
) -> None:
    guards.lift_row_locks()
    order = order_of(status=S.FAILED)
    _, second = confirmed_by_two(order, CASE_LOCKED)
    assert isinstance(second, Exception)
    assert refunded(order) == order.price


def test_without_lock_and_reference_both_admins_refund(
    guards: Guards, order_of: Callable[..., Order]
) -> None:
    guards.lift_row_locks()
    guards.drop(REFERENCE)
    order = order_of(status=S.FAILED)
    confirmed_by_two(order, CASE_LOCKED)
    assert refunded(order) == 2 * order.price
