"""Nobody acts for a client whom they may not see, whatever page or program asks for it."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from orders import cancellations, placement, refills, review, submission, wallets
from orders.enums import Decision, OrderStatus
from orders.errors import NotAllowed
from orders.models import Order, Transfer, User
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db

S = OrderStatus


def _place(order: Order, by: User) -> object:
    fields = {"link": "https://instagram.com/theirs", "quantity": 1000}
    return placement.place(order.customer, order.service_id, fields, by=by, now=NOW)


def _decide(order: Order, by: User) -> object:
    return review.decide(order, review.Ruling(Decision.REFUND, "gone", by), now=NOW)


VERBS: dict[str, tuple[OrderStatus, Callable[[Order, User], object]]] = {
    "place": (S.COMPLETED, _place),
    "hold": (S.WAITING, lambda order, by: submission.hold(order, by=by, now=NOW, reason="x")),
    "release": (S.WAITING, lambda order, by: submission.release(order, by=by, now=NOW)),
    "cancel": (S.WAITING, lambda order, by: cancellations.request(order, by=by, now=NOW)),
    "refill": (S.COMPLETED, lambda order, by: refills.request(order, by=by, now=NOW)),
    "decide": (S.FAILED, _decide),
    "take cash": (
        S.COMPLETED,
        lambda order, by: wallets.take_cash(order.customer, Decimal(5), by=by, now=NOW),
    ),
}


def strangers() -> list[User]:
    """A staff member whose client it is not, and another customer."""
    clerk = factories.staff(sees_cost=True, decides_reviews=True)
    other = factories.customer("Somebody Else", signs_in=True).user
    assert other is not None
    return [clerk.user, other]


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_declines_who_may_not_see_the_client(name: str) -> None:
    status, act = VERBS[name]
    order = factories.order(factories.customer(balance="10"), status=status)
    before = Order.objects.values().get(), Transfer.objects.count()

    for by in strangers():
        with pytest.raises(NotAllowed):
            act(order, by)

    assert (Order.objects.values().get(), Transfer.objects.count()) == before


def test_the_clients_own_manager_is_let_through() -> None:
    clerk = factories.staff(decides_reviews=True)
    order = factories.order(factories.customer(balance="10", manager=clerk), status=S.FAILED)

    _decide(order, clerk.user)

    order.refresh_from_db()
    assert order.status == S.CANCELED
