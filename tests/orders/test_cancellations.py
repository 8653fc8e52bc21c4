"""Stopping orders: money moves before sending, or when the provider's status says so."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders import cancellations, ledger, polling
from orders.enums import CancellationStatus, EventKind, OrderStatus, Tier
from orders.errors import Declined, NotAllowed, StateChanged
from orders.models import Account, Cancellation, Event, Order, Transfer, User
from orders.upstream.errors import AnswerUnknown
from orders.upstream.replies import CancelReply, ItemError, StatusReply
from tests.support import factories
from tests.support.pretend import PretendClient
from tests.support.simulator import RunningSimulator

S, C = OrderStatus, CancellationStatus
NOW = factories.NOW
SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def by(db: None) -> User:
    return factories.admin("Mira Kovač").user


@pytest.fixture
def order_of(db: None) -> Callable[..., Order]:
    service, buyer = factories.service(), factories.customer(balance="100")
    return lambda **more: factories.order(buyer, service, **more)


@pytest.fixture
def running(order_of: Callable[..., Order]) -> Callable[..., Order]:
    return lambda **more: order_of(status=S.IN_PROGRESS, **more)


def balance_of(order: Order) -> Decimal | None:
    return Account.objects.get(customer=order.customer).balance


def only(order: Order) -> Cancellation:
    return Cancellation.objects.get(order=order)


# ── While it waits ───────────────────────────────────────────────────────────────────────────


def test_a_waiting_order_is_canceled_and_refunded_at_once(
    order_of: Callable[..., Order], by: User
) -> None:
    order = order_of(status=S.WAITING)
    before = balance_of(order) or 0
    assert cancellations.request(order, by=by, now=SOON) is None
    order.refresh_from_db()
    assert (order.status, order.refunded, order.finished_at) == (S.CANCELED, order.price, SOON)
    assert (balance_of(order) or 0) - before == order.price
    refund = Transfer.objects.get(order=order, kind="refund")
    assert refund.person == by
    kinds = list(Event.objects.filter(order=order).values_list("kind", flat=True))
    assert kinds == [EventKind.CANCELED, EventKind.REFUNDED]


@pytest.mark.parametrize("status", [S.SENDING, S.UNCONFIRMED, S.PENDING, S.CANCELED])
def test_what_no_longer_waits_is_not_canceled_here(
    order_of: Callable[..., Order], by: User, status: OrderStatus
) -> None:
    order = order_of(status=S.WAITING)
    Order.objects.update(status=status)
    with pytest.raises(StateChanged):
        cancellations.cancel_waiting(order, by=by, now=SOON)
    assert not Transfer.objects.filter(kind="refund").exists()


def test_canceling_twice_refunds_once(order_of: Callable[..., Order], by: User) -> None:
    order = order_of(status=S.WAITING)
    cancellations.cancel_waiting(order, by=by, now=SOON)
    with pytest.raises(StateChanged):
        cancellations.cancel_waiting(order, by=by, now=SOON)
    assert Transfer.objects.filter(kind="refund").count() == 1


def test_the_machine_ends_what_waited_too_long(order_of: Callable[..., Order]) -> None:
    order = order_of(status=S.WAITING)
    amount = cancellations.cancel_waiting(order, by=None, now=SOON, kind=EventKind.EXPIRED)
    assert amount == order.price
    assert Event.objects.filter(order=order, kind=EventKind.EXPIRED).exists()


def test_nobody_cancels_a_strangers_order(order_of: Callable[..., Order]) -> None:
    stranger = factories.customer("Somebody else", signs_in=True)
    for status in (S.WAITING, S.PENDING):
        with pytest.raises(NotAllowed):
            cancellations.request(order_of(status=status), by=stranger.user, now=SOON)


# ── Asking the provider ──────────────────────────────────────────────────────────────────────


def test_the_reason_why_not_is_told(running: Callable[..., Order], by: User) -> None:
    order = running()
    assert cancellations.why_not_cancel(order) == ""
    cancellations.request(order, by=by, now=NOW)
    assert cancellations.why_not_cancel(order) == "A cancel was requested. The supplier decides."
    order.offer.cancel = False
    stopped = "Already running, and this service cannot be stopped."
    assert cancellations.why_not_cancel(order) == stopped
    order.status = S.UNCONFIRMED
    assert "being checked" in cancellations.why_not_cancel(order)
    order.status = S.COMPLETED
    assert cancellations.why_not_cancel(order) == "This order has ended."


def test_accepted_is_not_canceled(
    pretend: PretendClient, running: Callable[..., Order], by: User
) -> None:
    order = running(tier=Tier.OLD)
    cancellations.request(order, by=by, now=NOW)
    pretend.replies[order.upstream_id or ""] = CancelReply("1")
    assert cancellations.send_requested(SOON) == 1
    order.refresh_from_db()
    assert (only(order).status, only(order).upstream_id) == (C.ACCEPTED, "1")
    assert (order.status, order.refunded) == (S.IN_PROGRESS, 0)
    assert order.tier == Tier.FAST, "its end is looked for soon"
    assert not Transfer.objects.filter(kind="refund").exists()


def test_only_the_later_status_moves_money_and_closes_the_request(
    pretend: PretendClient, running: Callable[..., Order], by: User
) -> None:
    order = running()
    cancellations.request(order, by=by, now=NOW)
    pretend.replies[order.upstream_id or ""] = CancelReply("1")
    cancellations.send_requested(SOON)
    canceled = StatusReply("Canceled", Decimal(0), "USD", 5, 1000)
    pretend.replies[order.upstream_id or ""] = canceled
    later = SOON + timedelta(minutes=5)
    polling.sweep(order.provider_id, now=later)
    assert cancellations.poll(later) == 1
    order.refresh_from_db()
    assert (order.status, order.refunded) == (S.CANCELED, order.price)
    assert (only(order).status, only(order).ended_at) == (C.DONE, later)


def test_each_order_has_its_own_answer(
    pretend: PretendClient, running: Callable[..., Order], by: User
) -> None:
    good, bad, left_out = running(), running(), running()
    for order in (good, bad, left_out):
        cancellations.request(order, by=by, now=NOW)
    pretend.replies = {
        str(good.upstream_id): CancelReply("1"),
        str(bad.upstream_id): ItemError("Order can't be canceled"),
    }
    cancellations.send_requested(SOON)
    assert len(pretend.requests) == 1
    assert [only(order).status for order in (good, bad, left_out)] == [
        C.ACCEPTED,
        C.DECLINED,
        C.UNKNOWN,
    ]
    assert only(bad).answer == "Order can't be canceled"
    cancellations.request(bad, by=by, now=SOON)  # a declined one may be asked again


def test_a_lost_answer_is_never_sent_again_and_the_orders_end_settles_it(
    pretend: PretendClient, running: Callable[..., Order], by: User
) -> None:
    order = running()
    cancellations.request(order, by=by, now=NOW)

    def lose(ids: Sequence[str]) -> None:
        raise AnswerUnknown("timeout")

    pretend.trouble = lose
    cancellations.send_requested(SOON)
    cancellations.send_requested(SOON)
    assert only(order).status == C.UNKNOWN
    assert len(pretend.requests) == 1
    Order.objects.filter(pk=order.pk).update(status=S.COMPLETED)
    assert cancellations.poll(SOON) == 1
    assert only(order).status == C.DECLINED
    assert "before it could be stopped" in only(order).answer


def test_an_order_that_ended_meanwhile_is_not_asked_about(
    pretend: PretendClient, running: Callable[..., Order], by: User
) -> None:
    order = running()
    cancellations.request(order, by=by, now=NOW)
    Order.objects.filter(pk=order.pk).update(status=S.PARTIAL)
    assert cancellations.send_requested(SOON) == 0
    assert (pretend.requests, only(order).status) == ([], C.DONE)


def test_a_person_settles_a_lost_request(running: Callable[..., Order], by: User) -> None:
    order = running()
    asked = cancellations.request(order, by=by, now=NOW)
    assert asked
    Cancellation.objects.update(status=C.UNKNOWN)
    cancellations.settle(asked, by=by, now=SOON, reason="Not in their panel", arrived=False)
    assert only(order).status == C.DECLINED
    with pytest.raises(StateChanged):
        cancellations.settle(asked, by=by, now=SOON, reason="Again", arrived=True)
    with pytest.raises(Declined):
        cancellations.request(
            Order.objects.get(pk=cancellations.request(order, by=by, now=SOON).order_id),  # type: ignore[union-attr]
            by=by,
            now=SOON,
        )


def test_from_request_to_refund_against_the_simulator(
    simulator: RunningSimulator, by: User
) -> None:
    row = next(
        row
        for row in simulator.call("services")
        if row["type"] == "Default" and row["cancel"] and int(row["min"]) <= 1000 <= int(row["max"])
    )
    bulkhaus = factories.provider(url=simulator.url, key=simulator.key)
    offer = factories.offer(bulkhaus, upstream_id=str(row["service"]), rate=Decimal(row["rate"]))
    link = "https://instagram.com/p/1"
    added = simulator.call("add", service=row["service"], link=link, quantity=1000)
    long_ago = timezone.now() - timedelta(hours=1)
    order = factories.order(
        of=factories.service(offer),
        status=S.PENDING,
        upstream_id=str(added["order"]),
        expected_charge_upstream=Decimal(row["rate"]),
        status_at=long_ago,
        changed_at=long_ago,
    )
    cancellations.request(order, by=by, now=timezone.now())
    assert cancellations.send_requested(timezone.now()) == 1
    assert only(order).status == C.ACCEPTED
    simulator.set_clock(timezone.now() + timedelta(days=1))
    polling.poll_once(bulkhaus.pk, timezone.now())
    cancellations.poll(timezone.now())
    order.refresh_from_db()
    assert order.status in (S.CANCELED, S.PARTIAL)
    assert order.refunded > 0
    assert only(order).status == C.DONE
    wallet = order.customer.wallet
    wallet.refresh_from_db()
    assert wallet.balance == ledger.account_sum(wallet.pk)
