"""Whether a provider still charges what a subscription was ordered at.

How much a post got can often be told from its charge alone, and from that only at a known rate.
"""

from collections.abc import Iterable, Sequence

from django.db.models import Exists, F, OuterRef, Q

from orders.enums import Decision, EventKind
from orders.models import Child, Event, Order
from orders.progress.adding_up import ENDED, Figures
from orders.progress.posts import Subscribed

UNMOVED = Q(offer__rate=F("cost_rate_upstream"), offer__rate_changed_at__lte=F("placed_at"))


def with_sure_rates(order_ids: Sequence[int]) -> frozenset[int]:
    """Those of these orders of which charges tell sizes; at most one query.

    The rate has not moved since they were placed, as far as the catalog was read; or they have
    been settled while that was so. What a person had to decide stays as that person said.
    """
    if not order_ids:
        return frozenset()
    by_a_person = Event.objects.filter(
        order=OuterRef("pk"),
        kind=EventKind.DECIDED,
        data__decision__in=[Decision.PARTIAL, Decision.REFUND],
    )
    settled = Q(status__in=ENDED, refund_unknown=False) & ~Exists(by_a_person)
    found = Order.objects.filter(UNMOVED | settled, pk__in=order_ids)
    return frozenset(found.values_list("pk", flat=True))


def unsure_posts(order: Order, posts: Iterable[Child]) -> frozenset[int]:
    """Those posts of a subscription, by number, of which the charge does not tell the size since
    the provider's rate moved."""
    agreed = Subscribed(
        posts=order.runs or 1,
        least=order.least_per_post or 1,
        most=order.quantity,
        rate=order.cost_rate_upstream,
        status=order.status,
        is_over=True,
        is_rate_sure=bool(with_sure_rates([order.pk])),
    )
    return frozenset(post.number for post in posts if not agreed.is_sure_of(_figures(post)))


def _figures(post: Child) -> Figures:
    known = (post.status, post.remains, post.charge_upstream, post.start_count)
    return Figures(*known, post.refund_unknown, post.quantity)
