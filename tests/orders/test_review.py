"""Decisions: what fits a case, that nothing may be owed, and what is put to an admin."""

from datetime import timedelta
from decimal import Decimal

import pytest

from orders import proposals, review
from orders.enums import Decision, EventKind, OrderStatus
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.models import Account, Event, Order, Staff
from tests.support import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW


@pytest.fixture
def boss() -> Staff:
    return factories.admin()


def open_refund(**fields: object) -> Order:
    """A package that ended partly delivered: nobody can count what was delivered of it."""
    values = {"delivery_total": None, "refund_unknown": True} | fields
    return factories.order(status=OrderStatus.PARTIAL, **values)


def ruling(by: Staff, decision: Decision, reason: str = "they showed it") -> review.Ruling:
    return review.Ruling(decision, reason, by.user)


# ── Nothing is owed ──────────────────────────────────────────────────────────────────────────


def test_that_nothing_is_owed_is_said_outright_only_where_it_cannot_be_counted() -> None:
    assert Decision.NOTHING_OWED in review.choices(open_refund())
    assert Decision.PARTIAL not in review.choices(open_refund())
    assert Decision.NOTHING_OWED not in review.choices(open_refund(delivery_total=1000))
    assert Decision.PARTIAL in review.choices(open_refund(delivery_total=1000))


def test_nothing_owed_closes_the_case_and_moves_no_money(boss: Staff) -> None:
    order = open_refund()
    before = Account.objects.get(customer=order.customer).balance
    decided = review.decide(order, ruling(boss, Decision.NOTHING_OWED), now=NOW)
    order.refresh_from_db()
    assert (order.status, order.refund_unknown, order.refunded) == (OrderStatus.PARTIAL, False, 0)
    assert review.choices(decided) == ()
    assert Account.objects.get(customer=order.customer).balance == before
    event = Event.objects.get(order=order)
    assert (event.kind, event.detail) == (EventKind.DECIDED, "they showed it")


def test_nothing_owed_is_decided_once(boss: Staff) -> None:
    order = open_refund()
    review.decide(order, ruling(boss, Decision.NOTHING_OWED), now=NOW)
    with pytest.raises(StateChanged):
        review.decide(order, ruling(boss, Decision.REFUND), now=NOW)


# ── Above a person's limit ───────────────────────────────────────────────────────────────────


@pytest.fixture
def mira() -> Staff:
    return factories.staff(
        "Mira Kovač", sees_all_customers=True, decides_reviews=True, daily_limit=Decimal(1)
    )


def test_a_proposal_is_a_line_of_the_history_and_changes_nothing_else(mira: Staff) -> None:
    order = open_refund()
    proposals.propose(order, ruling(mira, Decision.REFUND), now=NOW)
    event = proposals.standing([order])[order.pk]
    assert (event.person, event.detail) == (mira.user, "they showed it")
    assert event.data == {"decision": Decision.REFUND}
    order.refresh_from_db()
    assert (order.refund_unknown, order.refunded) == (True, 0)


def test_the_same_proposal_twice_is_one_line_another_decision_is_another(mira: Staff) -> None:
    order = open_refund()
    for decision in (Decision.REFUND, Decision.REFUND, Decision.NOTHING_OWED):
        proposals.propose(order, ruling(mira, decision), now=NOW)
    assert order.events.count() == 2
    assert proposals.standing([order])[order.pk].data["decision"] == Decision.NOTHING_OWED


def test_a_proposal_stands_until_the_status_changes(mira: Staff) -> None:
    order = factories.order(status=OrderStatus.FAILED)
    proposals.propose(order, ruling(mira, Decision.REFUND), now=NOW)
    order.status_at = NOW + timedelta(minutes=1)
    assert proposals.standing([order]) == {}


@pytest.mark.parametrize(
    ("decision", "reason", "error"),
    [(Decision.REFUND, " ", FieldErrors), (Decision.GIVE_UP, "gone", StateChanged)],
)
def test_only_what_could_be_decided_can_be_proposed(
    mira: Staff, decision: Decision, reason: str, error: type[Exception]
) -> None:
    order = open_refund()
    with pytest.raises(error):
        proposals.propose(order, ruling(mira, decision, reason), now=NOW)
    assert not order.events.exists()


def test_who_may_not_decide_may_not_propose() -> None:
    with pytest.raises(NotAllowed):
        proposals.propose(open_refund(), ruling(factories.staff(), Decision.REFUND), now=NOW)
