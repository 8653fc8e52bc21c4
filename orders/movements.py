"""Writing down what moves a provider's balance, in the transaction in which we learn of it.

A charge is booked as quoted when an order is accepted; what its reports say later is booked as the
difference, so that the movements of an order always sum up to what the provider keeps for it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from orders import sql, statuses
from orders.enums import MovementKind, OrderStatus, Tier
from orders.models import Movement, Order, Submission
from orders.money import ZERO

ENDED = (OrderStatus.PARTIAL, OrderStatus.CANCELED)
"""The words after which less of a charge means that some of it came back."""


class Facts(NamedTuple):
    """What decides how much a provider keeps for an order, and since when that has been so."""

    id: int
    provider_id: int
    expected_charge_upstream: Decimal
    charge_upstream: Decimal | None
    upstream_status: str
    remains: int | None
    delivery_total: int | None
    changed_at: datetime
    status_at: datetime
    tier: int | None
    least_per_post: int | None

    @classmethod
    def of(cls, order: Any) -> "Facts":
        """Those of an order, as they stand now."""
        return cls(*(getattr(order, name) for name in cls._fields))


def kept(facts: Any) -> Decimal:
    """How much a provider keeps for an order, told by its `Facts` or by a row that has them."""
    if facts.least_per_post is not None:
        # What its posts have cost so far; before the first of them, nothing.
        return facts.charge_upstream or ZERO
    return statuses.charge_kept(
        facts.upstream_status,
        facts.expected_charge_upstream,
        facts.charge_upstream,
        facts.remains,
        facts.delivery_total,
    )


def charged(order: Order, submission: Submission, *, now: datetime) -> None:
    """Book the charge of an order that the provider has, as quoted: it took it for this sending."""
    begun = submission.sent_at or submission.claimed_at
    ended = submission.answered_at or submission.expires_at
    if order.is_subscription and order.charge_upstream is None:
        order.charge_upstream = ZERO
        order.save(update_fields=["charge_upstream"])
    if not order.charge_at_once:
        return
    Movement.objects.create(
        provider_id=order.provider_id,
        order=order,
        kind=MovementKind.CHARGE,
        amount=-order.charge_at_once,
        begun_at=begun,
        at=max(begun, ended),
        recorded_at=now,
    )


def changed(pairs: Iterable[tuple[Any, Any]], now: datetime) -> None:
    """Book what the provider took or gave back between the one and the other state of each order:
    its `Facts`, or a row that has them.

    At most two statements, none when no charge moved. The orders are locked by the caller.
    """
    moved = [
        (before, after, gained) for before, after in pairs if (gained := kept(before) - kept(after))
    ]
    if not moved:
        return
    first = _first_charges([before for before, after, _ in moved if _is_first(before, after)])
    rows = [
        _row(before, after, gained, first.get(before.id), now) for before, after, gained in moved
    ]
    sql.insert_rows(Movement, _COLUMNS, rows)


_COLUMNS = ("provider_id", "order_id", "kind", "amount", "begun_at", "at", "recorded_at", "memo")


def _is_first(before: Any, after: Any) -> bool:
    """Whether this is the first word on what was taken when the order was accepted."""
    if after.least_per_post is not None:
        return False
    return before.charge_upstream is None and not _has_ended(after)


def _has_ended(facts: Any) -> bool:
    return statuses.from_upstream(facts.upstream_status) in ENDED


def _first_charges(of: Sequence[Any]) -> dict[int, Movement]:
    if not of:
        return {}
    charges = Movement.objects.filter(order__in=[one.id for one in of], kind=MovementKind.CHARGE)
    return {one.order_id: one for one in charges.order_by("pk") if one.order_id is not None}


def _row(
    before: Any, after: Any, gained: Decimal, charge: Movement | None, now: datetime
) -> tuple[Any, ...]:
    # A first charge that is not the quoted one was taken with the order, however late we hear.
    begun, at = (charge.begun_at, charge.at) if charge else (_last_look(before, now), now)
    return after.provider_id, after.id, _kind(after, gained), gained, begun, at, now, ""


def _kind(after: Any, gained: Decimal) -> MovementKind:
    if after.least_per_post is not None:
        return MovementKind.RETURN if gained > 0 else MovementKind.CHARGE
    return MovementKind.RETURN if _has_ended(after) else MovementKind.CORRECTION


def _last_look(before: Any, now: datetime) -> datetime:
    """Since when it may have been so: two turns of its pace ago, or its last change."""
    pace = statuses.EVERY[Tier.OLD if before.tier is None else Tier(before.tier)]
    return max(before.changed_at, before.status_at, now - 2 * pace)
