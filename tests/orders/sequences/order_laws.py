"""What holds of orders and sendings, whatever was done; written down anew, not asked for."""

from collections import Counter, defaultdict
from decimal import Decimal

from orders import statuses
from orders.enums import EventKind, OrderStatus, RefillStatus, SubmissionOutcome
from orders.models import CANCEL_IN_FLIGHT, REFILL_IN_FLIGHT, Cancellation, Event, Refill
from tests.orders.sequences.expected import NEXT
from tests.orders.sequences.picture import Picture

S, Sent = OrderStatus, SubmissionOutcome
STANDING = (Sent.OPEN, Sent.UNKNOWN, Sent.CREATED)
OUTCOMES = {
    Sent.OPEN: {Sent.NOT_SENT, Sent.REFUSED, Sent.CREATED, Sent.UNKNOWN},
    # Open again: the same sending, asked for with its key.
    Sent.UNKNOWN: {Sent.NOT_SENT, Sent.REFUSED, Sent.CREATED, Sent.DISMISSED, Sent.OPEN},
}
STANDS_AS = {S.SENDING: Sent.OPEN, S.UNCONFIRMED: Sent.UNKNOWN}
"""What the standing sending is while the order is so; once the provider has it, *created*."""


def orders_keep_to_the_graph(before: Picture, after: Picture) -> None:
    """Each change has its line in the history."""
    told = {(one.order_id, one.status) for one in after.events}
    for pk, order in after.orders.items():
        was = before.orders[pk].status if pk in before.orders else S.WAITING
        if order.status == was:
            continue
        steps = {one.status for one in after.events if one.order_id == pk} | {order.status}
        through = order.status in NEXT[S(was)] or any(
            step in NEXT[S(was)] and order.status in NEXT[S(step)] for step in steps if step
        )
        assert through, (was, order.status)
        assert (pk, order.status) in told, "a change without a line"


def what_has_ended_has_a_moment(before: Picture, after: Picture) -> None:
    for order in after.orders.values():
        ended = order.status in (S.COMPLETED, S.PARTIAL, S.CANCELED, S.REFUSED)
        assert (order.finished_at is not None) == ended


def an_order_is_sent_once(before: Picture, after: Picture) -> None:
    by_order = defaultdict(list)
    for one in after.submissions.values():
        by_order[one.order_id].append(one)
    for pk, order in after.orders.items():
        standing = [one.outcome for one in by_order[pk] if one.outcome in STANDING]
        assert len(standing) <= 1
        if order.status in (S.WAITING, S.REFUSED):
            assert not standing, "it may already be there"
        elif order.status == S.CANCELED and not order.upstream_id:
            assert not standing
        else:
            assert standing == [STANDS_AS.get(S(order.status), Sent.CREATED)]
        new = [one for one in by_order[pk] if one.pk not in before.submissions]
        if new and pk in before.orders:
            assert before.orders[pk].status == S.WAITING and len(new) == 1


def an_order_moves_once_and_only_if_nobody_has_it(before: Picture, after: Picture) -> None:
    """To its service's fallback, at its price; never after an answer that was unknown."""
    for pk, was in before.orders.items():
        now = after.orders[pk]
        if (now.offer_id, now.provider_id) == (was.offer_id, was.provider_id):
            assert now.first_offer_id == was.first_offer_id
            continue
        assert (was.first_offer_id, now.first_offer_id) == (None, was.offer_id)
        assert (now.price, now.refunded) == (was.price, was.refunded)
        sent = [one.outcome for one in after.submissions.values() if one.order_id == pk]
        assert set(sent) <= {Sent.NOT_SENT, Sent.REFUSED}, "somebody may have it"
        assert not Event.objects.filter(order=pk, kind=EventKind.UNCONFIRMED).exists()


def outcomes_are_final(before: Picture, after: Picture) -> None:
    for pk, was in before.submissions.items():
        now = after.submissions[pk].outcome
        assert now == was.outcome or now in OUTCOMES.get(Sent(was.outcome), ()), (was.outcome, now)


def the_providers_number_stays(before: Picture, after: Picture) -> None:
    for pk, was in before.orders.items():
        if was.upstream_id:
            assert after.orders[pk].upstream_id == was.upstream_id
    for order in after.orders.values():
        if order.upstream_id:
            assert order.upstream_id in {
                one.upstream_id
                for one in after.submissions.values()
                if one.order_id == order.pk and one.outcome == Sent.CREATED
            }


def a_late_id_raises_its_alarm(before: Picture, after: Picture) -> None:
    told = {
        (e.order_id, e.data.get("upstream_id")) for e in after.events if e.kind == "late_answer"
    }
    for pk, one in after.submissions.items():
        was = before.submissions.get(pk)
        came = one.late_upstream_id and (
            was is None or was.late_upstream_id != one.late_upstream_id
        )
        order = after.orders[one.order_id]
        if came and one.late_upstream_id != order.upstream_id:
            assert (one.order_id, one.late_upstream_id) in told
            assert one.late_upstream_id in order.flag


def movements_say_what_the_provider_keeps(before: Picture, after: Picture) -> None:
    """And nothing more, whatever came late: an order that was sent twice is paid for twice."""
    paid: Counter[int] = Counter()
    sums: dict[int | None, Decimal] = defaultdict(Decimal)
    for order_id, amount in after.movements:
        sums[order_id] += amount
        paid[order_id or 0] += 1
    for pk, order in after.orders.items():
        if order.flag.startswith("Came after"):
            continue
        if order.least_per_post is not None:  # nobody charges for the whole
            assert -sums[pk] == (order.charge_upstream or 0)
        elif order.upstream_id:
            assert -sums[pk] == statuses.charge_kept(
                order.upstream_status,
                order.expected_charge_upstream,
                order.charge_upstream,
                order.remains,
                order.delivery_total,
            )


def one_request_of_a_kind_is_in_flight(before: Picture, after: Picture) -> None:
    for model, states in ((Refill, REFILL_IN_FLIGHT), (Cancellation, CANCEL_IN_FLIGHT)):
        rows = model._default_manager.filter(status__in=states).values_list("order_id", flat=True)
        assert max(Counter(rows).values(), default=0) <= 1
    numbers = Refill.objects.exclude(upstream_id="").values_list("upstream_id", flat=True)
    assert max(Counter(numbers).values(), default=0) <= 1
    open_ones = (RefillStatus.REQUESTED, RefillStatus.SENDING)
    assert not Refill.objects.filter(status__in=open_ones).exclude(upstream_id="").exists()


LAWS = (
    orders_keep_to_the_graph,
    what_has_ended_has_a_moment,
    an_order_is_sent_once,
    an_order_moves_once_and_only_if_nobody_has_it,
    outcomes_are_final,
    the_providers_number_stays,
    a_late_id_raises_its_alarm,
    movements_say_what_the_provider_keeps,
    one_request_of_a_kind_is_in_flight,
)
