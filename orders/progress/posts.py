"""What the posts of a subscription add up to, as one report about its order. Pure: no database, no
clock.

Its whole price is held from the beginning: for the most per post, for every post. Whatever was
not delivered of that when it ends, for whichever reason, is owed, at the customer's own price: what
the provider charges tells at best how much a post got, never what it is worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from orders import statuses
from orders.enums import OrderStatus
from orders.kept_words import Sentence
from orders.money import ZERO
from orders.progress.adding_up import ENDED, Figures, delivered
from orders.progress.reports import Report
from orders.statuses import Standing

_S = OrderStatus
_TOO_FEW = Sentence(
    gettext_noop("Provider completed it, and told of %(told)s of %(ordered)s posts.")
)
_MOVED = Sentence(
    gettext_noop("Provider's rate changed: what %(count)s of its posts got is not sure.")
)
_UNREAD = Sentence(
    gettext_noop(
        "Provider's catalog was not read since its posts ended:"
        " what %(count)s of them got is not sure."
    )
)
OVER = (Standing.EXPIRED, Standing.COMPLETED, Standing.CANCELED)


class RateIs(Enum):
    """What is known of the provider's rate since a subscription was ordered. Only one that is known
    to be the same still lets a charge tell how much a post got."""

    KEPT = auto()
    MOVED = auto()
    UNREAD = auto()
    """Its catalog has not been read since the last news of its posts; that may come."""
    MISSED = auto()
    """Nor was it in time."""
    DECIDED = auto()
    """A person has said what was owed, by what was known then."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What was ordered: so many posts between the least and the most, at a rate per 1000; where the
    order stands, whether its last day is over, and what is known of that rate by now."""

    posts: int
    least: int
    most: int
    rate: Decimal
    status: str
    is_over: bool
    rate_is: RateIs = RateIs.KEPT

    @property
    def total(self) -> int:
        return self.posts * self.most

    def is_sure_of(self, post: Figures) -> bool:
        """Whether what an ended post got, as far as it is known, is so whatever the rate did."""
        if self.rate_is == RateIs.KEPT or post.quantity is None:
            return True
        if post.status in (_S.CANCELED, _S.FAILED):
            return True
        between = (self.least, self.most)
        return statuses.is_size_sure(post.quantity, post.remains, post.charge, self.rate, between)

    def awaits_rate(self, posts: Sequence[Figures]) -> bool:
        """Whether how much some ended post got hangs on the next reading of the catalog."""
        if self.rate_is != RateIs.UNREAD or self.status in ENDED:
            return False
        return not all(map(self.is_sure_of, posts))


def add_up_posts(
    said: Report, agreed: Subscribed, posts: Sequence[Figures], *, is_doubtful: bool
) -> Report | None:
    """The report that follows from the provider's word for the whole and from its posts.

    `remains` is what is left of all that is held, and once everything has ended it is what is
    owed. `is_doubtful`: the list of posts cannot be relied on, so that a person decides then.
    None: an ended order is left as it is while a post that came late goes on.
    """
    standing = statuses.standing_from_upstream(said.status_word)
    known = replace(
        said,
        charge=_charge(agreed, posts),
        currency="",
        start_count=None,
        remains=_left(agreed, posts),
        remains_raw="",
        is_cost_open=agreed.status not in ENDED,
    )
    if standing is None:
        return known  # not begun, failed, or a word that is not known
    known = replace(known, status_word=standing.value, status=statuses.while_under_way(standing))
    if standing not in OVER and not agreed.is_over:
        return known
    if any(post.status not in ENDED and post.status != _S.FAILED for post in posts):
        return None if agreed.status in ENDED else known
    if agreed.awaits_rate(posts):
        return replace(known, awaits_rate=True)
    return _settled(known, agreed, posts, standing, is_doubtful=is_doubtful)


def _settled(
    known: Report,
    agreed: Subscribed,
    posts: Sequence[Figures],
    standing: Standing,
    *,
    is_doubtful: bool,
) -> Report:
    known = replace(known, is_cost_open=False)
    missing = agreed.posts - len(posts)
    if standing == Standing.COMPLETED and missing > 0:
        odd = _TOO_FEW.of(told=len(posts), ordered=agreed.posts)
        known, is_doubtful = replace(known, odd=f"{known.odd} {odd}".strip()), True
    unsure = sum(not agreed.is_sure_of(post) for post in posts)
    if unsure and agreed.rate_is != RateIs.DECIDED:
        odd = (_MOVED if agreed.rate_is == RateIs.MOVED else _UNREAD).of(count=f"{unsure:,}")
        known = replace(known, odd=f"{known.odd} {odd}".strip())
    if is_doubtful or unsure or not all(map(_is_clear, posts)):
        return replace(known, status=_S.PARTIAL, remains=None)
    if known.remains == agreed.total:
        return replace(known, status=_S.CANCELED)
    if known.remains or agreed.status == _S.PARTIAL:
        return replace(known, status=_S.PARTIAL)
    return replace(known, status=_S.COMPLETED)


def _is_clear(post: Figures) -> bool:
    """Whether it is known how much of an ended post was delivered."""
    if post.unknown or post.status == _S.FAILED:
        return False
    return post.status == _S.CANCELED or post.quantity is not None


def _left(agreed: Subscribed, posts: Sequence[Figures]) -> int:
    return agreed.total - sum(
        delivered(post, post.quantity) for post in posts if post.quantity is not None
    )


def _charge(agreed: Subscribed, posts: Sequence[Figures]) -> Decimal:
    """What the provider keeps of what the posts cost: nobody charges for the whole."""
    return sum((_kept(agreed, post) for post in posts), ZERO)


def _kept(agreed: Subscribed, post: Figures) -> Decimal:
    if post.charge is None and post.quantity is None:
        return ZERO
    expected = post.charge if post.quantity is None else agreed.rate * post.quantity / 1000
    assert expected is not None  # one of the two is known
    return statuses.charge_kept(post.status, expected, post.charge, post.remains, post.quantity)
