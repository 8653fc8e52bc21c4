"""Whether a provider still charges what a subscription was ordered at.

How much a post got can often be told from its charge alone, and from that only at a known rate. It
is known by a reading of the catalog that began after the last news of the posts: what was charged
for them was charged before.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.utils import timezone

from orders import doorbell
from orders.enums import Decision, EventKind
from orders.models import Child, Event, Order, Provider, SyncRun
from orders.progress.adding_up import ENDED, Figures
from orders.progress.posts import RateIs, Subscribed

PATIENCE = timedelta(hours=1)
"""So long after the last news of its posts a subscription waits for the catalog to be read."""

UNMOVED = Q(offer__rate=F("cost_rate_upstream"), offer__rate_changed_at__lte=F("placed_at"))


class _Seen(NamedTuple):
    """An order, beside what the catalog was last read to say."""

    id: int
    status: str
    refund_unknown: bool
    placed_at: datetime
    read_at: datetime | None
    is_unmoved: bool
    is_decided: bool


def rates_by_now(news: Mapping[int, datetime | None], now: datetime) -> dict[int, RateIs]:
    """What is known of the rate of each of these subscriptions, whose posts were last heard of
    then; at most one query.

    One that was settled while its rate was known keeps it, and what a person had to decide stays
    as that person said.
    """
    return {seen.id: _rate_is(seen, news[seen.id], now) for seen in _seen(list(news))}


def _seen(order_ids: Sequence[int]) -> Iterable[_Seen]:
    if not order_ids:
        return []
    by_a_person = Event.objects.filter(
        order=OuterRef("pk"),
        kind=EventKind.DECIDED,
        data__decision__in=[Decision.PARTIAL, Decision.REFUND],
    )
    found = Order.objects.filter(pk__in=order_ids).annotate(
        read_at=F("provider__state__catalog_read_at"),
        is_unmoved=ExpressionWrapper(UNMOVED, BooleanField()),
        is_decided=Exists(by_a_person),
    )
    return map(_Seen._make, found.values_list(*_Seen._fields))


def _rate_is(seen: _Seen, news: datetime | None, now: datetime) -> RateIs:
    if seen.status in ENDED and not seen.refund_unknown and not seen.is_decided:
        return RateIs.KEPT
    if not seen.is_unmoved:
        return RateIs.MOVED
    if seen.is_decided:
        return RateIs.DECIDED
    since = max(seen.placed_at, news or seen.placed_at)
    if seen.read_at is not None and seen.read_at > since:
        return RateIs.KEPT
    return RateIs.MISSED if now - since >= PATIENCE else RateIs.UNREAD


def ask_for(awaited: Mapping[int, datetime]) -> None:
    """Have the catalogs of these providers read: each of which no reading began since then.

    A reading that is under way already may have been given the old rate; and what was rung for
    once is not rung for again, unless nobody heard.
    """
    if not awaited:
        return
    runs = SyncRun.objects.filter(provider=OuterRef("pk")).order_by("-id")
    begun = Provider.objects.filter(pk__in=awaited).annotate(
        begun_at=Subquery(runs.values("started_at")[:1])
    )
    for provider_id, begun_at in begun.order_by("pk").values_list("pk", "begun_at"):
        if begun_at is None or begun_at <= awaited[provider_id]:
            doorbell.ring("orders.sync_catalog", provider_id)


def unsure_posts(order: Order, posts: Sequence[Child]) -> frozenset[int]:
    """Those posts of a subscription, by number, of which the charge does not tell the size: the
    provider's rate has moved, or nobody knows whether it has."""
    news = max((post.changed_at for post in posts), default=None)
    known = rates_by_now({order.pk: news}, timezone.now())
    agreed = Subscribed(
        posts=order.runs or 1,
        least=order.least_per_post or 1,
        most=order.quantity,
        rate=order.cost_rate_upstream,
        status=order.status,
        is_over=True,
        rate_is=known[order.pk],
    )
    return frozenset(post.number for post in posts if not agreed.is_sure_of(_figures(post)))


def _figures(post: Child) -> Figures:
    known = (post.status, post.remains, post.charge_upstream, post.start_count)
    return Figures(*known, post.refund_unknown, post.quantity)
