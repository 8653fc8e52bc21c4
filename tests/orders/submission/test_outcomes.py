"""What each answer to `add` makes of an order, spoken over real HTTP with the simulator."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from orders import submission
from orders.enums import (
    HoldReason,
    OrderStatus,
    PauseReason,
    ProviderHold,
    RefusalFamily,
    SubmissionOutcome,
    Tier,
)
from orders.models import Order, Provider, ProviderState, Service, Submission, Transfer
from orders.submission import provider_holds
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

Waiting = Callable[..., Order]
Later = Callable[..., datetime]


def send(order: Order, now: datetime) -> Order:
    submission.submit_order(order.pk, now)
    order.refresh_from_db()
    return order


def state(provider: Provider) -> ProviderState:
    return ProviderState.objects.get(provider=provider)


def only_submission(order: Order) -> Submission:
    return Submission.objects.get(order=order)


def test_an_accepted_order_is_pending_under_the_providers_id(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime
) -> None:
    order = send(waiting(), moment)

    accepted = simulator.log()
    assert [str(entry["order"]) for entry in accepted] == [order.upstream_id]
    assert accepted[0]["link"] == order.link
    assert order.status == OrderStatus.PENDING
    assert order.tier == Tier.FAST
    assert only_submission(order).outcome == SubmissionOutcome.CREATED


def test_an_order_is_sent_once_however_often_it_is_asked_for(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime
) -> None:
    order = waiting()
    for _ in range(3):
        send(order, moment)
    submission.submit_due(moment)

    assert len(simulator.log()) == 1


def test_a_lost_answer_is_a_state_and_never_sent_again(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    order = waiting("fault-timeout-after")
    paid = Transfer.objects.count()

    send(order, moment)
    submission.submit_due(later(hours=1))
    submission.probe_providers(later(hours=2))

    order.refresh_from_db()
    assert order.status == OrderStatus.UNCONFIRMED
    assert only_submission(order).outcome == SubmissionOutcome.UNKNOWN
    assert len(simulator.log()) == 1
    assert Transfer.objects.count() == paid


@pytest.mark.parametrize(
    "word",
    [
        "timeout-before",
        "timeout-after",
        "reset-after",
        "html-502-before",
        "html-502-after",
        "empty-body",
        "php-noise",
        "redirect",
        "generic-error-before",
    ],
)
def test_every_unclear_answer_leaves_the_order_unconfirmed(
    word: str, waiting: Waiting, moment: datetime
) -> None:
    order = send(waiting(f"fault-{word}"), moment)

    assert order.status == OrderStatus.UNCONFIRMED, word
    assert order.refunded == 0


def test_a_refused_link_ends_the_order_and_returns_the_price(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime
) -> None:
    order = waiting(link="not-a-link", details={"link": "not a link", "quantity": 1000})
    simulator.faults(bad_link=0)
    order = send(order, moment)

    assert order.status == OrderStatus.REFUSED
    assert order.refusal == RefusalFamily.LINK
    assert order.refunded == order.price
    assert simulator.log() == []


def test_a_wrong_key_holds_the_provider_and_refunds_nobody(
    waiting: Waiting, bulkhaus: Provider, simulator: RunningSimulator, moment: datetime
) -> None:
    simulator.faults(bad_key=1)
    first, second = waiting(), waiting()
    submission.submit_due(moment)

    for order in (first, second):
        order.refresh_from_db()
        assert order.status == OrderStatus.WAITING
        assert order.refunded == 0
    assert state(bulkhaus).hold == ProviderHold.KEY
    assert Submission.objects.count() == 1, "the second is not even tried"


def test_missing_funds_hold_the_provider_until_it_takes_an_order_again(
    waiting: Waiting,
    bulkhaus: Provider,
    simulator: RunningSimulator,
    moment: datetime,
    later: Later,
) -> None:
    first, second = waiting(), waiting()
    simulator.set_balance(0)
    submission.submit_due(moment)
    assert state(bulkhaus).hold == ProviderHold.FUNDS

    simulator.set_balance(1000)
    submission.submit_due(later(seconds=10))
    assert simulator.log() == [], "held: only a probe goes"

    assert submission.probe_providers(later(minutes=1)) == 1
    assert [entry["link"] for entry in simulator.log()] == [first.link]
    assert state(bulkhaus).hold == ""
    submission.submit_due(later(minutes=1))
    assert [entry["link"] for entry in simulator.log()] == [first.link, second.link]


def test_a_balance_that_does_not_cover_the_order_is_not_probed_with_it(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    waiting()
    simulator.set_balance(0)
    submission.submit_due(moment)

    submission.probe_providers(later(minutes=1))

    assert Submission.objects.count() == 1


def test_a_duplicate_alone_refunds_its_order_and_stops_nothing(
    waiting: Waiting, bulkhaus: Provider, moment: datetime
) -> None:
    order = send(waiting("fault-duplicate"), moment)

    assert order.status == OrderStatus.REFUSED
    assert order.refunded == order.price
    assert state(bulkhaus).hold == ""
    assert state(bulkhaus).unknown_streak == 0


def test_a_duplicate_after_an_earlier_sending_is_unknown_and_does_not_count(
    waiting: Waiting, bulkhaus: Provider, moment: datetime
) -> None:
    order = waiting("fault-duplicate")
    Submission.objects.create(
        order=order,
        provider=bulkhaus,
        number=1,
        outcome=SubmissionOutcome.DISMISSED,
        claimed_at=moment,
        expires_at=moment,
    )

    send(order, moment)

    assert order.status == OrderStatus.UNCONFIRMED
    assert order.refunded == 0
    assert state(bulkhaus).unknown_streak == 0


def test_a_service_that_is_gone_is_paused_and_its_order_refunded(
    waiting: Waiting,
    followers: Service,
    simulator: RunningSimulator,
    moment: datetime,
) -> None:
    simulator.set_service(followers.offer.upstream_id, disabled=True)
    order = send(waiting(), moment)

    followers.refresh_from_db()
    assert order.status == OrderStatus.REFUSED
    assert order.refunded == order.price
    assert followers.pause == PauseReason.GONE


def test_a_refusal_where_a_service_was_bought_before_does_not_pause_it(
    waiting: Waiting,
    followers: Service,
    bulkhaus: Provider,
    simulator: RunningSimulator,
    moment: datetime,
) -> None:
    order = waiting()
    simulator.set_service(followers.offer.upstream_id, disabled=True)
    Service.objects.update(offer=factories.offer(bulkhaus))
    order = send(order, moment)

    followers.refresh_from_db()
    assert (order.status, order.refunded) == (OrderStatus.REFUSED, order.price)
    assert followers.pause == ""


def test_no_connection_means_waiting_with_a_pause_and_a_held_provider(
    waiting: Waiting,
    bulkhaus: Provider,
    simulator: RunningSimulator,
    moment: datetime,
) -> None:
    order = waiting()
    simulator.refuse()
    send(order, moment)

    assert order.status == OrderStatus.WAITING
    assert order.not_before is not None and order.not_before > moment
    assert only_submission(order).outcome == SubmissionOutcome.NOT_SENT
    assert state(bulkhaus).hold == ProviderHold.DOWN
    simulator.accept()
    assert simulator.log() == []


def test_an_id_that_another_order_holds_is_not_believed(
    waiting: Waiting, bulkhaus: Provider, simulator: RunningSimulator, moment: datetime
) -> None:
    first = send(waiting(), moment)
    simulator.reset()  # it counts its ids from the beginning again
    second = send(waiting(), moment)

    assert str(simulator.log()[-1]["order"]) == first.upstream_id
    assert second.status == OrderStatus.UNCONFIRMED
    assert second.upstream_id is None
    assert only_submission(second).reason == "id_taken"
    assert only_submission(second).upstream_id == first.upstream_id, "kept as evidence"


def test_an_id_that_a_run_of_another_order_holds_is_not_believed(
    waiting: Waiting, bulkhaus: Provider, simulator: RunningSimulator, moment: datetime
) -> None:
    first = send(waiting(), moment)
    taken = str(first.upstream_id)
    Order.objects.filter(pk=first.pk).update(upstream_id="elsewhere")
    factories.child(first, 1, upstream_id=taken)
    simulator.reset()  # it counts its ids from the beginning again
    second = send(waiting(), moment)

    assert second.status == OrderStatus.UNCONFIRMED
    assert only_submission(second).reason == "id_taken"
    assert f"which order {first.pk} holds" in second.events.get(kind="unconfirmed").detail


def test_two_unknown_answers_in_a_row_stop_sending_and_recovery_sends_one_then_the_rest(
    waiting: Waiting,
    bulkhaus: Provider,
    simulator: RunningSimulator,
    moment: datetime,
    later: Later,
) -> None:
    orders = [waiting() for _ in range(5)]
    simulator.faults(html_502_before={"next": 2, "action": "add"})
    submission.submit_due(moment)

    statuses = list(Order.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["unconfirmed"] * 2 + ["waiting"] * 3
    assert state(bulkhaus).hold == ProviderHold.DOWN

    submission.submit_due(later(seconds=20))
    assert simulator.log() == []
    assert submission.probe_providers(later(minutes=1)) == 1
    assert [entry["link"] for entry in simulator.log()] == [orders[2].link]
    submission.submit_due(later(minutes=1))
    assert [entry["link"] for entry in simulator.log()] == [order.link for order in orders[2:]]


def test_failed_probes_after_an_outage_are_two_and_then_one_an_hour(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime, later: Later
) -> None:
    for _ in range(9):
        waiting()
    simulator.faults(html_502_before={"next": 100, "action": "add"})
    submission.submit_due(moment)
    for minute in range(1, 55):
        submission.probe_providers(later(minutes=minute))

    assert Order.objects.filter(status=OrderStatus.UNCONFIRMED).count() == 4


def test_the_answer_is_kept_without_the_key(
    waiting: Waiting, simulator: RunningSimulator, moment: datetime
) -> None:
    order = send(waiting("fault-html-502-after"), moment)

    kept = only_submission(order)
    assert kept.http_status == 502
    assert kept.answer_bytes
    assert "<html" in kept.answer.lower()
    assert simulator.key not in kept.answer


def test_a_rate_limit_lets_the_order_wait(
    waiting: Waiting, bulkhaus: Provider, simulator: RunningSimulator, moment: datetime
) -> None:
    simulator.faults(rate_limit={"next": 1, "action": "add"})
    order = send(waiting(), moment)

    assert order.status == OrderStatus.WAITING
    assert order.refunded == Decimal(0)
    assert state(bulkhaus).hold == ProviderHold.BUSY
    assert HoldReason(state(bulkhaus).hold) == HoldReason.PROVIDER_BUSY


def test_an_id_that_came_before_the_trouble_ends_no_hold_that_began_after_it(
    later: Later, bulkhaus: Provider
) -> None:
    """Brought late, by a worker that the database had kept waiting."""
    provider_holds.hold(bulkhaus.pk, ProviderHold.DOWN, "Two answers were lost.", later(minutes=1))
    provider_holds.accepted(bulkhaus.pk, later())
    assert state(bulkhaus).hold == ProviderHold.DOWN
    provider_holds.accepted(bulkhaus.pk, later(minutes=1))
    assert state(bulkhaus).hold == ""
