"""Pages of a tier's orders and children, as far as a report is compared with them."""

from collections.abc import Sequence
from decimal import Decimal

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
    place = {"provider_id": provider_id, "tier": tier, "pk__gt": after}
    orders = Order.objects.filter(*shard.holds("pk"), **place)
    rows = orders.order_by("provider_id", "tier", "id")[:most]
    return sql.read_rows(rows, Stored.__struct_fields__, Stored)


def read_children(
    provider_id: int, tier: Tier, after: int, most: int, shard: Shard = WHOLE
) -> list[StoredChild]:
    """The next children of a tier, likewise."""
    place = {"provider_id": provider_id, "tier": tier, "pk__gt": after}
    children = Child.objects.filter(*shard.holds("order_id"), **place)
    rows = children.order_by("provider_id", "tier", "id")[:most]
    return sql.read_rows(rows, StoredChild.__struct_fields__, StoredChild)
