"""What the posts of a subscription come to, from its provider's books: summed here once more."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from orders import statuses
from orders.enums import Decision, EventKind, OrderStatus, TransferKind
from orders.models import Child, Order, Transfer
from orders.money import ZERO, plain
from orders.statuses import FINAL
from tests.chaos.books import Books
from tests.chaos.upstreams import Post
from tests.orders.sequences.expected import ceiling

S = OrderStatus
ROUNDED = Fraction(2, 100)
UNIT = Fraction(1, 10**8)
"""The smallest sum: what comes back is rounded up to it."""


@dataclass(frozen=True)
class Served:
    """What of the most for every post was not delivered, and what the provider charged; `unclear`:
    a post failed, a person has to say what is owed."""

    undelivered: int
    total: int
    charge: Decimal
    unclear: bool

    @property
    def status(self) -> OrderStatus:
        if self.undelivered == self.total:
            return S.CANCELED
        return S.PARTIAL if self.undelivered or self.unclear else S.COMPLETED


def served(order: Order, posts: Iterable[Post]) -> Served:
    """How an order has to end whose posts stand like that: posts times the most was held."""
    posts, total = list(posts), order.quantity * (order.runs or 0)
    failed = any(post.status == S.FAILED for post in posts)
    charge = sum((ceiling(Fraction(post.charge)) for post in posts), ZERO)
    return Served(total - sum(post.got for post in posts), total, charge, failed)


def posts_add_up(books: Books) -> Iterator[str]:
    """Each subscription was held once, at the most for every post; ended as
    its posts did: what they got is paid for, the rest of what was held came back.
    Each post is known once, with what it was given."""
    known = _known()
    moved = _moved()
    for pk, order in books.orders.items():
        if not order.is_subscription:
            continue
        yield from _of_hold(order, moved.get((pk, TransferKind.ORDER), []))
        back = sum(moved.get((pk, TransferKind.REFUND), []), ZERO)
        mine = known.pop(pk, {})
        posts = _posts_of(books, order)
        if not order.upstream_id or posts is UNKNOWN:
            yield from _of_none(order, mine, back)
            continue
        yield from _of_posts(order, mine, posts, is_decided=_is_decided(books, order))
        yield from _of_sum(order, _decided_about(books, order, posts.values()), back)
        if order.charge_upstream not in (costs := _costs(order, posts.values())):
            told = " or ".join(map(str, sorted(costs)))
            yield f"order {order.pk} was charged {order.charge_upstream}, its posts cost {told}"
    for pk in known:
        yield f"order {pk} has posts, and is no subscription"


def subscriptions(books: Books) -> str:
    """How many were placed, sent and settled, by how they ended; their posts; their money."""
    orders = [order for order in books.orders.values() if order.is_subscription]
    sent = [order for order in orders if order.upstream_id]
    words = Counter(str(statuses.subscription_word(o.status, o.upstream_status)) for o in sent)
    settled = sum(order.status in FINAL and not order.refund_unknown for order in sent)
    said = f"{len(orders)} placed, {len(sent)} sent, {settled} settled: {_counted(words)}"
    posts = Counter(
        Child.objects.exclude(order__least_per_post=None).values_list("status", flat=True)
    )
    by_a_person = sum(_is_decided(books, order) for order in sent)
    held, back = sum(o.price for o in orders), sum(o.refunded for o in orders)
    money = f"{plain(held)} held, {plain(back)} back"
    return f"{said}; {by_a_person} by a person; {posts.total()} posts: {_counted(posts)}; {money}"


UNKNOWN: Mapping[str, Post] = {}


def _posts_of(books: Books, order: Order) -> Mapping[str, Post]:
    return books.facts.posts.get((order.provider_id, order.upstream_id or ""), UNKNOWN)


def _is_decided(books: Books, order: Order) -> bool:
    """Whether a person said what was owed."""
    said = (e.data.get("decision") for e in books.events[order.pk] if e.kind == EventKind.DECIDED)
    return any(one in (Decision.PARTIAL, Decision.REFUND) for one in said)


def _counted(counter: Counter[str]) -> str:
    by_number = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{n} {name or 'otherwise'}" for name, n in by_number) or "none"


def _costs(order: Order, posts: Iterable[Post]) -> set[Decimal]:
    """What its posts may be said to have cost. The charge of a partial one may be for all of it or
    for what it got, and at another rate than the order's nobody can tell for which."""
    sums = {ZERO}
    for post in posts:
        charge, ways = Fraction(post.charge), {ceiling(Fraction(post.charge))}
        if post.status == S.PARTIAL and post.got:
            usual = Fraction(order.cost_rate_upstream) * post.got / 1000
            if abs(charge - usual) > ROUNDED * usual:
                ways.add(ceiling(charge * post.got / post.quantity))
        sums = {one + way for one in sums for way in ways}
    return sums


