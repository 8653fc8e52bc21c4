"""What holds of runs, whatever was done."""

from collections import defaultdict

from orders.models import Offer
from tests.orders.sequences.expected import NEXT, S
from tests.orders.sequences.picture import Picture


def runs_are_no_more_than_were_ordered(before: Picture, after: Picture) -> None:
    """Numbered from one on, each as it was told of, for ever."""
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    for child in after.children.values():
        numbers[child.order_id].append(child.number)
    for pk, found in numbers.items():
        assert sorted(found) == list(range(1, len(found) + 1))
        assert len(found) <= (after.orders[pk].runs or 0)
    for pk, was in before.children.items():
        now = after.children[pk]
        assert (now.order_id, now.upstream_id) == (was.order_id, was.upstream_id)
        assert now.status == was.status or now.status in NEXT[S(was.status)]


def an_id_is_of_one_order_or_of_one_run(before: Picture, after: Picture) -> None:
    held = [(one.provider_id, one.upstream_id) for one in after.children.values()]
    held += [(one.provider_id, one.upstream_id) for one in after.orders.values() if one.upstream_id]
    assert len(held) == len(set(held))


def runs_are_of_the_provider_that_has_the_order(before: Picture, after: Picture) -> None:
    """And what goes elsewhere goes to an offer that knows runs."""
    for child in after.children.values():
        order = after.orders[child.order_id]
        assert child.provider_id == order.provider_id
    for pk, was in before.orders.items():
        now = after.orders[pk]
        if now.runs and now.offer_id != was.offer_id:
            assert Offer.objects.get(pk=now.offer_id).dripfeed


LAWS = (
    runs_are_no_more_than_were_ordered,
    an_id_is_of_one_order_or_of_one_run,
    runs_are_of_the_provider_that_has_the_order,
)
