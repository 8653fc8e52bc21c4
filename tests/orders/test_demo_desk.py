"""What the demo's weeks hold besides orders: made by the real verbs, each at its own time."""

from datetime import datetime, timedelta
from decimal import Decimal
from unittest.mock import Mock

import pytest

from orders import balances, ledger_check, reconcile
from orders.enums import TopUpStatus
from orders.errors import LimitReached
from orders.management.demo.cast import Cast, hire, invite
from orders.management.demo.desk import Desk
from orders.management.demo.history import TOP_UP, History
from orders.models import BalanceReading, Conversation, Invitation, Order, Provider, TopUp
from orders.topups import approve
from tests.support import factories

pytestmark = pytest.mark.django_db

END = factories.NOW
BEGIN = END - timedelta(days=21)


@pytest.fixture
def cast() -> Cast:
    owner, mira, tom = hire(BEGIN)
    cast = Cast(owner, mira, tom, invite(mira, tom, BEGIN))
    for client in cast.clients[:3]:
        factories.order(client)
    return cast


def test_nothing_is_kept_before_its_time(cast: Cast) -> None:
    desk = Desk(cast, BEGIN, END)
    desk.until(END - timedelta(days=16))
    assert not TopUp.objects.exists()
    desk.until(END - timedelta(days=15))
    desk.until(END - timedelta(days=15))
    assert [row.status for row in TopUp.objects.all()] == [TopUpStatus.ADDED]


def test_in_the_end_something_waits_for_each_decision(cast: Cast) -> None:
    Desk(cast, BEGIN, END).until(END)
    statuses = list(TopUp.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["added", "declined", "added", "requested", "requested"]
    assert all(
        top_up.proof.content_type == "application/pdf"
        for top_up in TopUp.objects.filter(method__asks_proof=True)
    )
    assert Conversation.objects.filter(waits_for_staff=True).count() == 1
    assert Conversation.objects.count() == Order.objects.count() == 3
    assert Invitation.objects.get().expires_at > END
    assert list(ledger_check.check()) == []


def test_one_request_is_above_a_members_limit_and_one_is_not(cast: Cast) -> None:
    Desk(cast, BEGIN, END).until(END)
    large, small = TopUp.objects.filter(status=TopUpStatus.REQUESTED).order_by("-amount")
    with pytest.raises(LimitReached):
        approve(large, by=cast.mira.user, now=END)
    approve(small, by=cast.mira.user, now=END)
    approve(large, by=cast.owner.user, now=END)


def test_paying_the_provider_leaves_nothing_unexplained_from_any_reading_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(of: Provider, at: datetime, amount: Decimal = Decimal(100)) -> BalanceReading:
        return BalanceReading.objects.create(provider=of, at=at, answered_at=at, amount=amount)

    provider, levers, low = factories.provider(), Mock(), END - timedelta(days=1)
    monkeypatch.setattr(balances, "read_balance", read)
    History(provider, cast, levers, print).keep_provider_in_funds(low)
    levers.balance.assert_called_once_with("1000")
    read(provider, END, 100 + TOP_UP)
    span = reconcile.unexplained(provider, END)
    assert span.opening and span.opening.at == low
    assert (span.observed, span.unexplained, span.is_over) == (TOP_UP, 0, False)
