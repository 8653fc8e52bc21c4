"""What subscriptions have to come to, worked out once more from docs/polling.md."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Max
from msgspec.structs import replace as retold

from orders.enums import Decision, EventKind, OrderStatus
from orders.models import Order, ProviderState
from orders.progress import Report
from tests.orders.sequences.expected import ENDS, MEANT, Standing, after_report, ceiling
from tests.orders.sequences.run import Run

S = OrderStatus

GOES_ON = {"Active", "In progress", "Processing", "Paused"}
OVER = {"Expired", "Completed", "Canceled", "Partial"}
ROUNDED = Fraction(2, 100)
"""How far outside of what was ordered a charge may lie that was rounded."""


def stands_as_subscribed(
    order: Order, word: str, posts: Sequence[Run], now: Any, *, doubtful: bool
) -> Standing:
    """The order after its provider's word for the whole and the news of its posts."""
    total = order.quantity * (order.runs or 1)
    left = total - sum(post.done(post.size) for post in posts if post.size is not None)
    charge = ceiling(sum((_kept(order, post) for post in posts), Fraction(0)))
    said = Report(order.pk, word, charge, "", None, left, "", now)
    if word in GOES_ON | OVER:
        said = retold(said, status=S.PROCESSING if word == "Paused" else S.IN_PROGRESS)
    is_over = order.ends_on is not None and now.date() > order.ends_on + timedelta(days=1)
    if word in OVER or (word in GOES_ON and is_over):
        if all(post.status in ENDS | {S.FAILED} for post in posts):
            unsure = sum(not _is_sure(order, post) for post in posts)
            if unsure and not _may_tell_sizes(order):
                if order.status not in ENDS and _may_be_read_yet(order, now):
                    return _open_until_the_end(after_report(order, said))
                said, doubtful = retold(said, odd="not sure"), True
            short = word == "Completed" and len(posts) < (order.runs or 1)
            said = _settled(order, said, posts, doubtful=doubtful or short)
        elif order.status in ENDS:
            return Standing.of(order)
    return _open_until_the_end(after_report(order, said))


def _open_until_the_end(stands: Standing) -> Standing:
    """What it costs is not known before."""
    return stands if stands.status in ENDS else replace(stands, cost=None)


def _settled(order: Order, said: Report, posts: Sequence[Run], *, doubtful: bool) -> Report:
    total = order.quantity * (order.runs or 1)
    if doubtful or any(not _is_clear(post) for post in posts):
        return retold(said, status=S.PARTIAL, remains=None)
    if said.remains == total:
        return retold(said, status=S.CANCELED)
    is_part = said.remains or order.status == S.PARTIAL
    return retold(said, status=S.PARTIAL if is_part else S.COMPLETED)


def _may_tell_sizes(order: Order) -> bool:
    """Whether what a post costs tells how much it got: the catalog, read since the last news of the
    posts, shows the rate of the order; or it was settled without a person when that was so."""
    decided = (Decision.PARTIAL, Decision.REFUND)
    lines = order.events.filter(kind=EventKind.DECIDED).values_list("data", flat=True)
    by_a_person = any(line.get("decision") in decided for line in lines)
    if order.status in ENDS and not order.refund_unknown and not by_a_person:
        return True
    read_at = ProviderState.objects.get(provider=order.provider_id).catalog_read_at
    was_read = read_at is not None and read_at > _last_news(order)
    return _has_kept_its_rate(order) and was_read and not by_a_person


def _may_be_read_yet(order: Order, now: Any) -> bool:
    return _has_kept_its_rate(order) and now - _last_news(order) < timedelta(hours=1)


def _has_kept_its_rate(order: Order) -> bool:
    offer = order.offer
    return offer.rate == order.cost_rate_upstream and offer.rate_changed_at <= order.placed_at


def _last_news(order: Order) -> datetime:
    heard = order.children.aggregate(last=Max("changed_at"))["last"]
    return max(order.placed_at, heard or order.placed_at)


def _is_sure(order: Order, post: Run) -> bool:
    """Whether the size of an ended post is another one than its charge tells, so that a post that
    waited told it; nothing depends on that of a post that was canceled or failed."""
    if post.size is None or post.charge is None or post.status in (S.CANCELED, S.FAILED):
        return True
    if order.least_per_post == order.quantity or post.charge <= 0:
        return True
    exact = Fraction(post.charge) * 1000 / Fraction(order.cost_rate_upstream)
    near = [
        abs(exact - one) <= max(ROUNDED * one, Fraction(1, 2))
        for one in (post.size, post.size - min(max(post.remains or 0, 0), post.size))
    ]
    return not any(near)


def _is_clear(post: Run) -> bool:
    known = post.size is not None or post.status == S.CANCELED
    return known and not post.unknown and post.status != S.FAILED


def _kept(order: Order, post: Run) -> Fraction:
    """What the provider keeps of what a post cost."""
    if post.status == S.CANCELED or (post.charge is None and post.size is None):
        return Fraction(0)
    quoted = Fraction(order.cost_rate_upstream) * (post.size or 0) / 1000
    taken = quoted if post.charge is None else Fraction(post.charge)
    if post.status != S.PARTIAL or post.remains is None or not post.size:
        return taken
    share = Fraction(post.size - min(max(post.remains, 0), post.size), post.size)
    # Some lower the charge to what was delivered, others leave it whole and pay back.
    if post.charge is not None and abs(taken - quoted * share) <= abs(taken - quoted):
        return taken
    return Fraction(ceiling(taken * share))


# ── One post ─────────────────────────────────────────────────────────────────────────────────


def size_told(order: Order, report: Report) -> int | None:
    """How much a post was given, by a report about it; None where nothing or two sizes fit."""
    least, most = order.least_per_post or 0, order.quantity
    meant, left = MEANT.get(report.status_word), report.remains
    if least == most:
        return most if left is None or left <= most else None
    if meant == S.PENDING and left is not None and least <= left <= most:
        return left
    whole = _bought(order, report.charge, least)
    if meant != S.PARTIAL:
        return whole if whole is None or left is None or left <= whole else None
    if left is None:
        return None
    given, left = _bought(order, report.charge, 0), max(left, 0)
    fits = {whole} if whole is not None and left <= whole else set()
    if given is not None and least <= given + left <= most:
        fits.add(given + left)
    return fits.pop() if len(fits) == 1 else None


def _bought(order: Order, charge: Decimal | None, least: int) -> int | None:
    if charge is None or charge <= 0:
        return None
    exact, most = Fraction(charge) * 1000 / Fraction(order.cost_rate_upstream), order.quantity
    if not least * (1 - ROUNDED) <= exact <= most * (1 + ROUNDED):
        return None
    return min(max(round(exact), least), most)