def _decided_about(books: Books, order: Order, posts: Iterable[Post]) -> Served:
    """As the posts stand in the end; a post that changes its mind after a person's decision changes
    that no more, which is then about what it was before."""
    found = served(order, posts)
    if order.remains == found.undelivered or not _is_decided(books, order):
        return found
    first = [replace(post, status=S.COMPLETED) if post.relapses else post for post in posts]
    return replace(served(order, first), charge=found.charge)


Known = dict[str, tuple[OrderStatus, int | None]]


def _known() -> dict[int, Known]:
    """By order and upstream id: how each post stands with us, and how much it was given."""
    found: dict[int, Known] = {}
    columns = ("order_id", "upstream_id", "status", "quantity")
    posts = Child.objects.exclude(order__least_per_post=None)
    for order_id, upstream_id, status, quantity in posts.values_list(*columns):
        found.setdefault(order_id, {})[upstream_id] = (S(status), quantity)
    return found


def _moved() -> dict[tuple[int, str], list[Decimal]]:
    """What was taken for each subscription and given back, by its kind."""
    found: dict[tuple[int, str], list[Decimal]] = {}
    transfers = Transfer.objects.exclude(order=None).exclude(order__least_per_post=None)
    for order_id, kind, amount in transfers.values_list("order_id", "kind", "amount"):
        found.setdefault((order_id or 0, kind), []).append(amount)
    return found


def _of_hold(order: Order, taken: list[Decimal]) -> Iterator[str]:
    total = order.quantity * (order.runs or 0)
    if taken != [order.price]:
        yield f"order {order.pk}: {taken} was held for a price of {order.price}"
    if not order.billable == order.delivery_total == total:
        yield f"order {order.pk} is for {order.delivery_total}, its posts for {total} at most"


def _of_none(order: Order, mine: Known, back: Decimal) -> Iterator[str]:
    """One that never reached a provider, or that its provider does not know."""
    if order.upstream_id:
        yield f"order {order.pk}: no provider knows the posts of {order.upstream_id}"
    if mine:
        yield f"order {order.pk} has posts, and no provider took it"
    if not order.upstream_id and back != order.price:
        yield f"order {order.pk} was never subscribed, {back} of {order.price} came back"


def _of_posts(
    order: Order, known: Known, posts: Mapping[str, Post], *, is_decided: bool
) -> Iterator[str]:
    """Of what a person decided, a size that a charge told may be wrong: that is why."""
    if known.keys() != posts.keys():
        yield f"order {order.pk} knows the posts {sorted(known)}, its provider {sorted(posts)}"
    for upstream_id, (status, quantity) in known.items():
        post = posts.get(upstream_id)
        if post is None:
            continue
        if post.status != status:
            told = f"is {status}, its provider says {post.status}"
            yield f"order {order.pk}: post {upstream_id} {told}"
        if quantity not in (None, post.quantity) and not is_decided:
            told = f"was given {post.quantity}, and {quantity} is known"
            yield f"order {order.pk}: post {upstream_id} {told}"


def _of_sum(order: Order, found: Served, back: Decimal) -> Iterator[str]:
    is_refunded = found.unclear and order.status == S.CANCELED
    if order.status != found.status and not is_refunded:
        yield f"order {order.pk} is {order.status}, its posts make it {found.status}"
    elif found.status != S.CANCELED and order.remains != found.undelivered:
        yield f"order {order.pk}: {order.remains} remain, its posts leave {found.undelivered}"
    got = 0 if is_refunded else found.total - found.undelivered
    cost = Fraction(order.price) * got / found.total
    if not 0 <= cost - Fraction(order.price - back) < UNIT:
        held = f"{order.price} was held, {back} came back"
        yield f"order {order.pk}: {held}, its posts got {got} of {found.total}"
