"""What the provider answered, as typed values."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, NamedTuple

import msgspec

from orders.upstream.errors import Exchange
from orders.upstream.values import LARGEST_COUNT

Count = Annotated[int, msgspec.Meta(gt=-LARGEST_COUNT, lt=LARGEST_COUNT)]


class StatusReply(msgspec.Struct, frozen=True, gc=False):
    """Upstream's report about an order. `charge` is in `currency`; None is *not said, unreadable*.

    `remains_raw` keeps an unreadable `remains` as evidence; `orders` are the children of a
    drip-feed or a subscription, None where no list of them was given, `orders_unread` where
    something stood in it that is no id.
    """

    status: Annotated[str, msgspec.Meta(max_length=60)] = ""
    charge: Decimal | None = None
    currency: Annotated[str, msgspec.Meta(max_length=10)] = ""
    start_count: Count | None = None
    remains: Count | None = None
    remains_raw: str = ""
    runs: Count | None = None
    orders: tuple[str, ...] | None = None
    posts: Count | None = None
    expiry: Annotated[str, msgspec.Meta(max_length=40)] = ""
    orders_unread: bool = False


@dataclass(frozen=True)
class ItemError:
    """What upstream says is wrong with one item; its neighbours are not concerned."""

    text: str


@dataclass(frozen=True)
class Added:
    """An order was created. `charge` is what upstream said beside its id, if it did."""

    upstream_id: str
    charge: Decimal | None
    currency: str
    exchange: Exchange


@dataclass(frozen=True)
class RefillReply:
    """A refill was accepted; `refill_id` is "" where upstream gave none."""

    refill_id: str


@dataclass(frozen=True)
class RefillStatusReply:
    status: str


@dataclass(frozen=True)
class CancelReply:
    """A request to cancel was accepted; only a later status says that the order was canceled."""

    request_id: str


@dataclass(frozen=True)
class BalanceReply:
    amount: Decimal
    currency: str


class OfferRow(NamedTuple):
    """One service of a provider's catalog; `rate` is per 1000 (or per package), its currency."""

    upstream_id: str
    name: str
    type: str
    category: str
    rate: Decimal
    min: int
    max: int
    refill: bool | None
    cancel: bool | None
    dripfeed: bool | None
    description: str
    average_time: str
    refill_days: int | None


@dataclass(frozen=True)
class BadRow:
    """A row of a catalog that cannot be used: the how-manieth from 0, why, and its beginning.

    `upstream_id` is "" where not even that can be read.
    """

    index: int
    why: str
    excerpt: str
    upstream_id: str = ""


class Digests(NamedTuple):
    """What a catalog is known by: its bytes, and what they say in whatever order and spelling.

    "" is known of nothing, and of what has no digest.
    """

    body: str = ""
    content: str = ""


@dataclass(frozen=True)
class CatalogReply:
    """A catalog. `rows` is None when it is one of the digests that were given."""

    rows: list[OfferRow] | None
    bad_rows: list[BadRow]
    digests: Digests

    @property
    def unchanged(self) -> bool:
        return self.rows is None


def order_status_word(text: str) -> str:
    """A status in one spelling: `In progress` and `IN-PROGRESS` are `in_progress`."""
    return "_".join(text.casefold().replace("_", " ").replace("-", " ").split())
