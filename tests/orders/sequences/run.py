"""One run of an order, or one post of a subscription, as far as sums ask for it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orders.enums import OrderStatus
from orders.models import Child, Order

S = OrderStatus


@dataclass(frozen=True)
class Run:
    """`size`: of a post, as far as it is known."""

    status: str
    remains: int | None = None
    unknown: bool = False
    charge: Decimal | None = None
    size: int | None = None

    @classmethod
    def of(cls, child: Any) -> "Run":
        charge = child.charge_upstream
        size = None if child.order.least_per_post is None else child.quantity
        return cls(child.status, child.remains, child.refund_unknown, charge, size)

    def done(self, each: int) -> int:
        """What it brought of `each`, as far as can be told."""
        if self.status == S.COMPLETED:
            return each
        if self.status == S.CANCELED or self.remains is None or self.remains > each:
            return 0
        return each - max(self.remains, 0)


def runs_of(order: Order) -> dict[str, Run]:
    """Those that are known, by the provider's ids, the first one first."""
    found = Child.objects.filter(order=order).select_related("order").order_by("number")
    return {child.upstream_id: Run.of(child) for child in found}
