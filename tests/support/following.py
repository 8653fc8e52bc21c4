"""What runs of an order and posts of a subscription are tested by alike: both are followed as
children, by chance, and whatever is told."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, Protocol

from orders import ledger_check, polling
from orders.enums import OrderStatus, TransferKind
from orders.models import Account, Child, Order, Provider, Transfer
from orders.upstream.decoding import status_item
from orders.upstream.replies import StatusReply
from tests.support import factories
from tests.support.pretend import PretendClient

S = OrderStatus
IDS = ["a", "b", "c", "p", "q", "n", "o", 0, -1, None, True, "", "x" * 500, [], {}, 1e300, "\x00"]
NUMBERS = ["0", "1", -5, 99, 250, 10**30, None, "Unknown", [], "1e9", 2.5]


class Upstream(Protocol):
    """An order as its provider goes through it, and what is owed for it."""

    name: str

    @property
    def is_settled(self) -> bool: ...
    def go_on(self) -> None: ...
    def reckon(self) -> Decimal: ...
    def replies(self) -> dict[str, StatusReply]: ...


def play(
    orders: Sequence[Order],
    upstreams: Sequence[Upstream],
    provider: Provider,
    pretend: PretendClient,
) -> None:
    """Half an hour of news, after each minute of which the money is what was reckoned."""
    settled = 0
    for minute in range(1, 30):
        for upstream in upstreams:
            upstream.go_on()
            pretend.replies |= upstream.replies()
        polling.poll_once(provider.pk, factories.NOW + timedelta(minutes=minute))
        for order, upstream in zip(orders, upstreams, strict=True):
            order.refresh_from_db()
            assert order.refunded == upstream.reckon(), (minute, vars(upstream))
            assert (order.status in (S.COMPLETED, S.PARTIAL, S.CANCELED)) == upstream.is_settled
            assert not order.flag
            settled += upstream.is_settled
    assert settled, "nothing ended: the test shows nothing"
    assert not ledger_check.check()
    spent = sum(order.price - order.refunded for order in orders)
    assert Account.objects.get(customer=orders[0].customer).balance == 1000 - spent


def anything(chance: Random, words: Sequence[Any], figures: Sequence[str]) -> dict[str, Any]:
    """What a provider might say of an order, sense or not."""
    said: dict[str, Any] = {"status": chance.choice(words)}
    for name in figures:
        if chance.random() < 0.5:
            said[name] = chance.choice(NUMBERS)
    if chance.random() < 0.7:
        said["orders"] = chance.choices(IDS, k=chance.choice([0, 1, 3, 8, 400]))
    elif chance.random() < 0.3:
        said["orders"] = chance.choice([None, "a", {}, {"a": 1}, 7])
    return said


def bear_anything(
    chance: Random,
    family: Sequence[Order],
    provider: Provider,
    pretend: PretendClient,
    words: Sequence[Any],
    figures: Sequence[str],
) -> None:
    """Twenty-four minutes of that about two orders, `p` and `q`; of a third one, `z`, one child is
    known. Nothing breaks, no money is made, and nothing becomes a child that is not one."""
    plain = factories.order(family[0].customer, family[0].service, upstream_id="o")
    elsewhere = factories.order(of=factories.service(), upstream_id="n")
    factories.child(family[2], 1, upstream_id="c", status=S.COMPLETED)
    for minute in range(1, 25):
        told = {id: status_item(anything(chance, words, figures)) for id in "abcpqoz"}
        pretend.replies = told
        result = polling.poll_once(provider.pk, factories.NOW + timedelta(minutes=minute))
        assert result.state == "done"
        assert result.applied.failed == 0
    for order in Order.objects.all():
        assert order.children.count() <= (order.runs or 0)
        assert 0 <= order.refunded <= order.price
        back = Transfer.objects.filter(order=order, kind=TransferKind.REFUND)
        assert sum(back.values_list("amount", flat=True)) == order.refunded
    taken = set(Order.objects.filter(provider=provider).values_list("upstream_id", flat=True))
    assert not taken & set(Child.objects.values_list("upstream_id", flat=True))
    assert not plain.children.exists()
    elsewhere.refresh_from_db()
    assert (elsewhere.status, elsewhere.upstream_status) == (S.PENDING, "")
    assert not ledger_check.check()
