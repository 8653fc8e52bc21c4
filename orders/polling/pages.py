"""Pages of a tier's orders and children, as far as a report is compared with them."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

import msgspec

from orders import sql
from orders.enums import Tier
from orders.models import Child, Order
from orders.polling.shards import WHOLE, Shard
from orders.progress import Said


class Stored(msgspec.Struct, frozen=True, gc=False):
    """What an order holds of its last report."""

    id: int
    upstream_id: str
    flag: str
    upstream_status: str
    charge_upstream: Decimal | None
    start_count: int | None
    remains: int | None

    @property
    def told(self) -> Said:
        return self.upstream_status, self.charge_upstream, self.start_count, self.remains


class StoredChild(Stored, frozen=True, gc=False):
    """The same of a child; the id is the child's own."""


Page = Sequence[Stored]


def read_page(
    provider_id: int, tier: Tier, after: int, most: int, shard: Shard = WHOLE
) -> list[Stored]:
    """The next orders of a tier, by id, along the one index that knows them."""
    return _orders(shard).rows(provider_id, int(tier), after, most)


def read_children(
    provider_id: int, tier: Tier, after: int, most: int, shard: Shard = WHOLE
) -> list[StoredChild]:
    """The next children of a tier, likewise."""
    return _children(shard).rows(provider_id, int(tier), after, most)


@cache
def _orders(shard: Shard) -> sql.Reading[Stored]:
    return sql.Reading(Order, Stored.__struct_fields__, Stored, _next(shard.holds("id")))


@cache
def _children(shard: Shard) -> sql.Reading[StoredChild]:
    return sql.Reading(
        Child, StoredChild.__struct_fields__, StoredChild, _next(shard.holds("order_id"))
    )


def _next(of_shard: str) -> str:
    return (
        f"WHERE provider_id = %s AND tier = %s AND id > %s{of_shard}"
        " ORDER BY provider_id, tier, id LIMIT %s"
    )
