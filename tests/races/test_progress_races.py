"""Two at once, on a database with many writers: what must happen once happens once."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from orders import cancellations, ledger_check, polling, progress, refills, review
from orders.enums import Decision, OrderStatus, RefillStatus, SubmissionOutcome
from orders.errors import FieldErrors, StateChanged
from orders.models import Account, Event, Order, Refill, Submission, Sweep, Transfer
from orders.progress import Report
from orders.submission import claims
from orders.upstream.replies import RefillReply, StatusReply
from tests.support import factories
from tests.support.pretend import PretendClient
from tests.support.threads import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

S = OrderStatus
NOW = factories.NOW
SOON = NOW + timedelta(minutes=2)


def canceled(order: Order) -> Report:
    return Report(order.pk, "Canceled", Decimal(0), "USD", 5, 1000, "", SOON)


def refunds(order: Order) -> Decimal:
    found = Transfer.objects.filter(order=order, kind="refund").values_list("amount", flat=True)
    return sum(found, Decimal(0))


def test_two_workers_with_the_same_news_refund_once(order_of: Callable[..., Order]) -> None:
    orders = [order_of() for _ in range(30)]
    news = [canceled(order) for order in orders]
    first, second = at_once(
        lambda: progress.apply(news, now=SOON),
        lambda: progress.apply(list(reversed(news)), now=SOON),
    )
    assert first.refunds + second.refunds == 30
    assert all(refunds(order) == order.price for order in orders)
    assert not ledger_check.check()


def test_news_and_a_decision_at_once_refund_once(order_of: Callable[..., Order]) -> None:
    by = factories.admin().user
    for _ in range(8):
        order = order_of(status=S.FAILED)
        ruling = review.Ruling(Decision.REFUND, "Provider agreed", by)
        results = at_once(
            lambda order=order: progress.apply([canceled(order)], now=SOON),
            lambda order=order, ruling=ruling: review.decide(order, ruling, now=SOON),
        )
        surprises = [r for r in results if isinstance(r, Exception)]
        assert all(isinstance(surprise, StateChanged) for surprise in surprises)
        order.refresh_from_db()
        assert (order.status, refunds(order)) == (S.CANCELED, order.price)


def test_a_cancel_and_a_claim_at_once_have_one_winner(order_of: Callable[..., Order]) -> None:
    by = factories.admin().user
    for _ in range(10):
        order = order_of(status=S.WAITING)
        canceled_, claimed = at_once(
            lambda order=order: cancellations.cancel_waiting(order, by=by, now=SOON),
            lambda order=order: claims.claim(order.pk, SOON),
        )
        order.refresh_from_db()
        if order.status == S.CANCELED:
            assert (claimed, refunds(order)) == (None, order.price)
        else:
            assert isinstance(canceled_, StateChanged)
            assert (order.status, refunds(order)) == (S.SENDING, 0)


def test_opposite_orders_of_orders_and_wallets_do_not_deadlock() -> None:
    service = factories.service()
    buyers = [factories.customer(balance="100") for _ in range(6)]
    orders = [factories.order(buyers[number % 6], service) for number in range(60)]
    backwards = [factories.order(buyers[5 - number % 6], service) for number in range(60)]
    results = at_once(
        lambda: progress.apply([canceled(order) for order in orders], now=SOON),
        lambda: progress.apply([canceled(order) for order in backwards], now=SOON),
    )
    assert [result.refunds for result in results] == [60, 60]
    assert not ledger_check.check()
    for buyer in buyers:
        assert Account.objects.get(customer=buyer).balance == 100


def test_two_sweeps_at_once_ask_once(
    pretend: PretendClient, order_of: Callable[..., Order]
) -> None:
    orders = [order_of() for _ in range(5)]
    running = StatusReply("In progress", Decimal(1), "USD", 5, 1000)
    pretend.replies = {str(order.upstream_id): running for order in orders}
    pretend.trouble = lambda ids: time.sleep(0.3)
    provider_id = orders[0].provider_id
    results = at_once(*[lambda: polling.sweep(provider_id, now=SOON)] * 3)
    assert sorted(result.state for result in results) == ["busy", "busy", "done"]
    assert len(pretend.requests) == 1
    assert Event.objects.filter(kind="status").count() == 5


def test_a_sweep_that_was_taken_over_while_it_asked_applies_nothing(
    pretend: PretendClient, order_of: Callable[..., Order]
) -> None:
    order = order_of()
    asked, go_on = threading.Event(), threading.Event()
    news = StatusReply("Canceled", Decimal(0), "USD", 5, 1000)
    pretend.replies[str(order.upstream_id)] = news

    def stall(ids: Sequence[str]) -> None:
        if not asked.is_set():
            asked.set()
            go_on.wait(10)

    def take_over() -> polling.SweepResult:
        asked.wait(10)
        Sweep.objects.update(expires_at=NOW - timedelta(days=1))
        result = polling.sweep(order.provider_id, now=SOON)
        go_on.set()
        return result

    pretend.trouble = stall
    stalled, second = at_once(lambda: polling.sweep(order.provider_id, now=SOON), take_over)
    assert (stalled.state, second.state) == ("taken_over", "done")
    assert stalled.applied.changed == 0
    assert refunds(order) == order.price


def test_two_senders_send_each_refill_once(
    pretend: PretendClient, order_of: Callable[..., Order]
) -> None:
    by = factories.admin().user
    orders = [order_of(status=S.COMPLETED, finished_at=NOW) for _ in range(25)]
    for order in orders:
        refills.request(order, by=by, now=NOW)
        pretend.replies[str(order.upstream_id)] = RefillReply(f"r{order.pk}")
    pretend.trouble = lambda ids: time.sleep(0.1)
    orders[0].provider.batch_size = 5
    orders[0].provider.save()
    sent = at_once(lambda: refills.send_requested(SOON), lambda: refills.send_requested(SOON))
    assert sum(sent) == 25
    asked = [id for ids in pretend.asked for id in ids]
    assert sorted(asked) == sorted(str(order.upstream_id) for order in orders)
    assert set(Refill.objects.values_list("status", flat=True)) == {RefillStatus.PENDING}


def test_two_orders_that_are_found_under_one_id_at_once_have_one_winner(
    order_of: Callable[..., Order],
) -> None:
    by = factories.admin().user
    for round_ in range(8):
        pair = [order_of(status=S.UNCONFIRMED) for _ in range(2)]
        for order in pair:
            Submission.objects.create(
                order=order,
                provider=order.provider,
                number=1,
                outcome=SubmissionOutcome.UNKNOWN,
                claimed_at=NOW,
                expires_at=NOW,
            )
        for order in pair:
            factories.seen(order, by, SOON)
        ruling = review.Ruling(
            Decision.FOUND, "seen there", by, upstream_id=f"77{round_}", seen_at=SOON
        )
        results = at_once(*(partial(review.decide, order, ruling, now=SOON) for order in pair))
        (refused,) = [result for result in results if isinstance(result, Exception)]
        assert isinstance(refused, FieldErrors), refused
        assert "already has this id" in refused.errors["upstream_id"]
